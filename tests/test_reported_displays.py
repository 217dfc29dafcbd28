"""What people reported of other packages' displays, tried on ours. Every report was read on 2026-11-28."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from test_render import ESTIMATES

from ipython_llmnumbers import count_tokens, estimate_cost, gpu_fit, gpu_speed, gpu_train, numbers
from ipython_llmnumbers.render.line import fitted_line

PROMPT = "Summarise the following article in three bullet points."
DAYS = {
    "cost": lambda: estimate_cost(PROMPT, model="gpt-5.4", output_tokens=300, calls=1000),
    # One of them ends soon.
    "comparison": lambda: estimate_cost(PROMPT, model=["gpt-5.4", "gpt-4o"], output_tokens=300),
    "tokens": lambda: count_tokens(PROMPT, "gpt-5.4"),
    "fit": lambda: gpu_fit("llama-3.1-8b", gpu="RTX 4090"),
    "training": lambda: gpu_train("llama-3.1-8b", method="qlora", gpu="RTX 4090"),
    "speed": lambda: gpu_speed("llama-3.1-8b", gpu="H100"),
    "numbers": numbers,
}


@pytest.fixture(params=ESTIMATES.values(), ids=ESTIMATES)
def html(request):
    return request.param()._repr_mimebundle_()["text/html"]


class _Open(HTMLParser):
    """The elements that are open, and those that are closed in another order."""

    VOID = ("br", "wbr")

    def __init__(self):
        super().__init__()
        self.open, self.crossed, self.top = [], [], 0

    def handle_starttag(self, tag, _attributes):
        self.top += not self.open
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)


def test_what_is_below_it_stays_as_it_was(html):
    """On GitHub what followed an output of broken HTML was drawn in it (scikit-hep/iminuit#316)."""
    parser = _Open()
    parser.feed(html)
    assert (parser.open, parser.crossed, parser.top) == ([], [], 1)


def test_no_style_of_ours_reaches_another_output(html):
    """One restyled the whole notebook (microsoft/vscode-python#5384, sassoftware/saspy#535)."""
    assert not re.search(r"<style|<link|\sid=", html)


def test_every_text_grows_with_the_text_of_the_host(html):
    """In slides, text and tables differed in size (jupyter/nbconvert#1659); a bar alone has its own."""
    assert set(re.findall(r"font-size:([\d.]+px)", html)) <= {"9px"}


@pytest.mark.parametrize("name", ["cost", "comparison", "tokens"])
def test_without_any_style_the_answer_is_bold(name):
    """GitHub drops every style (pandas-dev/pandas#33076, jupyter/nbviewer#450)."""
    bundle = DAYS[name]()._repr_mimebundle_()
    bare = re.sub(r' (?:style|class)="[^"]*"', "", bundle["text/html"])
    answer = re.match(r"<div><div><b>(.+?)</b> ", bare)
    assert answer
    assert bundle["text/plain"].startswith(answer[1])


@pytest.mark.parametrize("make", DAYS.values(), ids=DAYS)
def test_a_run_on_another_day_is_no_change(make, the_documents_day):  # noqa: ARG001 (it is that day)
    """Times in outputs made each re-run a large diff of the same results (IDAES/examples#163)."""
    from time_machine import travel

    shown = make()._repr_mimebundle_()
    with travel(datetime.now(UTC) + timedelta(days=1)):
        assert make()._repr_mimebundle_() == shown


def test_a_context_of_nothing_is_told_by_its_own_reason():
    """Where the weights do not fit, neither the model's longest context nor its name is why."""
    for model in ("70B", "llama-3.1-70b"):
        longest = gpu_fit(model, gpu="T4")["max_context_tokens"]
        assert (longest.value, longest.note) == (0, "nothing is left beside the weights and overhead")
    assert gpu_fit("llama-3.1-8b", gpu="RTX 4090")["max_context_tokens"].value > 0


# prompt_toolkit cuts a toolbar where the terminal ends: five models in 80 columns ended within a name.
@pytest.mark.parametrize("width", [20, 40, 79, 120])
def test_a_toolbar_ends_in_whole_parts(width):
    parts = tuple(f"{model}: 3 tokens, $0.003" for model in ("gpt-5.4", "gpt-5.4-mini", "grok-4.7"))
    line = fitted_line((*parts, "and 1 more model"), width)
    assert len(line) <= width
    shown = line.split(" · ")
    n_left_out = 4 - len(shown) + (shown[-1].startswith("…"))
    if len(shown) > 1:
        assert all(part in (*parts, "and 1 more model", f"… +{n_left_out}") for part in shown)


def test_a_toolbar_of_one_part_says_that_it_is_cut():
    assert fitted_line(("モデル'clau'は不明です",), 12) == "モデル'cla …"
