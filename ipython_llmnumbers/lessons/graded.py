"""The lesson for nbgrader and for Otter-Grader, which take the answers out and give the points.

An exercise is a line such as `ex2 = 1560` to fill in, and a cell that checks it by `%llmnumbers --check`: the
right answer is computed there and stands in no file. The quiz gives no points: a guess is no achievement.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..estimates.classroom.exercises import Exercise
from .notebook import notebook, notebook_cell
from .papers import Papers, bare_answer
from .source import Cell

_SCHEMA_VERSION = 3


def nbgrader_notebook(papers: Papers) -> str:
    """The source version of an nbgrader assignment: an autograded test behind each answer.

    Tags by nbgrader's schema 3 (nbgrader/nbgraderformat/v3.json). A cell of text is never an answer, which
    nbgrader would not take without a grade (jupyter/nbgrader#907), each `grade_id` is there once
    (jupyter/nbgrader#1083), and what is outside BEGIN and END SOLUTION stays in the release.
    """
    cells: list[dict[str, Any]] = []
    for index, cell in enumerate(_shared_cells(papers)):
        if isinstance(cell, Exercise):
            cells += _nbgrader_exercise(papers, cell)
        elif cell.kind == "code":
            cells.append(notebook_cell("code", cell.text))  # to play with, and not kept by nbgrader
        else:
            cells.append(_tagged("markdown", cell.text, f"text-{index}", locked=True))
    return notebook(cells)


def otter_notebook(papers: Papers) -> str:
    """The source of an Otter assignment, for `otter assign`: raw cells frame each question."""
    config = f"# ASSIGNMENT CONFIG\nname: llmnumbers-{papers.options.language}\ninit_cell: true"
    cells = [notebook_cell("raw", config)]
    for cell in _shared_cells(papers):
        if isinstance(cell, Exercise):
            cells += _otter_exercise(cell)
        else:
            cells.append(notebook_cell(cell.kind, cell.text))
    return notebook(cells)


def _shared_cells(papers: Papers) -> Iterator[Cell | Exercise]:
    """The student's cells, in which each exercise stands by itself behind the cell that had it."""
    exercises = {exercise.row.key: exercise for exercise in papers.exercises}
    for cell in papers.lesson.cells:
        if cell.audience != "all":
            continue
        lines = [line for line in papers.fill(cell).splitlines() if "--check" not in line]
        text = "\n".join(lines).strip()
        if text:
            yield Cell(cell.kind, text, cell.part)
        yield from (exercises[key] for key in cell.exercises)


def _nbgrader_exercise(papers: Papers, exercise: Exercise) -> list[dict[str, Any]]:
    key = exercise.row.key
    answer = f"### BEGIN SOLUTION\n{_answer(exercise)}\n### END SOLUTION"
    check = (
        f"# {papers.labels['one_point_here']}\n"
        f"checked = {_check(key)}\n"
        "display(checked)\n"
        "assert checked.details.is_right"
    )
    return [
        _tagged("markdown", _asked(exercise), f"{key}-text", locked=True),
        _tagged("code", f"# {papers.labels['your_answer'].format(exercise=key)}\n{answer}", f"{key}-answer"),
        _tagged("code", check, key, locked=True, points=1),
    ]


def _otter_exercise(exercise: Exercise) -> list[dict[str, Any]]:
    key = exercise.row.key
    passed = {
        "data": {"text/plain": ["True"]},
        "execution_count": None,
        "metadata": {},
        "output_type": "execute_result",
    }
    return [
        notebook_cell("raw", f"# BEGIN QUESTION\nname: {key}\npoints: 1"),
        notebook_cell("markdown", _asked(exercise)),
        notebook_cell("raw", "# BEGIN SOLUTION"),
        notebook_cell("code", f"{_answer(exercise)} # SOLUTION"),
        notebook_cell("raw", "# END SOLUTION"),
        notebook_cell("raw", "# BEGIN TESTS"),
        notebook_cell("code", f"{_check(key)}.details.is_right") | {"outputs": [passed]},
        notebook_cell("raw", "# END TESTS"),
        notebook_cell("raw", "# END QUESTION"),
    ]


def _asked(exercise: Exercise) -> str:
    return f"**{exercise.row.key}** {exercise.text}".replace("$", "\\$")


def _check(key: str) -> str:
    """The magic as a call: on a line that begins with % a variable's value is not put in."""
    return f'get_ipython().run_line_magic("llmnumbers", f"--check {key} {{{key}}}")'


def _answer(exercise: Exercise) -> str:
    return f"{exercise.row.key} = {bare_answer(exercise)}"


def _tagged(kind: str, text: str, grade_id: str, *, locked: bool = False, points: int = 0) -> dict[str, Any]:
    """A cell with nbgrader's tags: what is not locked is an answer, and a locked one with points a test."""
    tags = {
        "schema_version": _SCHEMA_VERSION,
        "grade_id": grade_id,
        "grade": bool(points),
        "solution": not locked,
        "locked": locked,
        "task": False,
    }
    return notebook_cell(kind, text, nbgrader=tags | ({"points": points} if points else {}))
