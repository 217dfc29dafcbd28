"""Write all papers of a lesson into a folder."""

from __future__ import annotations

from pathlib import Path

from ..files.reading import user_path
from ..files.writing import make_folder, write_text
from .graded import nbgrader_notebook, otter_notebook
from .notebook import student_notebook, teacher_notebook
from .pages import grading, sheet, slides
from .papers import Options, Papers


def write_lesson(folder: str, options: Options, *, overwrite: bool = False) -> list[Path]:
    """Write the student's and the teacher's notebook, those for graders, the slides, and the sheets to print.

    A file that is there already is replaced only if it says the same: it may hold a teacher's changes.

    Raises:
        FileError: a file that cannot be written, or that says something else.
        UsageError: a rate that is none.
    """
    papers = Papers(options)
    texts = {
        "student.ipynb": student_notebook(papers),
        "teacher.ipynb": teacher_notebook(papers),
        "nbgrader.ipynb": nbgrader_notebook(papers),
        "otter.ipynb": otter_notebook(papers),
        "slides.html": slides(papers),
        "sheet.html": sheet(papers, is_filled=False),
        "sheet_filled.html": sheet(papers, is_filled=True),
        "grading.html": grading(papers),
    }
    place = user_path(folder)
    make_folder(place)
    paths = []
    for name, text in texts.items():
        path = place / name
        write_text(path, text, is_ours=text.encode().__eq__, overwrite=overwrite)
        paths.append(path)
    return paths
