"""The work of a warm answer, in lines of Python that run: not a millisecond of it depends on the machine.

What is counted is the same on every run. `benchmarks/` has the times. Each limit is a tenth above what is
needed on Python 3.11; 3.12 and 3.13 need less, for they run a comprehension in place. Where a change needs
more for a good reason, raise the limit; a deliberate slowdown of each path shows that it is seen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from time_machine import travel

from ipython_llmnumbers import estimate_cost, render
from ipython_llmnumbers.catalog.open_models import find as open_models
from ipython_llmnumbers.catalog.prices import find
from ipython_llmnumbers.estimates.choices import models
from ipython_llmnumbers.estimates.tokens import one_text
from ipython_llmnumbers.probes.tokenizers import engines

# 2 kB of English with some signs that are not ASCII, as prompts are.
SENTENCE = "Summarise the text below in 3–5 sentences, “verbatim” where it matters, and name its sources. "
PROMPT = (SENTENCE * 30)[:2048]

# The line of each magic, its cell, and the most lines of Python for the answer and for showing it.
FIVE = "gpt-4o,gpt-5.4,mistral-large-2411,gemini-2.5-pro,deepseek-chat"
PATHS = {
    "llmcost": ("-m gpt-4o --out 300 --calls 1000", PROMPT, 2_950, 6_500),
    "five models": (f"-m {FIVE} --out 300", PROMPT, 13_200, 10_600),
    "tokens": ("-m gpt-4o", PROMPT, 4_100, 20_700),
    "gpufit": ("llama-3.1-8b --gpu L4", None, 5_600, 8_000),
    "what fits": ("--vram 8GB --ram 32GB", None, 3_800_000, 44_300),
    "llmnumbers": ("gpt4_to_gpt35_cost", None, 14_800, 24_900),
}
# The magic of a path that is not named after it.
MAGICS = {"five models": "llmcost", "what fits": "gpufit"}


@pytest.fixture(autouse=True)
def _one_minute():
    """A price is looked up once a minute: the minute does not change between two runs."""
    with travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False):
        yield


def lines_of(work):
    """How many lines of Python a second run of something takes, in all modules."""
    work()
    counted = 0

    def in_frame(_frame, event, _argument):
        nonlocal counted
        counted += event == "line"
        return in_frame

    before = sys.gettrace()  # coverage's
    sys.settrace(lambda *_: in_frame)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


def works(shell, name):
    """What answers a path, and what shows its answer."""
    line, cell, *_ = PATHS[name]
    magic = MAGICS.get(name, name)

    def answer():
        return shell.run_line_magic(magic, line) if cell is None else shell.run_cell_magic(magic, line, cell)

    estimate = answer()
    return answer, lambda: shell.display_formatter.format(estimate)


def lines(shell, name):
    """The lines for the answer of a path, and those for showing it."""
    answer, show = works(shell, name)
    return lines_of(answer), lines_of(show)


@pytest.mark.parametrize("name", PATHS)
def test_an_answer_and_its_display_take_no_more_lines_than_they_need(shell, name):
    *_, most_of_answer, most_of_display = PATHS[name]
    of_answer, of_display = lines(shell, name)
    assert of_answer <= most_of_answer
    assert of_display <= most_of_display


def without_its_cache(function):
    return function.__wrapped__


def done_twice(function):
    def twice(*arguments):
        first = function(*arguments)
        if isinstance(first, Iterator):
            list(first)
        return function(*arguments)

    return twice


# What once made each path slow, or could.
SLOWDOWNS = {
    "llmcost": (find, "_listed_price", without_its_cache),
    "five models": (find, "_listed_price", without_its_cache),
    "tokens": (one_text, "_pieces", done_twice),
    "gpufit": (open_models, "_spec", without_its_cache),
    "what fits": (models, "_in_place", done_twice),
    "llmnumbers": (find, "_listed_price", without_its_cache),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PATHS)
def test_a_deliberate_slowdown_of_each_path_is_seen(shell, monkeypatch, name):
    *_, most_of_answer, most_of_display = PATHS[name]
    module, function, slowed = SLOWDOWNS[name]
    monkeypatch.setattr(module, function, slowed(getattr(module, function)))
    monkeypatch.setattr(render, "_bundle", done_twice(render._bundle))
    of_answer, of_display = lines(shell, name)
    assert of_answer > most_of_answer
    assert of_display > most_of_display


class Opened:
    """What is opened or imported while `seen` is a list: an audit hook cannot be taken out again."""

    seen = None
    is_hooked = False

    @classmethod
    def note(cls, event, arguments):
        if cls.seen is not None and event in ("open", "import", "subprocess.Popen", "socket.connect"):
            cls.seen.append((event, str(arguments[0])))


@pytest.fixture
def opened():
    if not Opened.is_hooked:
        sys.addaudithook(Opened.note)
        Opened.is_hooked = True
    yield Opened
    Opened.seen = None


@pytest.mark.parametrize("name", PATHS)
def test_a_warm_answer_opens_no_file_and_imports_nothing(shell, opened, name):
    answer, show = works(shell, name)
    show()
    opened.seen = []
    answer()
    show()
    assert opened.seen == []


def test_several_models_of_one_vocabulary_count_a_text_once(monkeypatch):
    counted, of_splintr = [], engines._of_splintr

    def watched(vocabulary):
        engine = of_splintr(vocabulary)
        return replace(engine, encode=lambda text: counted.append(vocabulary) or engine.encode(text))

    monkeypatch.setattr(engines, "_of_splintr", watched)
    names = [
        "gpt-4o",
        "gpt-5.4",
        "gpt-4o-mini",
        "qwen-max",
        "gemini-2.5-pro",
    ]  # qwen-max by ratio to gpt-4o's
    assert len(estimate_cost(PROMPT, names).parts) == len(names)
    assert counted.count("o200k_base") == 1
    assert counted.count("gemma3") == 1
