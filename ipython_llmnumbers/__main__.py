"""`python -m ipython_llmnumbers`: `annotate` a notebook, write a `lesson`, answer a program's `line`s."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from typing import Any

from .catalog.defaults import DEFAULT_MODEL
from .errors import LLMNumbersError
from .messages import LANGUAGES, speaking


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 where it worked, 1 with one line on stderr where it did not."""
    options = _parser().parse_args(arguments)
    if options.command == "line":
        from .live.line_process import answer_lines

        answer_lines(options.root)
        return 0
    _write_any_character()
    return _lesson(options) if options.command == "lesson" else _annotate(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ipython_llmnumbers")
    commands = parser.add_subparsers(dest="command", required=True)
    annotate_ = commands.add_parser(
        "annotate",
        help="write a copy of a notebook, or of all in a folder, with the cost under each cell with prompts",
    )
    annotate_.add_argument(
        "notebook", metavar="IN.ipynb|FOLDER", help="the notebook or folder; it is read, never run or changed"
    )
    annotate_.add_argument("output", metavar="OUT.ipynb|FOLDER", help="the annotated copy or copies")
    annotate_.add_argument(
        *("-m", "--model"),
        default=DEFAULT_MODEL,
        help=f"for prompts beside which no model stands; default: {DEFAULT_MODEL}",
    )
    annotate_.add_argument(
        "--lang", default="en", choices=LANGUAGES, help="the language of what is written; default: en"
    )
    annotate_.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a file that is no such copy, or was changed since it was written",
    )
    _add_lesson(commands)
    line = commands.add_parser(
        "line", help="answer each JSON line of stdin with the live line of its cell; for front ends"
    )
    line.add_argument("--root", metavar="DIR", help="open no path of a cell outside this folder")
    return parser


def _add_lesson(commands: Any) -> None:
    lesson = commands.add_parser(
        "lesson", help="write a lesson: the student's and the teacher's notebook, slides, sheets to print"
    )
    lesson.add_argument("folder", nargs="?", default="lesson", help="where to write; default: lesson")
    lesson.add_argument(
        "--lang", default="en", choices=LANGUAGES, help="the language of the lesson; default: en"
    )
    lesson.add_argument("--minutes", type=int, default=45, choices=(45, 90), help="its length; default: 45")
    lesson.add_argument("--no-gpu", action="store_true", help="the room has no GPU: leave out its own")
    lesson.add_argument("--rate", default="", metavar="JPY@DAY", help="yen for a dollar: 150@2026-11-24")
    lesson.add_argument("--seed", type=int, default=2023, help="the seed of the quiz; default: 2023")
    lesson.add_argument("--student", type=int, default=0, help="whose numbers the exercises have; default: 0")
    lesson.add_argument(
        "--students",
        type=int,
        default=40,
        help="how many numbers the grading sheet has; default: 40",
    )
    lesson.add_argument("--overwrite", action="store_true", help="replace files that were changed since")


def _write_any_character() -> None:
    """A Windows console or a pipe may not hold every character: the files are written all the same."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _lesson(options: argparse.Namespace) -> int:
    from .lessons.papers import Options
    from .lessons.write import write_lesson
    from .magics.flags import as_flag

    with speaking(options.lang, as_flag):
        try:
            chosen = Options(
                language=options.lang,
                minutes=options.minutes,
                seed=options.seed,
                student=options.student,
                n_students=options.students,
                rate=options.rate,
                has_gpu=not options.no_gpu,
            )
            for path in write_lesson(options.folder, chosen, overwrite=options.overwrite):
                print(path)
        except LLMNumbersError as error:
            print(f"llmnumbers: {error}", file=sys.stderr)
            return 1
    return 0


def _annotate(options: argparse.Namespace) -> int:
    from .magics.flags import as_flag
    from .notebooks.ipython_syntax import annotate

    with speaking(options.lang, as_flag):
        try:
            print(annotate(options.notebook, options.output, options.model, overwrite=options.overwrite))
        except LLMNumbersError as error:
            print(f"llmnumbers: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
