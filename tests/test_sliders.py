"""Sliders over a number's inputs, in a real kernel with ipywidgets."""

from __future__ import annotations


def test_moving_a_slider_recomputes(kernel):
    kernel.show_box("%llmnumbers tokens_per_word --sliders")
    kernel.run("*sliders, html = box.children")
    names = kernel.result("[slider.description for slider in sliders]")["text/plain"]
    assert names == "['words', 'tokens_per_word']"
    assert "975" in kernel.result("html.value")["text/plain"]
    kernel.run("sliders[0].value = 1200")
    assert "1,560" in kernel.result("html.value")["text/plain"]


def test_a_slider_of_powers_of_ten_does_not_begin_at_0(kernel):
    lines = kernel.error("%llmnumbers tokens_per_word --sliders --set words=0")
    assert lines == ["llmnumbers: --set words=0: a slider of powers of ten starts above 0"]


def test_a_slider_shows_dollars_as_dollars(kernel):
    """gpt-6-luna's input stands at $0.10, which d3's `s` writes as 100.0m."""
    kernel.show_box("%llmnumbers gpt4_to_gpt35_cost --sliders")
    kernel.run("*sliders, html = box.children")
    formats = kernel.result(
        "{slider.description: slider.readout_format for slider in sliders if hasattr(slider, 'base')}"
    )["text/plain"]
    assert "'base_input_usd_per_mtok': '$,.2f'" in formats
    assert "s'" not in formats


def test_a_slider_that_is_put_back_gives_the_answer_of_before(kernel):
    """The share of output is assumed from 0 to 100 %; 50 that a reader has set is 50."""
    kernel.show_box("%llmnumbers gpt4_to_gpt35_cost --sliders")
    kernel.run("*sliders, html = box.children")
    kernel.run("sliders = {slider.description: slider for slider in sliders}")
    kernel.run("sliders['input_usd_per_mtok'].value = 60")
    before = kernel.result("html.value")["text/plain"]
    kernel.run("sliders['output_percent'].value = 80")
    assert kernel.result("html.value")["text/plain"] != before
    kernel.run("sliders['output_percent'].value = 50")
    assert kernel.result("html.value")["text/plain"] == before
    assert "your input_usd_per_mtok" in before
