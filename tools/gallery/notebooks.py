"""Notebooks of every display, as magics with their outputs or as code to run."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

from .displays import DISPLAYS, FUNCTIONS
from .terminal import PATIENCE_S

MAGICS = ("%load_ext ipython_llmnumbers", *(each.magic for each in DISPLAYS))
IMPORTS = f"from ipython_llmnumbers import {', '.join(FUNCTIONS)}"
NAME = "displays.ipynb"


def run_displays(folder: Path) -> Path:
    """A notebook of the magics with their outputs, each a slide of its own."""
    path = folder / NAME
    notebook = write_notebook(path, *MAGICS)
    NotebookClient(notebook, timeout=PATIENCE_S).execute()
    for cell in notebook.cells:
        cell.metadata["slideshow"] = {"slide_type": "slide"}
    notebook.cells[0].metadata["slideshow"] = {"slide_type": "skip"}
    nbformat.write(notebook, path)
    return path


def write_notebook(path: Path, *codes: str) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = list(map(nbformat.v4.new_code_cell, codes))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
    return notebook
