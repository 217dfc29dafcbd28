"""Chats and agents that remember: what was said before goes with each prompt."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from ...messages import say
from ..evaluate.values import Items, Made, Sent, State, Unknown, Value
from ..prompt import Prompt
from .beside import sent_beside
from .call_site import CallSite, finished, flattened
from .draft import Draft


def with_earlier_turns(
    call: CallSite, argument: Value, begun_with: str, draft: Draft
) -> list[dict[str, Any]]:
    """The messages of a chat that remembers; `begun_with` names the turns that it was made with."""
    state = draft.state
    key = ("turns", call.owner)
    history = state.heap.get(key)
    if history is None:
        past = call.owner.keywords.get(begun_with)
        history = Items((past,) if past is not None else ())
    messages = [message for turn in (*history.values, argument) for message in draft.messages(turn)]
    draft.n_unknown += history.more
    state.heap.own[key] = replace(history, values=(*history.values, argument, Sent(call.number)))
    return messages


def is_agent_of_strands(made: Made) -> bool:
    """Whether this is an agent of Strands Agents; the notebook's import says so."""
    return made.name == "strands.Agent"


def asked_of_strands(call: CallSite, made: Made, state: State) -> Prompt:
    """The first request of `agent("…")`; its answers to its own tools come after that."""
    draft = Draft(state)
    request = sent_beside(draft, flattened(made.keywords, state))
    request["messages"] = with_earlier_turns(call, call.args[0], "messages", draft)
    if request.get("tools"):
        draft.lack(say("what {source} adds"), Unknown(ast.Name("tools")))
    return finished(draft, request, call, state, how=f"{call.name}()", named=made.keywords)
