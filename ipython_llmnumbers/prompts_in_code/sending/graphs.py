"""LangGraph's graphs: a run goes through the nodes that follow its start, as far as the source tells them.

LangGraph, Graph API overview: a node is given the state and returns what changes in it; messages are added to
those that are there, and a checkpointer keeps them for the next run of the thread.
https://docs.langchain.com/oss/python/langgraph/graph-api
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from ...records import dataclass
from ..evaluate.plain import keyed
from ..evaluate.texts import Text
from ..evaluate.values import Class, Fields, Function, Items, Made, Ref, State, Unknown, Value
from .call_site import CallSite
from .draft import ROLES

_GRAPHS = ("StateGraph", "MessageGraph")
_STARTS, _ENDS = ("START", "__start__"), ("END", "__end__")
_RUNS, _STREAMS = ("invoke", "ainvoke"), ("stream", "astream", "astream_events")
_IN_MEMORY = ("MemorySaver", "InMemorySaver")
_MOST_NODES = 20
_MESSAGES = "messages"
# LangGraph's own class of a state, whose messages are added.
_ADDING = "MessagesState"


def built(call: CallSite, state: State) -> Made | None:
    """The graph that a call adds a node or an edge to; None of any other call."""
    graph = call.owner
    if not isinstance(graph, Made) or graph.last_name not in _GRAPHS:
        return None
    first = call.argument((0, "node", "start_key", "source", "key"))
    second = call.argument((1, "action", "end_key"))
    match call.last_name:
        case "add_node":
            _put(graph, ("node", _place(first)), first if second is None else second, state)
        case "add_edge":
            _connect(graph, _place(first), _place(second), state)
        case "set_entry_point":
            _connect(graph, _STARTS[0], _place(first), state)
        case "set_finish_point":
            _connect(graph, _place(first), _ENDS[0], state)
        case "add_conditional_edges":
            _put(graph, ("edge", _place(first)), None, state)
        case "set_conditional_entry_point":
            _put(graph, ("edge", _STARTS[0]), None, state)
        case _:
            return None
    return graph


def _put(graph: Made, key: tuple[str, str], value: Value, state: State) -> None:
    held = state.heap.get(_key(graph), Fields())
    state.heap.own[_key(graph)] = replace(held, entries={**held.entries, key: value})


def _connect(graph: Made, start: str, end: str, state: State) -> None:
    """An edge; where two leave one node both are taken, in an order that nobody knows."""
    known = state.heap.get(_key(graph), Fields()).entries
    _put(graph, ("edge", start), None if ("edge", start) in known else end, state)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of a graph ends with, whether its first call is of a thread without earlier turns, and
    whether only a run knows which nodes follow."""

    values: Ref
    is_first: bool
    is_stream: bool
    is_open: bool


def run(
    call: CallSite, enter: Callable[[Function, Ref], Value], state: State, in_order_since: int | None
) -> Run | None:
    """Read the nodes that a run certainly goes through; None of what is no such run.

    `enter` reads a node with the values of the graph in place, and says what it returns. From the cell
    `in_order_since` on each was run once.
    """
    graph = _graph_of(call.owner, state)
    given = state.fields(call.argument((0, "input")))
    place = graph.entries.get(("edge", _STARTS[0])) if graph else None
    is_stream = call.last_name in _STREAMS
    if graph is None or given is None or place is None or call.last_name not in (*_RUNS, *_STREAMS):
        return None
    thread = _thread(call, state)
    before = state.heap.get(thread, Items()) if thread else Items()
    is_first = not before.values
    is_more = thread is not None and not _is_kept_from(in_order_since, call.owner.keywords["checkpointer"])
    values = _begun(given, before, is_more, state)
    for _ in range(_MOST_NODES):
        node = graph.entries.get(("node", place))
        if not isinstance(node, Function):
            break
        _change(values, enter(node, values), _adds(call.owner.owner), state)
        place = graph.entries.get(("edge", place))
        if place is None or place in _ENDS:
            break
    held = state.items(_entry(values, _MESSAGES, state)) or Items(more=True)
    if place not in _ENDS:
        held = replace(held, more=True)
        _put_entry(values, _MESSAGES, state.new(held), state)
    if thread:
        state.heap.own[thread] = held
    return Run(values, is_first, is_stream, place not in _ENDS)


def _key(graph: Made) -> tuple[str, Made]:
    return ("graph", graph)


def _graph_of(value: Value, state: State) -> Fields | None:
    if not isinstance(value, Made) or value.last_name != "compile" or not isinstance(value.owner, Made):
        return None
    held = state.heap.get(_key(value.owner))
    return held if isinstance(held, Fields) else None


def _place(value: Value) -> str:
    """The name of a node: a text, that of a function, or START and END as they are imported."""
    if isinstance(value, Text):
        return _STARTS[0] if value.text in _STARTS else _ENDS[0] if value.text in _ENDS else value.text
    node = getattr(value, "node", None)
    return str(getattr(node, "name", None) or getattr(node, "attr", None) or getattr(node, "id", "?"))


def _thread(call: CallSite, state: State) -> tuple[str, Made, Value] | None:
    """What names the thread that a run goes on with; None where nothing is kept."""
    if call.owner.keywords.get("checkpointer") is None:
        return None
    config = keyed(call.argument(("config", 1)), state) or {}
    named = (keyed(config.get("configurable"), state) or {}).get("thread_id")
    return ("thread", call.owner, named.text if isinstance(named, Text) else named)


def _is_kept_from(cell: int | None, checkpointer: Value) -> bool:
    """Whether all that a checkpointer keeps was said by the runs that were read: it is in the memory of the
    notebook, and none of its cells has run twice since it was made."""
    if not isinstance(checkpointer, Made):
        return False
    is_here = checkpointer.last_name in _IN_MEMORY or Text(":memory:") in checkpointer.args
    return is_here and cell is not None and checkpointer.cell >= cell


def _begun(given: Fields, before: Items, more: bool, state: State) -> Ref:
    """The values that a run begins with: what it is given, behind the messages of its thread, of which there
    are more once the cell has run before."""
    messages = _messages(given.entries.get(_MESSAGES, state.new(Items())), state)
    whole = Items((*before.values, *messages.values), messages.more or before.more or more)
    return state.new(Fields({**given.entries, _MESSAGES: state.new(whole)}, given.more))


def _messages(value: Value, state: State) -> Items:
    """The messages of a list, or the only one."""
    items = state.items(value)
    if items is None or (
        items.values and isinstance(items.values[0], Text) and items.values[0].text.lower() in ROLES
    ):
        return Items((value,), isinstance(value, Unknown))
    return items


def _change(values: Ref, returned: Value, adds: bool | None, state: State) -> None:
    """Take over what a node returns: its messages behind the others where the graph adds them, anything else
    in place of what was. A node may also change what it is given, and return that."""
    held, changed = state.fields(values), state.fields(returned)
    if held is None or returned == values:
        return
    before = _messages(held.entries.get(_MESSAGES, Unknown()), state)
    if changed is None:
        whole = Items(before.values, more=True)
        state.change(values, Fields({_MESSAGES: state.new(whole)}, more=True))
        return
    added = _messages(changed.entries.get(_MESSAGES, state.new(Items())), state)
    if _MESSAGES not in changed.entries:
        whole = before
    elif adds is False or added.values[: len(before.values)] == before.values:
        whole = added
    else:
        more = before.more or added.more or adds is None
        whole = Items((*before.values, *added.values), more)
    entries = {**held.entries, **changed.entries, _MESSAGES: state.new(whole)}
    state.change(values, Fields(entries, held.more or changed.more))


def _adds(graph: Made) -> bool | None:
    """Whether messages are added to those that are there; None where the class of the state is not known."""
    schema = graph.args[0] if graph.args else graph.keywords.get("state_schema")
    if graph.last_name == "MessageGraph" or getattr(getattr(schema, "node", None), "id", "") == _ADDING:
        return True
    return _class_adds(schema) if isinstance(schema, Class) else None


def _class_adds(schema: Class) -> bool | None:
    for each in schema.node.body:
        match each:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation) if name == _MESSAGES:
                return "Annotated" in ast.unparse(annotation)
    if any(ast.unparse(base).endswith(_ADDING) for base in schema.node.bases):
        return True
    return next((adds for base in schema.bases if (adds := _class_adds(base)) is not None), None)


def _entry(values: Ref, name: str, state: State) -> Value:
    fields = state.fields(values)
    return fields.entries.get(name) if fields else None


def _put_entry(values: Ref, name: str, value: Value, state: State) -> None:
    fields = state.fields(values) or Fields()
    state.change(values, replace(fields, entries={**fields.entries, name: value}))
