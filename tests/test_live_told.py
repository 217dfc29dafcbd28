"""What a notebook tells the live line, and that the line then answers as the cell does."""

from __future__ import annotations

import json
import sys
from collections import UserDict
from types import SimpleNamespace

import pytest
from IPython.utils.capture import capture_output

from ipython_llmnumbers.live.line import live_lines, settings_with
from ipython_llmnumbers.live.told import MOST_VARIABLES_BYTES, Notebook, Told, variables_of
from ipython_llmnumbers.magics import _LOADED
from ipython_llmnumbers.messages import speaking
from ipython_llmnumbers.render.line import estimate_parts


@pytest.fixture
def told(shell):
    """What the shell has told so far, newest last."""
    every: list[Told] = []
    settings, *_ = _LOADED[id(shell)]
    notebook = Notebook(shell, settings, every.append)
    notebook.start()
    yield every
    notebook.stop()


def lines_of(told, cell):
    """As the process that counts answers a request for the cell."""
    request = json.loads(json.dumps(told.request(cell)))
    text, variables = request.pop("text"), request.pop("variables")
    return live_lines(text, settings_with(**request), variables)


# -- the line and the cell say the same -----------------------------------------------------

PROMPT = "prompt = 'Summarise the text below, please.'"
MESSAGES = "messages = [{'role': 'user', 'content': 'hello there'}]"
# What the notebook has run before, and a cell that keeps its estimates as `a` and perhaps `b`.
CELLS = {
    "another default": (
        "%config LLMNumbers.model = 'claude-opus-5-5'",
        "a = %llmcost --calls 1000000 --out 300 hello",
    ),
    "two defaults": ("%config LLMNumbers.model = 'gpt-4,gpt-4o'", "a = %llmcost hello"),
    "a rate": (
        "%config LLMNumbers.currency = 'EUR'\n%config LLMNumbers.rate = '0.5@2026-11-20'",
        "# in euros\na = %llmcost --out 300 hello",
    ),
    "a language": ("%config LLMNumbers.language = 'ja'", "\na = %llmcost hello"),
    "a variable": (PROMPT, "a = %llmcost -v prompt"),
    "a request": (MESSAGES, "a = %llmcost -m gpt-4o -v messages"),
    "a list of prompts": ("rows = ['one', 'two', 'three and four']", "a = %llmcost -v rows --out 5"),
    "options of variables": ("n, m = 1000, 'gpt-4o'", "a = %llmcost -m {m} --calls $n hello"),
    "a float": ("share = 0.90", "a = %gpufit 7B --gpu T4 --engine vllm --utilization {share}"),
    "a template": (PROMPT + "\nn = 3", "a = %llmcost -t {prompt} {n} times"),
    "a system prompt": (PROMPT, "a = %llmcost --system prompt hello"),
    "a model of a variable": ("name = '13B'", "a = %gpufit -v name --gpu RTX-4090"),
    "several": (PROMPT, "a = %llmcost -m gpt-4o -v prompt\nb = %gpufit 70B --gpu H100\nprint(prompt)"),
    "set in the cell": ("", "%config LLMNumbers.model = 'gpt-4'\na = %llmcost hello"),
    "training": ("", "a = %gpufit 13B --train qlora --gpu RTX-4090"),
    "rent of training": ("", "a = %gpufit 8B --train-tokens 15000000000 --gpu H100"),
    "training and its rent": ("", "a = %gpufit 70B --train full --gpu H100 --train-tokens 2000000000"),
    "speed": ("", "a = %gpufit llama-3.1-8b --speed --gpu H100"),
    "speed of what does not fit": ("", "a = %gpufit 70B --speed --gpu T4"),
}


@pytest.mark.parametrize(("before", "cell"), CELLS.values(), ids=CELLS)
def test_the_line_says_what_the_cell_says(shell, told, before, cell):
    with capture_output():
        shell.run_cell(before)
        lines = lines_of(told[-1], cell)
        shell.run_cell(cell).raise_error()
    estimates = [shell.user_ns[name] for name in ("a", "b") if name in shell.user_ns]
    language = told[-1].settings["language"]
    with speaking(language):
        assert [line.parts for line in lines] == [tuple(estimate_parts(each)) for each in estimates]
    assert {line.level for line in lines} <= {"info", "warning"}
    assert estimates


def test_a_front_end_without_a_notebook_marks_a_model_that_nobody_chose():
    (line,) = live_lines("%llmcost hello", settings_with(model="gpt-4"))
    assert "gpt-4 (default)" in line.parts
    for cell in ("%llmcost -m gpt-4 hello", "%config LLMNumbers.model = 'gpt-4'\n%llmcost hello"):
        *_, line = live_lines(cell, settings_with())
        assert "gpt-4" in line.parts


# -- what it cannot know --------------------------------------------------------------------

UNKNOWN = {
    "another type": (
        "import collections\nv = collections.UserString('x')",
        "%llmcost -v v",
        "v is read when",
    ),
    "a column": ("v = type('T', (), {'text': 'x'})()", "%llmcost -v v.text", "v is read when"),
    "not there yet": ("", "%llmcost -v v", "v is not known yet"),
    "not there yet, in a template": ("", "%%llmcost -t\n{v}", "v is not known yet"),
    "set in the cell": ("v = 'x'", "v = 'y'\n%llmcost -v v", "v may change in this cell"),
    "changed in the cell": ("v = ['x']", "v.append('y')\n%llmcost -v v", "v may change in this cell"),
    "of the loop": ("v = 'x'", "for v in 'ab':\n    %llmcost -m {v} hello", "v may change in this cell"),
    "a secret": ("api_key = 'sk-zebrafinch'", "%llmcost -v api_key", "api_key is read when"),
    "settings of the cell": (
        "m = 'gpt-4'",
        "%config LLMNumbers.model = m\n%llmcost x",
        "changes the settings",
    ),
}


@pytest.mark.parametrize(("before", "cell", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_it_cannot_know_it_says_without_an_error(shell, told, before, cell, said):
    with capture_output():
        shell.run_cell(before)
    (line,) = lines_of(told[-1], cell)
    assert line.level == "later"
    assert said in str(line)


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("%%llmcost -m gpt-4o,clau\n", "unknown model 'clau'"),
        ("%llmcost -m clau", "unknown model 'clau'"),
        ("%tokens -m gpt-4o,clau", "unknown model 'clau'"),
        ("%gpufit --gpu H1x", "unknown GPU 'H1x'"),
        ("%gpufit lama-3", "unknown model 'lama-3'"),
        ("x = %llmcost -m clau hello", "unknown model 'clau'"),
        ("# first\n%%llmcost\nhello", "%%llmcost is read in the first line of a cell only"),
    ],
)
def test_a_mistake_is_named_before_there_is_a_text(cell, named):
    (line,) = live_lines(cell, settings_with())
    assert line.level == "error"
    assert named in str(line)


def test_a_cell_of_many_magics_shows_the_first_and_counts_the_rest():
    *shown, more = live_lines("%tokens a\n" * 9, settings_with())
    assert len(shown) == 4
    assert str(more) == "and 5 more in this cell"


# -- what is told ---------------------------------------------------------------------------


def test_it_is_told_at_each_change_and_after_each_cell(shell, told):
    assert told[0].settings == {"model": "gpt-5.4", "currency": "", "rate": "", "language": "en"}
    with capture_output():
        shell.run_cell("%config LLMNumbers.model = 'gpt-4'\nn = len([])")
    assert [each.settings["model"] for each in told] == ["gpt-5.4", "gpt-4", "gpt-4"]
    assert ["n" in each.variables for each in told] == [False, False, True]
    shell.run_cell("del n", silent=True)
    assert "n" not in told[-1].variables


def notebook_of(**variables):
    return SimpleNamespace(user_ns=variables, user_ns_hidden={})


def test_only_plain_values_are_told_and_no_code_of_theirs_is_run():
    class Trap(str):
        __slots__ = ()

        def _boom(self, *_):
            raise AssertionError("it was run")

        __len__ = __eq__ = __repr__ = __str__ = __iter__ = __getattribute__ = _boom
        __hash__ = str.__hash__

    plain = {"s": "x", "n": 3, "f": 0.9, "b": True, "none": None, "l": ["x", {"y": [1]}]}
    odd = {
        "trap": Trap("x"),
        "inside": ["x", Trap("x")],
        "as_key": {Trap("x"): 1},
        "mapping": UserDict(a=1),
        "tuple": ("x",),
        "bytes": b"x",
        "nan": float("nan"),
        "huge": 10**30,
        "int_key": {1: 2},
        "module": json,
    }
    deep = nested = []
    for _ in range(100_000):
        nested.append([])
        nested = nested[0]
    itself = []
    itself.append(itself)
    found = variables_of(notebook_of(**plain, **odd, deep=deep, itself=itself, _hidden="x"))
    assert {name: json.loads(text) for name, text in found.items() if text is not None} == plain
    assert set(found) == {*plain, *odd, "deep", "itself"}


@pytest.mark.parametrize(
    "variables",
    [{"OPENAI_API_KEY": "sk-1"}, {"password": "x"}, {"hf_token": "hf_1"}, {"config": {"apiKey": "sk-1"}}],
)
def test_what_is_called_a_secret_is_not_told(variables):
    assert list(variables_of(notebook_of(**variables)).values()) == [None]


def test_what_is_told_has_a_largest_size_and_the_newest_come_first():
    found = variables_of(notebook_of(**{f"v{n}": "x" * 10_000 for n in range(100)}))
    told = {name for name, text in found.items() if text is not None}
    assert told == {f"v{n}" for n in range(100 - len(told), 100)}
    assert 10_000 < sum(len(text or "") for text in found.values()) <= MOST_VARIABLES_BYTES


def test_large_variables_are_not_walked_through():
    """jupyterlab-contrib/jupyterlab-variableInspector#59: each cell took seconds beside a list of 500,000."""
    long = ["x"] * 500_000
    many_short = {f"rows{n}": [[n] * 100 for _ in range(100)] for n in range(300)}
    steps = 0

    def count(_frame, event, _argument):
        nonlocal steps
        steps += event == "call"

    sys.setprofile(count)
    try:
        found = variables_of(notebook_of(long=long, **many_short))
    finally:
        sys.setprofile(None)
    assert found["long"] is None
    # The lists alone have 3,000,000 items.
    assert steps < 200_000


def test_a_cell_gets_only_the_variables_that_it_names():
    told = Told({"model": "gpt-4"}, {"prompt": '"x"', "prompt_2": '"y"', "n": "3"})
    assert told.request("%%llmcost -t\n{prompt} $n")["variables"] == {"prompt": '"x"', "n": "3"}
