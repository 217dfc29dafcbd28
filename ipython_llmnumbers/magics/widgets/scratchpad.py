"""`%llmcost --live`: a text field with the live line under it, where the front end has none."""

from __future__ import annotations

from dataclasses import replace

from ...errors import LLMNumbersError, UsageError
from ...messages import tell
from ...render.line import cost_parts, html_line
from ..magic import Call
from ..session import Session
from .base import INSTALL, display_controls, find_ipywidgets


def show_scratchpad(call: Call) -> None:
    """Display the field, filled with the call's text, and its line; without ipywidgets say how to get it.

    Raises:
        UsageError: an option that does more than estimate, or a variable beside the text that is typed.
    """
    others = [each for each in call.magic.all_options if each.effect or each.name == "var"]
    for option in others:
        if option.name != "live" and option.name in call.options.values:
            raise UsageError("--live counts while you type: leave {flag} out", flag=option.flags[-1])
    ipywidgets = find_ipywidgets(
        tell("--live needs ipywidgets: {command}, then restart the kernel", command=INSTALL)
    )
    if ipywidgets is None:
        return
    start = call.options.rest if call.cell is None else call.cell
    field = ipywidgets.Textarea(
        value=start, placeholder=tell("prompt"), rows=8, layout={"width": "auto"}, continuous_update=True
    )
    typed = call.without({"live"})
    display_controls(ipywidgets, [field], lambda: html_line(_parts(typed, field.value)))


def _parts(call: Call, text: str) -> tuple[str, ...]:
    if not text:
        return (tell("write the prompt above: it is counted while you type"),)
    options = replace(call.options, rest="")
    # A session of its own: what is typed is not yet an estimate of the notebook's ledger.
    session = Session(call.session.shell, call.session.settings)
    try:
        estimate = call.magic.answer(replace(call, options=options, cell=text, session=session))
    except LLMNumbersError as error:
        return (str(error),)
    return () if estimate is None else tuple(cost_parts(estimate))
