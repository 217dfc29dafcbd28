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
