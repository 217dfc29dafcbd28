"""`python -m ipython_llmnumbers`: `annotate` a notebook, or answer each `line` of another program."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence

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
    return _annotate(options)


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
    line = commands.add_parser(
        "line", help="answer each JSON line of stdin with the live line of its cell; for front ends"
    )
    line.add_argument("--root", metavar="DIR", help="open no path of a cell outside this folder")
    return parser


def _annotate(options: argparse.Namespace) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A Windows console or a pipe may not hold every character: the copy is written all the same.
        sys.stdout.reconfigure(errors="backslashreplace")
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
