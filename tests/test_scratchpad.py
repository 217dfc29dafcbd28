"""`%llmcost --live`, in a real kernel with ipywidgets."""

from __future__ import annotations

import pytest


def opened(kernel, code):
    """Run the magic, and name its parts `field` and `line` in the kernel."""
    kernel.show_box(code)
    kernel.run("field, line = box.children")


def test_the_line_follows_the_field(kernel):
    opened(kernel, "%llmcost -m gpt-4o --out 300 --live hello world")
    assert kernel.result("field.value")["text/plain"] == "'hello world'"
    first = kernel.result("line.value")["text/plain"]
    assert "2 tokens · $0.000005 input · $0.003005 with 300 output tokens · gpt-4o" in first
    kernel.run("field.value = 'hello world, hello'")
    assert "4 tokens" in kernel.result("line.value")["text/plain"]
    kernel.run("field.value = ''")
    assert "write the prompt above" in kernel.result("line.value")["text/plain"]


def test_what_is_typed_stays_out_of_the_ledger(kernel):
    kernel.run("%llmcost -m gpt-4o an estimate of the notebook")
    before = kernel.result("%llmcost --ledger")["text/plain"]
    opened(kernel, "%llmcost -m gpt-4o --live")
    kernel.run("field.value = 'hello'")
    assert kernel.result("%llmcost --ledger")["text/plain"] == before


def test_an_error_is_one_line_of_text(kernel):
    opened(kernel, "%llmcost -m <img> --live hello")
    line = kernel.result("line.value")["text/plain"]
    assert "&lt;img&gt;" in line
    assert "<img>" not in line


def test_a_cell_is_where_the_field_starts(kernel):
    opened(kernel, "%%llmcost -m gpt-4o,gpt-4o-mini --live\nhello world\n")
    assert kernel.result("field.value")["text/plain"] == "'hello world'"
    assert "gpt-4o: 2 tokens" in kernel.result("line.value")["text/plain"]


@pytest.mark.parametrize("option", ["-v PROMPT", "--json out.json", "--ledger", "--ask-provider"])
def test_an_option_that_does_more_is_refused(kernel, option):
    kernel.run("PROMPT = 'hello'")
    (line,) = kernel.error(f"%llmcost --live {option}")
    assert "--live counts while you type: leave" in line
