"""A text in a terminal's cells: as wide as rich says, and never wider than its page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len as by_rich

from ipython_llmnumbers import gpu_fit
from ipython_llmnumbers.render.renderers import cells
from ipython_llmnumbers.render.renderers.cells import BOLD, Page, cell_len, folded

# What a display may hold: Latin, the signs of ours, wide characters, combining ones and none.
TEXTS = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("aé≈–…│█▏✔⚠✖日本語한ｱ\u0301\u200d👩 "))
)


def test_each_character_that_is_not_looked_up_fills_one_cell():
    assert len(cells._ONE_CELL) > 1_000
    assert [each for each in cells._ONE_CELL if by_rich(each) != 1] == []


@given(TEXTS)
def test_a_text_is_as_wide_as_rich_says(text):
    assert cell_len(text) == by_rich(text)


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["", BOLD])), max_size=4), st.integers(2, 20))
def test_folded_lines_are_no_wider_than_the_page_and_lose_nothing(runs, width):
    lines = list(folded(runs, width))
    assert all(sum(cell_len(text) for text, _ in line) <= width for line in lines)
    kept = "".join(text for line in lines for text, _ in line)
    assert kept == "".join(text for text, _ in runs).replace("\n", "")


def test_a_page_writes_the_sequences_of_ecma_48():
    """ECMA-48, 8.3.117 (SGR): 1 is bold, 0 ends all."""
    page = Page(10, coloured=True)
    page.put("ten cells and more", BOLD)
    assert page.lines == ["\x1b[1mten cells \x1b[0m", "\x1b[1mand more\x1b[0m"]
    plain = Page(10, coloured=False)
    plain.put("ten cells and more", BOLD)
    assert plain.lines == ["ten cells ", "and more"]


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_a_display_is_no_wider_than_the_terminal(monkeypatch, width):
    fit = gpu_fit("llama-3.1-8b", gpu="T4")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(by_rich, str(fit).splitlines())) <= width
