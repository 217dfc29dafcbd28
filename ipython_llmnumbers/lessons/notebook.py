"""The lesson as notebooks: the student's without answers, the teacher's with the solutions and the time plan.

Cells carry the tags of nbgrader (schema 3): what a student fills in is a manually graded answer, and the rest
is read-only. A cell of text is never an answer, which nbgrader would not take without a grade
(jupyter/nbgrader#907), and each `grade_id` is there once (jupyter/nbgrader#1083).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .papers import Papers, answer_value
from .source import Cell

_SCHEMA_VERSION = 3


def student_notebook(papers: Papers) -> str:
    """The student's copy as JSON: no outputs and no answers."""
    cells = [cell for cell in papers.lesson.cells if cell.audience == "all"]
    return _notebook([(cell, papers.fill(cell)) for cell in cells])


def teacher_notebook(papers: Papers) -> str:
    """The teacher's copy: the same cells with the answers, and beside them what to say and to expect."""
    return _notebook(list(_teachers_cells(papers)))


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


def _notebook(cells: list[tuple[Cell, str]]) -> str:
    notebook = {
        "cells": [_cell(index, cell, text) for index, (cell, text) in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(index: int, cell: Cell, text: str) -> dict[str, Any]:
    is_answered = cell.kind == "code" and ("--check" in text or "--answers" in text)
    grade_id = f"llmnumbers-{cell.part}-{index}"
    nbgrader = {
        "schema_version": _SCHEMA_VERSION,
        "grade_id": grade_id,
        "cell_type": cell.kind,
        "grade": is_answered,
        "solution": is_answered,
        "locked": not is_answered,
        "task": False,
    }
    if is_answered:
        nbgrader["points"] = max(1, len(cell.exercises))
    tags = ["teacher"] if cell.audience == "teacher" else ["exercise"] if is_answered else []
    slide = "skip" if cell.kind == "code" or cell.audience == "teacher" else "slide"
    metadata = {"tags": tags, "nbgrader": nbgrader, "slideshow": {"slide_type": slide}}
    written: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": grade_id,
        "metadata": metadata,
        "source": text.splitlines(keepends=True),
    }
    return written | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})
