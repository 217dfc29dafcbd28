"""LangChain's runnables with a history: what a session has said before goes with what it is asked next.

LangChain, RunnableWithMessageHistory: the history of a session is what the notebook's own function returns,
and each call adds what was asked and the answer.
https://python.langchain.com/api_reference/core/runnables/langchain_core.runnables.history.RunnableWithMessageHistory.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ...records import dataclass
from ..evaluate.plain import keyed
from ..evaluate.texts import Text
from ..evaluate.values import Fields, Function, Items, Made, State, Value
from .call_site import CallSite

_WITH_HISTORY = "RunnableWithMessageHistory"
_IN_MEMORY = ("ChatMessageHistory", "InMemoryChatMessageHistory")


@dataclass(frozen=True, slots=True)
class Session:
    """A call with the session's history in place, and what the session has said with it."""

    call: CallSite
    history: Made
    said: tuple[Value, ...]

    def keep(self, answer: Value, state: State) -> None:
        state.heap.own[_key(self.history)] = Items((*self.said, answer))


def in_session(
    call: CallSite,
    enter: Callable[[Function, Sequence[Value]], Value],
    state: State,
    in_order_since: int | None,
) -> Session | None:
    """The call that a runnable with a history makes; None where it is none, or its history is not known.

    `enter` reads a function of the notebook. From the cell `in_order_since` on each was run once: only then
    has a session said what was read, and no more.
    """
    made = call.owner
    if not isinstance(made, Made) or made.last_name != _WITH_HISTORY or in_order_since is None:
        return None
    runnable, factory = (
        made.args[place] if place < len(made.args) else made.keywords.get(name)
        for place, name in enumerate(("runnable", "get_session_history"))
    )
    if not isinstance(factory, Function) or factory.cell < in_order_since:
        return None
    history = enter(factory, _session_of(call, state))
    if not isinstance(history, Made) or history.last_name not in _IN_MEMORY or history.args:
        return None
    before = state.heap.get(_key(history), Items()).values
    asked = call.argument((0, "input"))
    given, turn = _given(made, asked, before, state)
    inner = replace(call, owner=runnable, args=(given,), keywords={})
    return Session(inner, history, (*before, *turn))


def _key(history: Made) -> tuple[str, Made]:
    return ("kept", history)


def _session_of(call: CallSite, state: State) -> tuple[Value, ...]:
    """What names the session in `config={"configurable": {"session_id": "1"}}`."""
    config = keyed(call.argument(("config", 1)), state) or {}
    return tuple((keyed(config.get("configurable"), state) or {}).values())


def _given(
    made: Made, asked: Value, before: tuple[Value, ...], state: State
) -> tuple[Value, tuple[Value, ...]]:
    """What the runnable is given, and the messages of this turn: the history stands under a name of its own,
    or before what is asked."""
    names = [made.keywords.get(f"{each}_messages_key") for each in ("input", "history")]
    own_input, own_history = (each.text if isinstance(each, Text) else None for each in names)
    entries = dict(keyed(asked, state) or {}) if own_input else {}
    turn = _messages(entries.get(own_input) if own_input else asked, state)
    if own_history:
        return state.new(Fields({**entries, own_history: state.new(Items(before))})), turn
    whole = state.new(Items((*before, *turn)))
    return (state.new(Fields({**entries, own_input: whole})) if own_input else whole), turn


def _messages(asked: Value, state: State) -> tuple[Value, ...]:
    items = state.items(asked)
    return items.values if items is not None else (Made("HumanMessage", None, (asked,)),)
