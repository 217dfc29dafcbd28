"""What `--sliders` and `--live` share: ipywidgets, and HTML under what the user moves or types in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...messages import speaking, voice

INSTALL = "pip install 'ipython-llmnumbers[widget]'"


def find_ipywidgets(how_to_get_it: str) -> Any:
    """The module; None, after a line that says how to get it, where it is not installed."""
    try:
        import ipywidgets
    except ImportError:
        print("llmnumbers:", how_to_get_it)
        return None
    return ipywidgets


def display_controls(ipywidgets: Any, controls: Sequence[Any], draw: Callable[[], str]) -> None:
    """Display the controls and, under them, the HTML of `draw`, drawn again as one of them changes."""
    from IPython.display import display

    shown = ipywidgets.HTML()
    how = voice()  # when a control is moved, the magic has long returned

    def redraw(_change: object = None) -> None:
        with speaking(*how):
            shown.value = draw()

    for control in controls:
        control.observe(redraw, names="value")
    redraw()
    display(ipywidgets.VBox([*controls, shown]))
