"""Run the example notebooks and keep what they show, for readers who do not run them; write the lessons anew.

`python examples/store_outputs.py`, on a machine without a GPU. What they call is a provider on this machine.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from ipython_llmnumbers.lessons.notebook import student_notebook
from ipython_llmnumbers.lessons.papers import Options, Papers

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "tests"))

from fake_provider import fake_provider  # noqa: E402 (a file beside the tests)

# The provider's port is another each time.
_PORT = re.compile(r"(?<=http://127\.0\.0\.1):\d+")
LESSONS = {
    "numbers_lesson.ipynb": Options(language="en", has_gpu=False),
    "numbers_lesson_ja.ipynb": Options(language="ja", has_gpu=False, rate="150@2026-11-24"),
}


def tidy(cell: Any) -> None:
    """Keep a cell's text, HTML and Markdown: no times of the run, no widgets, one stream in one piece."""
    cell.metadata.pop("execution", None)
    # A bar of progress, which is gone at the end.
    outputs = [each for each in cell.get("outputs", []) if each.get("name") != "stderr"]
    if cell.cell_type == "code":
        cell.outputs = outputs
    if outputs and all(each.output_type == "stream" for each in outputs):
        outputs[0].text = "".join(each.text for each in outputs)
        cell.outputs = outputs[:1]
    for each in outputs:
        for kind in [kind for kind in each.get("data", {}) if kind.startswith("application/")]:
            del each.data[kind]
        for kind, text in each.get("data", {}).items():
            each.data[kind] = _PORT.sub("", text)


def store(path: Path) -> None:
    """Run a notebook in a fresh kernel and write it back."""
    notebook = nbformat.read(path, as_version=4)
    # The corpus takes minutes to generate and to count.
    NotebookClient(notebook, timeout=3_600, kernel_name="python3").execute()
    for cell in notebook.cells:
        tidy(cell)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)


def write_lessons() -> None:
    """The students' copies of the lessons, as `python -m ipython_llmnumbers lesson` writes them."""
    for name, options in LESSONS.items():
        (FOLDER / name).write_text(student_notebook(Papers(options)), encoding="utf-8")


if __name__ == "__main__":
    write_lessons()
    with fake_provider() as provider:
        os.environ["OPENAI_BASE_URL"] = f"{provider.url}/v1"
        for path in sorted(FOLDER.glob("*.ipynb")):
            store(path)
            print(path.name)
