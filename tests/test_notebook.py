"""`examples/gpu_fit.ipynb` runs top to bottom, with and without a GPU, and shows what is stored in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from test_golden import without_versions

pytestmark = pytest.mark.slow

NOTEBOOK = Path(__file__).parent.parent / "examples" / "gpu_fit.ipynb"
A100 = "NVIDIA A100-SXM4-80GB:85899345920:19327352832"


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def text_of(cell: Any) -> str:
    """What a cell shows as plain text."""
    shown = (
        each.text if each.output_type == "stream" else each.data["text/plain"]
        for each in cell.get("outputs", ())
    )
    return "".join(shown)


def run() -> Any:
    notebook = read()
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    return notebook


def test_without_a_gpu_it_shows_what_is_stored() -> None:
    stored, fresh = read(), run()
    for before, after in zip(stored.cells, fresh.cells, strict=True):
        if "machine" not in before.metadata.get("tags", ()):
            assert without_versions(text_of(after)) == without_versions(text_of(before)), before.source
    shown = text_of(fresh.cells[3])
    assert "Llama-3.1-8B in bf16 on" in shown


def test_with_a_gpu_it_is_the_one_that_is_judged(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", str(driver.parent), prepend=os.pathsep)
    monkeypatch.setenv("FAKE_NVML_GPUS", A100)
    notebook = run()
    assert "✔ fits  Llama-3.1-8B in bf16 on GPU 0: NVIDIA A100-SXM4-80GB" in text_of(notebook.cells[3])
    assert all(text_of(cell) for cell in notebook.cells[2:] if cell.cell_type == "code")


def test_its_outputs_are_small_and_stay_offline() -> None:
    assert NOTEBOOK.stat().st_size < 120_000
    for cell in read().cells:
        for output in cell.get("outputs", ()):
            assert output.output_type != "error"
            assert "<script" not in output.get("data", {}).get("text/html", "")
