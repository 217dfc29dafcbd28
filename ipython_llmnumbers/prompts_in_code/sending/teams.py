"""AutoGen's agents and teams: a team begins with its first agent, and an agent keeps what it has heard.

AutoGen, AgentChat: agents and teams. https://microsoft.github.io/autogen/stable/user-guide/agentchat-user-guide/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...messages import say
from ..evaluate.texts import Text
from ..evaluate.values import Items, Made, State, Value
from ..prompt import Prompt
from .beside import sent_beside
from .call_site import CallSite, finished
from .draft import Draft

_AGENT = "AssistantAgent"
_TEAM = "RoundRobinGroupChat"
# What they add that stands nowhere in the notebook, or is not read.
_ADD = ("memory", "workbench", "model_context", "output_content_type")
# What an agent is told where its maker says nothing else (autogen_agentchat, AssistantAgent).
_SYSTEM = (
    "You are a helpful AI assistant. Solve tasks using your tools."
    " Reply with TERMINATE when the task has been completed."
)
_NEW, _HAS_HEARD = Items(), Items(more=True)


def is_of_a_team(owner: Value) -> bool:
    """Whether a task is given to an agent of AutoGen's, or to a team whose members speak in turn."""
    return isinstance(owner, Made) and owner.last_name in (_AGENT, _TEAM)


def note_what_is_kept(call: CallSite, state: State) -> None:
    """A team that is reset has heard nothing, one that is loaded anything."""
    if is_of_a_team(call.owner) and call.last_name in ("reset", "load_state"):
        _set(call.owner, _NEW if call.last_name == "reset" else _HAS_HEARD, state)


def task_of_team(call: CallSite, task: Value, state: State) -> Prompt | None:
    """What the first agent sends; None where it is not known."""
    agent = next(_agents(call.owner, state), None)
    if agent is None or agent.last_name != _AGENT:
        return None
    draft = Draft(state)
    request: dict[str, Any] = sent_beside(draft, {"system_message": Text(_SYSTEM), **agent.keywords})
    tools = [*map(_described, request.get("tools", ())), *_handoffs(draft, agent)]
    request |= {"tools": tools} if tools else {}
    if any("default" in each for tool in request.get("tools", ()) for each in _properties(tool).values()):
        draft.lack(say("what {source} adds"), agent)  # how a default is written nobody has published
    request["messages"] = [{**each, **_named(agent, each)} for each in draft.messages(task)]
    for key in _ADD:
        if agent.keywords.get(key) is not None:
            draft.lack(say("what {source} adds"), agent)
    is_later = bool(state.heap.get(_key(agent), _NEW).more)
    if is_later:
        draft.lack(say("earlier turns of {source}"), call.owner)
    _set(call.owner, _HAS_HEARD, state)
    found = finished(draft, request, call, state, named=agent.keywords, asked=agent)
    return replace(found, begins_a_run=not is_later)


def _handoffs(draft: Draft, agent: Made) -> Iterator[dict[str, Any]]:
    """The tools by which an agent hands over to others: `handoffs=["user"]`, `[Handoff(target="user")]`."""
    items = draft.state.items(agent.keywords.get("handoffs"))
    for each in items.values if items else ():
        target = each.keywords.get("target") if isinstance(each, Made) else each
        if isinstance(target, Text):
            name, text = f"transfer_to_{target.text}".lower(), f"Handoff to {target.text}."
            yield {"name": name, "description": text, "parameters": {"type": "object", "properties": {}}}
        else:
            draft.lack(say("what {source} adds"), agent)


def _agents(owner: Made, state: State) -> Iterator[Made]:
    """An agent, or the members of a team in the order in which they speak."""
    if owner.last_name == _AGENT:
        yield owner
        return
    members = state.items(owner.args[0] if owner.args else owner.keywords.get("participants"))
    yield from (each for each in (members or Items()).values if isinstance(each, Made))


def _key(agent: Made) -> tuple[str, Made]:
    return ("heard", agent)


def _set(owner: Made, heard: Items, state: State) -> None:
    for agent in _agents(owner, state):
        state.heap.own[_key(agent)] = heard


def _named(agent: Made, message: Mapping[str, Any]) -> Mapping[str, str]:
    """The name of who speaks, which OpenAI's clients send too."""
    client = agent.keywords.get("model_client")
    is_openai_s = isinstance(client, Made) and "OpenAI" in client.last_name
    return {"name": "user"} if is_openai_s and message.get("role") == "user" else {}


def _described(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """AutoGen has pydantic write the schema, with titles, and describes a parameter by its name."""
    named = {
        name: {"title": name.replace("_", " ").title(), "description": name, **each}
        for name, each in _properties(tool).items()
    }
    return {**tool, "parameters": {**tool["parameters"], "properties": named}} if named else tool


def _properties(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters = tool.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}
