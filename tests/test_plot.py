"""Plots by the real matplotlib and altair; neither is needed for anything else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ipython_llmnumbers import count_tokens, estimate_cost, gpu_fit, gpu_speed
from ipython_llmnumbers.errors import UsageError

ASKED = {"output_tokens": 300, "calls": 1000, "on": "2026-11-24"}


@pytest.mark.usefixtures("pyplot")
def test_a_comparison_is_bars_of_its_totals_with_their_ranges():
    # No vocabulary of Grok's is published: its counts are a range wherever this runs.
    comparison = estimate_cost("Tokenization is odd: 日本語", "gpt-4o,gpt-4o-mini,grok-4.7", **ASKED)
    axes = comparison.plot("matplotlib")
    totals = [part["all_calls_usd"] for part in comparison.parts]
    assert [bar.get_width() for bar in axes.patches] == [float(total.value) for total in totals]
    assert [each.get_text() for each in axes.get_yticklabels()] == [part.subject for part in comparison.parts]
    assert axes.get_xlabel() == "$ for 1,000 calls"
    (lines,) = axes.collections
    ends = [end for line in lines.get_segments() for end in sorted(x for x, _ in line)]
    assert ends == pytest.approx([float(end) for total in totals for end in (total.low, total.high)])
    axes.figure.canvas.draw()


@pytest.mark.usefixtures("pyplot")
def test_memory_is_one_bar_of_its_parts_against_what_is_free():
    fit = gpu_fit("llama-3.1-8b", gpu="RTX 4090")
    axes = fit.plot("matplotlib")
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(fit["total_bytes"].value / 2**30)
    (free,) = axes.lines
    assert free.get_xdata()[0] == fit["free_bytes"].value / 2**30
    assert axes.get_xlabel() == "GiB"
    axes.figure.canvas.draw()


@pytest.mark.parametrize(
    "estimate",
    [
        estimate_cost("hello", "gpt-4o,claude-opus-5-5", **ASKED),
        gpu_fit("llama-3.1-70b", gpu="T4"),
        gpu_speed("llama-3.1-8b", gpu="H100"),
        count_tokens(["a", "b c d", "e " * 40]),
    ],
    ids=["comparison", "fit", "speed", "histogram"],
)
def test_altair_s_chart_is_valid(estimate):
    """`to_dict` checks it against the schema of Vega-Lite."""
    altair = pytest.importorskip("altair")
    chart = estimate.plot("altair")
    assert isinstance(chart, altair.TopLevelMixin)
    assert chart.to_dict()["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


def test_what_cannot_be_plotted_is_one_line():
    pytest.importorskip("matplotlib")
    with pytest.raises(UsageError, match=r"^nothing to plot: a plot shows several models"):
        estimate_cost("hello", "gpt-4o").plot()
    with pytest.raises(UsageError, match=r"library='plotly' is not one of matplotlib, altair"):
        gpu_fit("llama-3.1-8b", gpu="T4").plot("plotly")


def test_without_either_the_line_says_what_to_install():
    code = (
        "import sys; sys.modules['matplotlib'] = sys.modules['altair'] = None\n"
        "from ipython_llmnumbers import gpu_fit\n"
        "try: gpu_fit('13B', gpu='T4').plot()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "UsageError a plot needs matplotlib, altair: pip install matplotlib"
