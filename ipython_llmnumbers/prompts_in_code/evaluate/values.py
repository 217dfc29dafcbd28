"""What an expression of a notebook is known to be without running it, and the names that hold it.

A list and a mapping can be changed by whoever holds them: a `Ref` names one, and its content lies in the
state's heap. What a part of the source may do or not do (a branch, a loop) is read in a fork of the state
and then merged: what both ways have in common stays known, the rest is filled in when it runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from itertools import count
from typing import Any

from ...records import dataclass
from .texts import UNKNOWN, Text, least

# Text, a number, a bool, None, or one of the classes below.
Value = Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only a run fills in; `node` is how the source writes it, where it does."""

    node: ast.AST | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to the prompt of that number, or a part of it."""

    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What a call of somebody else's code made: a client, a message, a template, or anything at all.

    `name` is the call's, with dots; `owner` is what the method was called on. `a | b` is one named `|`.
    `cell` is the one that made it.
    """

    name: str
    owner: Value = None
    args: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)
    node: ast.AST | None = None
    cell: int = -1

    @property
    def last_name(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the notebook; `layer` holds the names that it sees, `owner` the object of a method."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    layer: Layer
    cell: int = -1
    owner: Value = None
    is_method: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the notebook, with its methods and the other names of its body; `bases` are those of them
    that the notebook defines too."""

    name: str
    methods: Mapping[str, Function]
    attributes: Mapping[str, Value]
    node: ast.ClassDef
    bases: tuple[Class, ...] = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """A list or a mapping of the heap."""

    place: int


@dataclass(frozen=True, slots=True)
class Items:
    """The elements of a list, tuple or set; there are `more` where only a run knows them all."""

    values: tuple[Value, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """The entries of a mapping, or the attributes of an object of the notebook's own class."""

    entries: Mapping[Any, Value] = field(default_factory=dict)
    more: bool = False
    made_by: Class | None = None


# Where a framework keeps the model of all that follows: `Settings.llm = …`, `dspy.configure(lm=…)`. No name
# of Python has a dot.
CONFIGURED = {"llm": "Settings.llm", "lm": "dspy.lm"}

_MISSING = object()
_places = count()


class Layer:
    """Names and what they hold, over the layer below, which writing leaves as it is."""

    __slots__ = ("below", "own")

    def __init__(self, below: Layer | None = None) -> None:
        self.own: dict[Any, Value] = {}
        self.below = below

    def get(self, key: Any, default: Value = None) -> Value:
        layer: Layer | None = self
        while layer is not None:
            if key in layer.own:
                return layer.own[key]
            layer = layer.below
        return default


@dataclass(frozen=True, slots=True)
class State:
    """The names that code sees, and the contents of what they hold."""

    names: Layer = field(default_factory=Layer)
    heap: Layer = field(default_factory=Layer)

    def fork(self) -> State:
        """A state to read a part in that may not run."""
        return State(Layer(self.names), Layer(self.heap))

    def inside(self, layer: Layer) -> State:
        """The state inside a function that sees the names of `layer`."""
        return State(Layer(layer), self.heap)

    def name(self, name: str) -> Value:
        """What a name holds; `_MISSING` stays inside this module."""
        return self.names.get(name, Unknown(ast.Name(name)))

    def bind(self, name: str, value: Value) -> None:
        self.names.own[name] = value

    def new(self, content: Items | Fields) -> Ref:
        """Put a list or a mapping on the heap."""
        ref = Ref(next(_places))
        self.heap.own[ref.place] = content
        return ref

    def content(self, value: Value) -> Items | Fields | None:
        """What a `Ref` holds; None of any other value."""
        return self.heap.get(value.place) if isinstance(value, Ref) else None

    def items(self, value: Value) -> Items | None:
        content = self.content(value)
        return content if isinstance(content, Items) else None

    def fields(self, value: Value) -> Fields | None:
        content = self.content(value)
        return content if isinstance(content, Fields) else None

    def change(self, ref: Ref, content: Items | Fields) -> None:
        self.heap.own[ref.place] = content

    def keep_answer(self, number: int, text: Text) -> None:
        """Keep the text of the answer to the prompt of that number, where the notebook shows it."""
        self.heap.own["answer", number] = text

    def answer(self, sent: Sent) -> Text:
        """The text of an answer; a hole where nothing shows it."""
        held = self.heap.get(("answer", sent.number))
        return held if isinstance(held, Text) else UNKNOWN

    # -- ways that may or may not be taken -----------------------------------------------

    def take(self, other: State) -> None:
        """Go on as a fork of this state ended."""
        self.names.own.update(other.names.own)
        self.heap.own.update(other.heap.own)

    def merge(self, one: State, other: State) -> None:
        """Go on where either of two forks of this state may have been taken."""
        for place in {**one.heap.own, **other.heap.own}:
            first, second = one.heap.get(place), other.heap.get(place)
            self.heap.own[place] = _common(self, first, second) if first and second else first or second
        for name in {**one.names.own, **other.names.own}:
            first, second = (each.names.get(name, _MISSING) for each in (one, other))
            self.bind(name, either(self, first, second))

    def repeat(self, once: State) -> None:
        """Go on after a loop of unknown length of which a fork of this state read one round."""
        for place, content in once.heap.own.items():
            before = self.heap.get(place)
            if isinstance(before, Items) and len(content.values) < len(before.values):
                content = before  # old turns are dropped only where a chat has grown too long
            self.heap.own[place] = replace(content, more=True) if before is not None else content
        for name, value in once.names.own.items():
            before = self.names.get(name, _MISSING)
            grown = isinstance(value, Text) and before is not _MISSING and before != value
            self.bind(name, value + UNKNOWN if grown else value)


def _common(state: State, one: Items | Fields, other: Items | Fields) -> Items | Fields:
    """What two contents of one list or mapping have in common."""
    if one == other:
        return one
    match one, other:
        case Items(), Items():
            return Items(tuple(_prefix(one.values, other.values)), more=True)
        case Fields(), Fields():
            both = [key for key in one.entries if key in other.entries]
            entries = {key: either(state, one.entries[key], other.entries[key]) for key in both}
            return Fields(entries, more=True, made_by=one.made_by)
    return replace(one, more=True)


def _prefix(one: tuple[Value, ...], other: tuple[Value, ...]) -> Iterator[Value]:
    for first, second in zip(one, other, strict=False):
        if first != second:
            return
        yield first


def either(state: State, one: Value, other: Value) -> Value:
    """What is known where it is one of two values; a name that only one way binds is that way's."""
    if one == other or other is _MISSING:
        return one
    if one is _MISSING:
        return other
    if isinstance(one, Text) or isinstance(other, Text):
        both = isinstance(one, Text) and isinstance(other, Text)
        return least(one, other) if both else UNKNOWN
    contents = state.content(one), state.content(other)
    if contents[0] and contents[1]:
        return state.new(_common(state, contents[0], contents[1]))
    if isinstance(one, Made) and isinstance(other, Made):
        return one
    return Unknown()


def truth(value: Value, state: State) -> bool | None:
    """Whether a value counts as true; None where only a run knows."""
    match value:
        case Text(text=text, n_unknown=n_unknown):
            return True if text else (None if n_unknown else False)
        case None | bool() | int() | float():
            return bool(value)
        case Ref():
            return _holds_any(state.content(value))
        case Function() | Class():
            return True
    return None


def _holds_any(content: Items | Fields | None) -> bool | None:
    """Whether there is anything in a list or mapping; an object of a class is something."""
    match content:
        case Items(values=held) | Fields(entries=held):
            if held or (isinstance(content, Fields) and content.made_by is not None):
                return True
            return None if content.more else False
    return None
