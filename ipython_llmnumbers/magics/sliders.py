"""`%llmnumbers NAME --sliders`: the inputs of a number as sliders, where ipywidgets is installed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import LLMNumbersError, UsageError
from ..estimates.numbers import estimate_number, worked_recipe
from ..estimates.recipes import WHOLE_UNITS, Input, inputs_of
from ..figures import Number
from ..messages import speaking, spoken

if TYPE_CHECKING:
    from ..estimates.here import Place
    from ..figures import Estimate

_INSTALL = "sliders need ipywidgets: pip install 'ipython-llmnumbers[widget]', then restart the kernel"
# From a hundredth of the default to a hundred times as much, twenty steps to each power of ten.
_POWERS, _STEP = 2, 0.05


def show_sliders(name: str, values: Mapping[str, Number], place: Place) -> Estimate | None:
    """Display the sliders and, under them, the number as they stand; None, as nothing is left to show.

    Without ipywidgets the number is returned as it is, after a line that says how to get them.
    """
    number = estimate_number(name, values, place)
    dish = worked_recipe(number.subject)
    if dish is None:
        raise UsageError(f"{number.subject} has no formula, so nothing to slide")
    try:
        import ipywidgets
    except ImportError:
        print(f"llmnumbers: {_INSTALL}")
        return number
    from IPython.display import display

    # What a formula below gives is moved by its own inputs.
    leaves = [each for each in inputs_of(dish).values() if each.default.origin != "derived"]
    sliders = {each.key: _slider(ipywidgets, each, values) for each in leaves if each.default.value}
    starts = {key: slider.value for key, slider in sliders.items()}
    whole = {each.key for each in leaves if each.default.unit in WHOLE_UNITS}
    shown = ipywidgets.HTML()
    language = spoken()  # when a slider is moved, the magic has long returned

    def draw(_change: object = None) -> None:
        moved = {key: slider.value for key, slider in sliders.items() if slider.value != starts[key]}
        moved = {key: round(value) if key in whole else value for key, value in moved.items()}
        with speaking(language):
            try:
                estimate = estimate_number(name, {**values, **moved}, place)
                shown.value = estimate._repr_mimebundle_()["text/html"]
            except LLMNumbersError as error:
                shown.value = f"llmnumbers: {error}"

    for slider in sliders.values():
        slider.observe(draw, names="value")
    draw()
    display(ipywidgets.VBox([*sliders.values(), shown]))
    return None


def _slider(ipywidgets: Any, each: Input, values: Mapping[str, Number]) -> Any:
    """A slider around the default, or around what --set says."""
    start = float(values.get(each.key, each.default.value or 0))
    looks = {
        "description": each.key,
        "style": {"description_width": "initial"},
        "layout": {"width": "32em"},
        "continuous_update": False,
    }
    if each.default.unit == "%":
        return ipywidgets.IntSlider(value=round(start), min=0, max=100, **looks)
    middle = math.log10(start)
    return ipywidgets.FloatLogSlider(
        value=start, min=middle - _POWERS, max=middle + _POWERS, step=_STEP, readout_format=".4s", **looks
    )
