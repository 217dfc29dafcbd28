"""The lesson as notebooks: the student's without answers, the teacher's with solutions and the time plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from .papers import Papers, answer_value
from .source import Cell


def student_notebook(papers: Papers) -> str:
    """The student's copy as JSON: no outputs and no answers."""
    cells = [cell for cell in papers.lesson.cells if cell.audience == "all"]
    return notebook(_cell(cell, papers.fill(cell)) for cell in cells)


def teacher_notebook(papers: Papers) -> str:
    """The teacher's copy: the same cells with the answers, and beside them what to say and to expect."""
    return notebook(_cell(cell, text) for cell, text in _teachers_cells(papers))


def _teachers_cells(papers: Papers) -> Iterator[tuple[Cell, str]]:
    minutes = {part: (start, end) for start, end, part, _ in papers.schedule()}
    for cell in papers.lesson.cells:
        if cell.audience == "slide":
            continue
        text = papers.fill_with_answers(cell)
        if cell.audience == "teacher":
            start, end = minutes[cell.part]
            time = papers.labels["minutes_of"].format(start=start, end=end)
            text = f"**{papers.labels['for_the_teacher']}** ({time})\n\n{text}"
        yield cell, text
    yield Cell("markdown", "", "solutions", "teacher"), solutions(papers)


def solutions(papers: Papers) -> str:
    """The answer to each exercise with this copy's numbers, as a Markdown table."""
    labels = papers.labels
    head = [labels["exercise"], labels["asked"], labels["answer"], labels["tolerance"]]
    rows = [f"## {labels['solutions']}", "", f"| {' | '.join(head)} |", "|---|---|---|---|"]
    for exercise in papers.exercises:
        answer = papers.amount(answer_value(exercise), exercise.row.unit)
        tolerance = f"{exercise.row.tolerance:.0%}" if exercise.row.tolerance else labels["exact"]
        asked = exercise.text.replace("|", "\\|").replace("$", "\\$")
        rows.append(f"| {exercise.row.key} | {asked} | {answer.replace('$', chr(92) + '$')} | {tolerance} |")
    return "\n".join(rows)


def notebook(cells: Iterable[dict[str, Any]]) -> str:
    """Cells as the JSON of a notebook; each gets an id of its place."""
    written = {
        "cells": [cell | {"id": f"llmnumbers-{index}"} for index, cell in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n"


def notebook_cell(kind: str, text: str, **metadata: Any) -> dict[str, Any]:
    """A code, Markdown or raw cell without an output."""
    cell = {"cell_type": kind, "metadata": metadata, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _cell(cell: Cell, text: str) -> dict[str, Any]:
    tags = ["teacher"] if cell.audience == "teacher" else ["exercise"] if cell.is_answered else []
    slide = "skip" if cell.kind == "code" or cell.audience == "teacher" else "slide"
    return notebook_cell(cell.kind, text, tags=tags, slideshow={"slide_type": slide})
