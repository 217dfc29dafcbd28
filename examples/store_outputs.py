"""Run the example notebooks and keep what they show, for readers who do not run them.

`python examples/store_outputs.py`, on a machine without a GPU.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent


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


def store(path: Path) -> None:
    """Run a notebook in a fresh kernel and write it back."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    for cell in notebook.cells:
        tidy(cell)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.ipynb")):
        store(path)
        print(path.name)
