"""`docs/models.md` is what the tables say: every model that its maker sells, and what is not known of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.catalog.prices.genai_prices import first_hand_models

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "models.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="an installed wheel has no docs")


def rows():
    """The cells of each model by its name, under the names of their columns."""
    columns = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "model":
            columns = cells
        elif line.startswith("| `"):
            yield cells[0].strip("`"), dict(zip(columns, cells, strict=True))


def test_the_page_is_as_its_script_writes_it():
    script = ROOT / "tools" / "models_page.py"
    if not script.exists():
        pytest.skip("the sdist has no tools")
    run = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_model_that_its_maker_sells_is_on_the_page():
    named = [name for name, _ in rows()]
    assert len(named) > 350
    missing = {model for _, model in first_hand_models()} - set(named)
    # Others' models on Google's list are priced there too, and stand under their makers.
    assert all(find_price(model).host != "google" for model in missing if find_price(model)), missing


@pytest.mark.parametrize(
    ("model", "column", "value"),
    [
        ("gpt-5", "window", "400,000"),
        ("gpt-5", "longest input", "272,000"),
        ("gpt-5", "shut down", "2026-12-11"),
        ("gpt-4", "instead", "gpt-5.6-sol"),
        ("gpt-4o", "tokens", "exact (o200k_base)"),
        ("claude-haiku-5-5", "input", "0.1 → 0.5 above 100,000"),
        ("claude-opus-5-5", "least cached", "512"),
        ("deepseek-v4-pro", "input", "0.66–1.32"),
        ("grok-4.7", "least cached", "unknown"),
        ("gpt-6-luna", "shut down", "unknown"),
    ],
)
def test_a_cell(model, column, value):
    assert dict(rows())[model][column] == value


def test_no_cell_is_empty_and_no_price_is_zero_for_unknown():
    for model, cells in rows():
        assert all(cells.values()), model
        assert not re.match(r"None|nan", cells["input"]), model
