"""In the value of an option `{name}` and `$name` are variables; in a prompt they are text."""

from __future__ import annotations

import pytest

from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.live.line import live_lines
from ipython_llmnumbers.magics.settings import LLMNumbers


@pytest.fixture(autouse=True)
def variables(shell):
    shell.user_ns.update(model="gpt-4o-mini", n=3, card="L4", boom=Boom())


class Boom:
    """An object that must not be asked for anything but its text."""

    def __getattr__(self, name):
        raise AssertionError(name)


@pytest.mark.parametrize(
    "line", ["-m {model} --calls {n} hi", "-m $model --calls=$n hi", "-m {model} --calls {n}{n} hi"]
)
def test_a_variable_is_filled_into_an_option(shell, line):
    request = shell.run_line_magic("llmcost", line).request
    assert (request["model"], request["prompt"]) == ("gpt-4o-mini", "hi")
    assert request["calls"] in (3, 33)


def test_behind_the_model_too(shell):
    assert shell.run_line_magic("gpufit", "llama-3.1-8b --gpu {card} --batch $n").request["batch_size"] == 3


def test_a_prompt_is_text(shell):
    estimate = shell.run_cell_magic("llmcost", "-m $model --system 'Say {n}.'", "{model} $n {boom}")
    assert estimate.request["prompt"] == "{model} $n {boom}"
    assert estimate.request["system"] == "Say {n}."


def test_what_is_no_variable_stays_as_it_is_written(shell):
    with pytest.raises(UsageError, match=r"--calls '\{no_such\}' is not a whole number"):
        shell.run_line_magic("llmcost", "--calls {no_such} hi")
    assert shell.run_line_magic("llmcost", "-m gpt-4o --budget $5 hi").request["budget_usd"] == "5"


@pytest.mark.parametrize("line", ["--calls {n+1} hi", "--calls {boom.x} hi", "--calls {__import__('os')} hi"])
def test_nothing_is_evaluated(shell, line):
    with pytest.raises(UsageError, match="is not a whole number"):
        shell.run_line_magic("llmcost", line)


def test_while_typing_there_are_no_variables():
    (line,) = live_lines("%%llmcost -m {model}\nhello", LLMNumbers())
    assert (line.level, line.parts) == ("later", ("a notebook's variables are read when the cell runs",))
