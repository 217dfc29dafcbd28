"""The lesson to show and to print: slides, an A4 sheet blank and filled, a grading sheet; each is one file.

They need no network, no script and no font of their own: a browser shows and prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from ..estimates.classroom.exercises import Exercise
from .papers import Papers, answer_value

_FONT = 'font-family:system-ui,"Hiragino Sans","Yu Gothic","Noto Sans CJK JP",sans-serif'
_SHORT = 20  # characters that stay in one line: a number with its unit
_PRINTED = (
    f"body{{{_FONT};font-size:10pt;line-height:1.35;max-width:184mm;margin:8mm auto}}"
    "@page{size:A4;margin:12mm 13mm}"
    "table{border-collapse:collapse;width:100%;margin:1.5mm 0}"
    "th,td{border:.3mm solid #888;padding:1mm 2mm;text-align:left;vertical-align:top}"
    "th{white-space:nowrap}td.blank{min-width:14mm}td.short{white-space:nowrap}"
    "h1{font-size:15pt;margin:0 0 2mm}h2{font-size:12pt;margin:3mm 0 1mm}tr{break-inside:avoid}"
    "p{margin:2mm 0}p.small{font-size:9pt;color:#555}"
    "@media print{body{margin:0;max-width:none}p.screen{display:none}}"
)
_SHOWN = (
    f"html{{scroll-snap-type:y mandatory}}body{{{_FONT};margin:0;line-height:1.5}}"
    "section{min-height:100vh;box-sizing:border-box;padding:6vh 9vw;scroll-snap-align:start;"
    "break-after:page;display:flex;flex-direction:column;justify-content:center}"
    "h1{font-size:6vmin;margin:0 0 4vmin;text-wrap:balance;word-break:auto-phrase}"
    "li,td,th{font-size:4vmin;text-align:left}li{margin:1.5vmin 0}ol li{font-size:3.4vmin}"
    "td,th{padding:0 4vmin 1vmin 0}p{font-size:3.2vmin}code{font-size:.9em}"
    "@page{size:A4 landscape;margin:0}"
)


def slides(papers: Papers) -> str:
    """A slide for each part, and one for the quiz and for the exercises of each part."""
    shown: list[str] = []
    for part, _ in papers.lesson.parts.items():
        title = papers.lesson.title_of(part)
        points = [
            papers.fill(cell) for cell in papers.lesson.cells_of(part, "markdown") if cell.audience == "slide"
        ]
        shown.append(_slide(title, _bullets("\n".join(points))))
        if part == "start":
            rows = [(papers.span(start, end), title) for start, end, _, title in papers.schedule()]
            shown.append(
                _slide(
                    papers.labels["time_plan"],
                    _table((papers.labels["minutes"], papers.labels["part"]), rows),
                )
            )
        if part == "guess":
            shown.append(_slide(_paper_line(papers), _numbered(enumerate(papers.questions(), start=1))))
        keys = _exercises_of(papers, part)
        asked = [(_number(each), each.text) for each in papers.exercises if each.row.key in keys]
        if asked:
            shown.append(_slide(papers.labels["exercises"], _numbered(asked)))
    return _page(papers, papers.lesson.title_of("start"), _SHOWN, shown)


def sheet(papers: Papers, *, is_filled: bool) -> str:
    """One A4 sheet: a place for the name, the questions to guess, the exercises; filled, with the answers."""
    labels = papers.labels
    guesses = zip(papers.questions(), papers.quiz_answers(), papers.quiz_units(), strict=True)
    quiz = [
        (str(index), question, papers.amount(float(answer) if is_filled else None, unit), "")
        for index, (question, answer, unit) in enumerate(guesses, start=1)
    ]
    exercises = [
        (
            str(_number(exercise)),
            exercise.text,
            papers.amount(answer_value(exercise) if is_filled else None, exercise.row.unit),
        )
        for exercise in papers.exercises
    ]
    body = [
        f"<h1>{escape(labels['sheet_title'])}</h1>",
        f"<p>{escape(labels['name'])} ______________________ {escape(labels['student'])} ______"
        f"  {escape(_paper_line(papers))}</p>",
        f"<h2>{escape(labels['quiz'])}</h2>",
        _table(
            ("", labels["asked"], labels["answer"] if is_filled else labels["guess"], labels["range"]), quiz
        ),
        f"<h2>{escape(labels['exercises'])}</h2>",
        _table(("", labels["asked"], labels["answer"]), exercises),
        f'<p class="small screen">{escape(labels["print_hint"])}</p>',
    ]
    return _page(papers, labels["sheet_title"], _PRINTED, body)


def grading(papers: Papers) -> str:
    """How points are given, and the answer to each exercise for each student's number."""
    labels, options = papers.labels, papers.options
    rubric = [
        (
            exercise.row.key,
            f"{exercise.row.tolerance:.0%}" if exercise.row.tolerance else labels["exact"],
            exercise.row.unit,
            "1",
        )
        for exercise in papers.exercises
    ]
    head = (labels["student"], *(exercise.row.key for exercise in papers.exercises), labels["points"])
    rows = [
        (
            str(student),
            *(papers.number(answer_value(exercise)) for exercise in papers.exercises_of(student)),
            "",
        )
        for student in range(options.n_students + 1)
    ]
    body = [
        f"<h1>{escape(labels['grading_title'])}</h1>",
        f"<p>{escape(_paper_line(papers))}</p><p>{escape(labels['one_point'])}</p>",
        _table((labels["exercise"], labels["tolerance"], "", labels["points"]), rubric),
        f"<h2>{escape(labels['each_student'])}</h2>",
        _table(head, rows),
        f'<p class="small screen">{escape(labels["print_hint"])}</p>',
    ]
    return _page(papers, labels["grading_title"], _PRINTED, body)


def _exercises_of(papers: Papers, part: str) -> list[str]:
    return [key for cell in papers.lesson.cells_of(part, "code") for key in cell.exercises]


def _number(exercise: Exercise) -> int:
    return int(exercise.row.key.removeprefix("ex"))


def _paper_line(papers: Papers) -> str:
    return papers.labels["paper"].format(paper=papers.paper.id, seed=papers.options.seed)


def _page(papers: Papers, title: str, style: str, body: Iterable[str]) -> str:
    language = papers.options.language
    return (
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style>\n" + "\n".join(body) + "\n</html>\n"
    )


def _slide(title: str, inside: str) -> str:
    return f"<section><h1>{escape(title)}</h1>{inside}</section>"


def _bullets(markdown: str) -> str:
    lines = [line.removeprefix("- ") for line in markdown.splitlines() if line.strip()]
    return f"<ul>{''.join(f'<li>{_inline(line)}</li>' for line in lines)}</ul>"


def _numbered(lines: Iterable[tuple[int, str]]) -> str:
    items = "".join(f'<li value="{number}">{_inline(line)}</li>' for number, line in lines)
    return f"<ol>{items}</ol>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    heads = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _cell(text: str) -> str:
    kind = ' class="blank"' if not text else ' class="short"' if len(text) < _SHORT else ""
    return f"<td{kind}>{_inline(text)}</td>"


def _inline(text: str) -> str:
    """Code and bold of Markdown; everything else is text."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text)))
