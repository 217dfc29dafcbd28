"""`%llmcost --live`: a text field with the live line under it, where the front end has none."""

from __future__ import annotations

from dataclasses import replace

from ..errors import LLMNumbersError, UsageError
from ..messages import speaking
from ..render.line import cost_parts, html_line
from .magic import Call
from .session import Session

_INSTALL = "--live needs ipywidgets: pip install 'ipython-llmnumbers[widget]', then restart the kernel"
_EMPTY = "write the prompt above: it is counted while you type"


def show_scratchpad(call: Call) -> None:
    """Display the field, filled with the call's text, and its line; without ipywidgets say how to get it.

    Raises:
        UsageError: an option that does more than estimate, or a variable beside the text that is typed.
    """
    others = [each for each in call.magic.all_options if each.effect or each.name == "var"]
    for option in others:
        if option.name != "live" and option.name in call.options.values:
            raise UsageError(f"--live counts while you type: leave {option.flags[-1]} out")
    try:
        import ipywidgets
    except ImportError:
        print(f"llmnumbers: {_INSTALL}")
        return
    from IPython.display import display

    start = call.options.rest if call.cell is None else call.cell
    field = ipywidgets.Textarea(
        value=start, placeholder="prompt", rows=8, layout={"width": "auto"}, continuous_update=True
    )
    line = ipywidgets.HTML()

    def draw(_change: object = None) -> None:
        with speaking(call.language):
            line.value = html_line(_parts(call, field.value))

    field.observe(draw, names="value")
    draw()
    display(ipywidgets.VBox([field, line]))


def _parts(call: Call, text: str) -> tuple[str, ...]:
    if not text:
        return (_EMPTY,)
    kept = {name: value for name, value in call.options.values.items() if name != "live"}
    options = replace(call.options, values=kept, rest="")
    # A session of its own: what is typed is not yet an estimate of the notebook's ledger.
    session = Session(call.session.shell, call.session.settings)
    try:
        estimate = call.magic.answer(replace(call, options=options, cell=text, session=session))
    except LLMNumbersError as error:
        return (str(error),)
    return () if estimate is None else tuple(cost_parts(estimate, estimate.get("window_percent")))
