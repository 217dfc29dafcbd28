"""What the functions return, as cells of a real marimo show it: there is no IPython, hence no magics."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import ipython_llmnumbers
from ipython_llmnumbers import LLMNumbersError

from .contrast import CONTRASTS, LEAST_CONTRAST
from .marimo_server import Marimo

FUNCTIONS = "count_tokens, estimate_cost, gpu_fit, gpu_speed, gpu_train, numbers, training_cost"
IMPORTS = f"from ipython_llmnumbers import {FUNCTIONS}"
TEXT = "Summarise the following article in three bullet points."
MODELS = ["gpt-5.4", "gpt-5.4-mini", "grok-4.7", "claude-opus-5-5"]
# One of each kind, and what it answers: a figure (of its first part, where it compares), a verdict, a number.
ANSWERS = {
    f"count_tokens({TEXT!r}, 'gpt-5.4')": "tokens",
    f"estimate_cost({TEXT!r}, model='gpt-5.4', output_tokens=300)": "total_usd",
    f"estimate_cost({TEXT!r}, model={MODELS}, output_tokens=300)": "total_usd",
    "gpu_fit('llama-3.1-8b', gpu='RTX 4090')": "fits",
    "gpu_fit('llama-3.1-70b', gpu='T4')": "does not fit",
    "gpu_train('llama-3.1-8b', method='qlora', gpu='RTX 4090')": "fits",
    "training_cost('llama-3.1-8b', train_tokens=10**9, gpu='H100')": "training_usd",
    "gpu_speed('llama-3.1-8b', gpu='H100')": "tokens_per_s",
    "numbers()": 1.3,  # tokens per word: the second of the numbers of 2023
}
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Three significant digits: how far one may be from the value.
ROUNDED = 0.005

# The displays of which something that is not folded away reaches beyond marimo's box for an output.
_TOO_WIDE = """() => {
    const isTooWide = (display) => {
        const { right } = display.parentElement.getBoundingClientRect();
        const isBeyond = (e) => e.checkVisibility() && e.getBoundingClientRect().right > right + 1;
        return [display, ...display.querySelectorAll("*")].some(isBeyond);
    };
    const displays = [...document.querySelectorAll(".llmnumbers")];
    return displays.filter(isTooWide).map((e) => e.textContent.slice(0, 60));
}"""


def estimate_of(code):
    return eval(code, {name: getattr(ipython_llmnumbers, name) for name in ipython_llmnumbers.__all__})


def answer(code):
    """What the display of a code's estimate must show: a verdict, or a number."""
    estimate, wanted = estimate_of(code), ANSWERS[code]
    if estimate.verdict is not None:
        assert estimate.verdict == wanted
    if estimate.verdict is not None or isinstance(wanted, float):
        return wanted
    return (estimate if wanted in estimate else estimate.parts[0])[wanted].value


def shows(text, wanted):
    if isinstance(wanted, str):
        return wanted in text
    numbers = [float(each.replace(",", "")) for each in NUMBER.findall(text)]
    return any(abs(number - float(wanted)) <= ROUNDED * float(wanted) for number in numbers)


@pytest.fixture(scope="module")
def answers():
    return [answer(code) for code in ANSWERS]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    server = Marimo(tmp_path_factory.mktemp("marimo"), IMPORTS, *ANSWERS).wait()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request, app, chromium):
    page = opened(chromium, app, request.param)
    expect(page.locator(".llmnumbers")).to_have_count(len(ANSWERS))
    yield page
    page.close()


def opened(chromium, server, theme="light"):
    """A page with a side of 600 pixels."""
    page = chromium.new_page()
    page.set_viewport_size({"width": 600, "height": 4000})
    page.emulate_media(color_scheme=theme)
    page.goto(server.url)
    expect(page.locator("body")).to_have_class(re.compile(rf"\b{theme}\b"))
    return page


def test_each_display_shows_its_answer(page, answers):
    displays = page.locator(".llmnumbers")
    # The text that is visible: what is folded does not count.
    texts = [displays.nth(n).inner_text() for n in range(len(answers))]
    assert [code for code, text, it in zip(ANSWERS, texts, answers, strict=True) if not shows(text, it)] == []


def test_nothing_is_wider_than_its_cell(page):
    assert page.evaluate(_TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_text_has_contrast_in_the_theme(page):
    contrasts = page.locator("body").evaluate(CONTRASTS)
    assert len(contrasts) > 100
    assert [each for each in contrasts if each[0] < LEAST_CONTRAST] == []


def test_an_estimate_is_one_display_without_tabs(page):
    expect(page.get_by_role("tab")).to_have_count(0)


def test_a_figure_a_list_and_an_explanation_are_shown(tmp_path, chromium):
    cost = f"estimate_cost({TEXT!r}, model='gpt-5.4', output_tokens=300)"
    server = Marimo(
        tmp_path, IMPORTS, f"{cost}['total_usd']", f"[{cost}, {cost}]", f"{cost}.explain()"
    ).wait()
    try:
        page = opened(chromium, server)
        expect(page.locator("details").first).to_be_visible()
        wanted = estimate_of(cost)["total_usd"].value
        lines = page.locator("body").inner_text().splitlines()
        assert len([line for line in lines if shows(line, wanted)]) >= 4
        assert "Traceback" not in server.log()
        page.close()
    finally:
        server.stop()


def test_the_editor_shows_an_estimate_and_an_error(tmp_path, chromium):
    codes = ("gpu_fit('llama-3.1-8b', gpu='RTX 4090')", "gpu_fit('llama-3.1-8b', gpu='RTX 4999')")
    server = Marimo(tmp_path, IMPORTS, *codes, mode="edit").wait()
    try:
        page = opened(chromium, server)
        expect(page.locator(".cm-content")).to_have_count(3)
        page.get_by_test_id("run-button").last.click()  # of all cells
        expect(page.locator(".llmnumbers")).to_contain_text("fits")
        with pytest.raises(LLMNumbersError) as refused:
            estimate_of(codes[1])
        expect(page.locator("body")).to_contain_text(str(refused.value))
        page.close()
    finally:
        server.stop()
