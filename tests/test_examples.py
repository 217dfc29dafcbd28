"""Every example notebook runs from top to bottom in a real kernel, and is stored with its outputs."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from fake_provider import fake_provider
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.ipynb"))


@pytest.fixture(params=EXAMPLES, ids=lambda path: path.name)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


@pytest.fixture(scope="module", autouse=True)
def _provider():
    """What the notebooks call is on this machine."""
    with fake_provider() as provider, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_BASE_URL", f"{provider.url}/v1")
        yield


def test_it_runs(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("CORPUS_MB", "20")  # of examples/corpus.ipynb, whose stored outputs are of 1 GB
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    nbformat.validate(notebook)


def test_it_is_stored_with_its_outputs_and_no_error(notebook):
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert len(outputs) >= 5
    assert not [output for output in outputs if output.output_type == "error"]
