"""`%llmnumbers NAME --sliders`: the inputs of a number as sliders, where ipywidgets is installed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import LLMNumbersError, UsageError
from ...estimates.numbers.estimate import answer_numbers, choose_formula
from ...estimates.numbers.inputs import WHOLE_UNITS, Input, inputs_of
from ...figures import Number
from ...messages import tell
from ...render import html_of
from .base import INSTALL, display_controls, find_ipywidgets

if TYPE_CHECKING:
    from ...estimates.numbers.question import Numbers
    from ...figures import Estimate

# From a hundredth of the default to a hundred times as much, twenty steps to each power of ten; an amount of
# dollars from a tenth, so that its least still has two digits behind the point.
_POWERS, _STEP, _POWERS_DOWN_OF_DOLLARS = 2, 0.05, 1


def show_sliders(question: Numbers, text: str | None) -> Estimate | None:
    """Display the sliders and, under them, the number as they stand; None, as nothing is left to show.

    Without ipywidgets the number is returned as it is, after a line that says how to get them.
    """

    def estimate(values: Mapping[str, Number]) -> Estimate:
        return answer_numbers(replace(question, inputs=values), text)

    values = question.inputs or {}
    number = estimate(values)
    formula = choose_formula(number.subject, values)
    if formula is None:
        raise UsageError("{number} has no formula, so nothing to slide", number=number.subject)
    ipywidgets = find_ipywidgets(
        tell("sliders need ipywidgets: {command}, then restart the kernel", command=INSTALL)
    )
    if ipywidgets is None:
        return number
    # What a formula below gives is moved by its own inputs.
    leaves = [leaf for leaf in inputs_of(formula).values() if leaf.is_leaf]
    sliders = {leaf.key: _slider(ipywidgets, leaf, values) for leaf in leaves if leaf.default.value}
    starts = {key: slider.value for key, slider in sliders.items()}
    ranged = [leaf for leaf in leaves if leaf.default.has_range and leaf.key in sliders]
    whole = {leaf.key for leaf in leaves if leaf.default.unit in WHOLE_UNITS}

    def draw() -> str:
        moved = {key: slider.value for key, slider in sliders.items() if slider.value != starts[key]}
        if moved:
            # What stands at an assumption's middle is that value once the reader sets values: no range again.
            moved |= {leaf.key: sliders[leaf.key].value for leaf in ranged}
        moved = {key: round(value) if key in whole else value for key, value in moved.items()}
        try:
            return html_of(estimate({**values, **moved}))
        except LLMNumbersError as error:
            return f"llmnumbers: {error}"

    display_controls(ipywidgets, list(sliders.values()), draw)
    return None


def _slider(ipywidgets: Any, leaf: Input, values: Mapping[str, Number]) -> Any:
    """A slider around the default, or around what --set says."""
    start = float(values.get(leaf.key, leaf.default.value or 0))
    if start <= 0 and leaf.default.unit != "%":
        raise UsageError("--set {name}=0: a slider of powers of ten starts above 0", name=leaf.key)
    looks: dict[str, Any] = {
        "description": leaf.key,
        "style": {"description_width": "initial"},
        "layout": {"width": "32em"},
        "continuous_update": False,
    }
    if leaf.default.unit == "%":
        return ipywidgets.IntSlider(value=round(start), min=0, max=100, **looks)
    middle = math.log10(start)
    is_usd = leaf.default.unit.startswith("USD")
    least = middle - (_POWERS_DOWN_OF_DOLLARS if is_usd else _POWERS)
    looks["readout_format"] = readout_format(least, is_usd=is_usd)
    return ipywidgets.FloatLogSlider(value=start, min=least, max=middle + _POWERS, step=_STEP, **looks)


def readout_format(least: float, *, is_usd: bool) -> str:
    """How a slider from 10 to the power of `least` up writes its value, as d3-format spells it.

    Thousands and more are shortened (13G); what is below 1 is never in thousandths (100m).

    >>> readout_format(-2, is_usd=True), readout_format(5, is_usd=False), readout_format(0.9, is_usd=False)
    ('$,.2f', '.4s', ',.4r')
    """
    if is_usd:
        return f"$,.{max(2, math.ceil(-least))}f"
    return ".4s" if least >= 3 else ",.4r"
