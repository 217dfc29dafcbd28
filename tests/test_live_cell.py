"""Which magics of a cell have a live line: those that IPython itself would call."""

from __future__ import annotations

import re

import pytest
from IPython.utils.capture import capture_output

from ipython_llmnumbers.live.cell import LIVE_MAGICS, MOST_ESCAPED_LINES, may_be_live, uses_in

# A cell, and how often one of the magics is called when it runs.
CELLS = {
    "alone": ("%llmcost hello  two", 1),
    "in a cell": ("%%llmcost -m gpt-4o\nhello\n\n world", 1),
    "in a cell below empty lines": ("\n  \n%%tokens\nhello", 1),
    "indented": ("    %%llmcost\n    hello\n      there", 1),
    "several": ("%llmcost AAAA\n%tokens -m gpt-4.1 BBBB\n%gpufit 13B --gpu RTX-4090\nprint('done')", 3),
    "kept": ("x = %llmcost -m gpt-4o hello = x", 1),
    "kept in an item": ("d = {}\nd['x'] = %tokens hello", 1),
    "after a comment": ("# how much?\n\n%llmcost hello", 1),
    "beside a comment": ("%llmcost hello # there", 1),
    "with a quote": ("%llmcost don't \"\n%tokens 'a", 2),
    "over two lines": ("%llmcost hello \\\n  there", 1),
    "in an if": ("if True:\n    %llmcost hello\nelse:\n    %tokens hello", 2),
    "timed": ("%time %llmcost hello", 1),
    "in a timed cell": ("%%time\n%llmcost hello\nx = 3", 1),
    "in a captured cell": ("%%capture kept\n%llmcost hello", 1),
    "in a string": ("s = '''\n%llmcost hello\n'''", 0),
    "in a comment": ("# %llmcost hello", 0),
    "in another cell magic": ("%%writefile /dev/null\n%llmcost hello", 0),
    "asked about": ("%llmcost?", 0),
    "text that asks": ("%llmcost who are you?", 0),  # IPython shows the help of `you`
    "another magic": ("%env llmcost", 0),
    "a remainder": ("5 %llmcost", 0),
}


@pytest.mark.parametrize(("cell", "n_calls"), CELLS.values(), ids=CELLS)
def test_the_magics_of_a_cell_are_those_that_ipython_calls(shell, monkeypatch, cell, n_calls):
    called = []
    for kind in ("line", "cell"):
        for name in LIVE_MAGICS:

            def record(line, body=None, name=name):
                called.append((name, line.rstrip(), None if body is None else body.removesuffix("\n")))

            monkeypatch.setitem(shell.magics_manager.magics[kind], name, record)
    shell.user_ns["llmcost"] = 3
    uses = uses_in(cell)
    with capture_output():
        # What is in the branch that is not taken is a magic of the cell, too.
        shell.run_cell(cell.replace("else:", "if True:"))
    assert [(each.name, each.line, each.body) for each in uses] == called
    assert len(called) == n_calls
    assert n_calls == 0 or may_be_live(cell)


@pytest.mark.parametrize(
    "cell",
    ["%llmcost hello\nx = (", "x = (\n\n%llmcost hello", "%tokens 'a\nfor x in", "def f(:\n%llmcost a"],
)
def test_a_cell_that_is_half_typed_is_read_as_far_as_it_can_be(cell):
    for use in uses_in(cell):
        assert use.name in LIVE_MAGICS
        assert use.around.binds("anything")


def test_the_page_asks_about_the_same_cells(labextension):
    script = (labextension / "static" / "cells.js").read_text(encoding="utf-8")
    pattern = re.compile(re.search(r"MAY_BE_LIVE = /(.+)/m;", script)[1], re.MULTILINE | re.ASCII)
    others = [
        "%llmcosts x",
        "x == %llmcost y",
        "%%time %llmcost x",
        "a" * 99_999 + "\n  %tokens x",
        " " * 99_999,
    ]
    for cell in [*(cell for cell, _ in CELLS.values()), *others]:
        assert bool(pattern.search(cell)) == may_be_live(cell), cell[:99]


def test_more_magics_than_ipython_reads_in_a_moment_have_no_line():
    assert len(uses_in("%tokens a\n" * MOST_ESCAPED_LINES)) == MOST_ESCAPED_LINES
    assert uses_in("%tokens a\n" + "!ls\n" * MOST_ESCAPED_LINES) == ()


@pytest.mark.parametrize(
    ("before", "bound"),
    [
        ("p = 3", True),
        ("import os as p", True),
        ("from somewhere import *", True),
        ("for p in []: pass", True),
        ("def p(): pass", True),
        ("with open(x) as p: pass", True),
        ("del p", True),
        ("p += 'x'", True),
        ("[p := 3]", True),
        ("try:\n    pass\nexcept OSError as p:\n    pass", True),
        ("match 3:\n    case p:\n        pass", True),
        ("def f():\n    global p\n    p = 3\nf()", True),
        ("exec('p = 3')", True),
        ("globals()['p'] = 3", True),
        ("%run notebook.ipynb", True),
        ("%store -r p", True),
        ("%reset -f", True),
        ("p = !ls", True),
        ("p = %tokens x", True),
        ("%tokens -o p x", True),
        ("%tokens --output=p x", True),
        ("q = p", False),
        ("print(p)", False),
        ("%tokens -v p", False),
        ("q.p = 3", False),
        ("!ls {p}", False),
    ],
)
def test_a_name_that_the_cell_sets_before_is_known_to_change(before, bound):
    (*_, use) = uses_in(f"{before}\n%llmcost -v p")
    assert use.around.binds("p") == bound
    (first, *_) = uses_in(f"%llmcost -v p\n{before}")
    assert not first.around.binds("p")


def test_in_a_loop_or_a_function_all_of_it_comes_before():
    (loop,) = uses_in("for _ in x:\n    %llmcost -v p\n    p = 3")
    assert loop.around.binds("p")
    (function,) = uses_in("def f():\n    %llmcost -v p\np = 3\nf()")
    assert function.around.binds("p")
    (assigned,) = uses_in("p = %llmcost -v p")
    assert not assigned.around.binds("p")


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        ("%config LLMNumbers.model = 'gpt-4'\n%llmcost hi", {"model": "gpt-4"}),
        ("%config LLMNumbers.model = name\n%llmcost hi", None),
        ("if x:\n    %config LLMNumbers.model = 'gpt-4'\n%llmcost hi", None),
        ("%config LLMNumbers\n%llmcost hi", {}),
        ("%config LLMNumbers.model\n%llmcost hi", {}),
        ("%config InlineBackend.figure_format = 'svg'\n%llmcost hi", {}),
        ("%llmcost hi\n%config LLMNumbers.model = 'gpt-4'", {}),
    ],
)
def test_settings_that_the_cell_itself_makes(cell, settings):
    (use,) = uses_in(cell)
    assert use.around.settings == settings
