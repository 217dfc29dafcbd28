"""What values hold as Python would write it or as JSON: with a hole wherever only a run knows more."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from ...files.formats import FormatError, parse_json
from .texts import Text
from .values import Fields, Items, Made, State, Unknown, Value

# Deeper than this nothing is written out, and no more: a list can hold itself, or one list many times.
_DEEPEST = 30
_MOST_VALUES = 20_000


class Plain:
    """Turns values into Python's own, and counts the holes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.n_unknown = 0
        self.first_hole: Value = None
        self._values_left = _MOST_VALUES

    def of(self, value: Value, depth: int = 0) -> Any:
        """A str, number, list or dict; a hole is None, or left out of a text."""
        if isinstance(value, Text):
            self.n_unknown += value.n_unknown
            return value.text
        if value is None or isinstance(value, bool | int | float):
            return value
        self._values_left -= 1
        if depth > _DEEPEST or self._values_left < 0:
            self._hole(value)
            return None
        content = self.state.content(value)
        if content is not None and not getattr(content, "made_by", None):
            self.n_unknown += content.more
            if isinstance(content, Items):
                return [self.of(each, depth + 1) for each in content.values]
            return {key: self.of(each, depth + 1) for key, each in content.entries.items()}
        if isinstance(value, Made):
            return self._made(value, depth)
        enum = _enum(value)
        if enum is None:
            self._hole(value)
        return enum

    def _hole(self, value: Value) -> None:
        self.n_unknown += 1
        self.first_hole = self.first_hole or value

    def _made(self, value: Made, depth: int) -> Any:
        """JSON that is written or read, and an object that is written out by its keywords."""
        if value.last_name in ("dumps", "loads") and value.args:
            inner = self.of(value.args[0], depth + 1)
            return _json_text(inner, value.keywords) if value.last_name == "dumps" else _read(inner)
        if value.keywords and not value.args and value.last_name[:1].isupper():
            return {name: self.of(each, depth + 1) for name, each in value.keywords.items()}
        self._hole(value)
        return None


def _json_text(plain: Any, options: Mapping[str, Value]) -> str:
    """What `json.dumps` writes, with the options that change its length."""
    indent, ascii_only = options.get("indent"), options.get("ensure_ascii", True)
    is_indented = isinstance(indent, int) and not isinstance(indent, bool) and 0 <= indent <= 16
    return json.dumps(plain, indent=indent if is_indented else None, ensure_ascii=ascii_only is not False)


def _read(text: Any) -> Any:
    try:
        return parse_json(text) if isinstance(text, str) else None
    except FormatError:
        return None


def _enum(value: Value) -> str | None:
    """`OBJECT` of `types.Type.OBJECT`: a constant of a class is written as its name."""
    if isinstance(value, Unknown) and isinstance(value.node, ast.Attribute) and value.node.attr.isupper():
        return value.node.attr
    return None


def known(value: Value, state: State) -> Any:
    """The value of Python where all of it is known; None where a part is filled in when it runs."""
    plain = Plain(state)
    found = plain.of(value)
    return None if plain.n_unknown else found


def as_value(plain: Any, state: State) -> Value:
    """A value that holds what JSON does."""
    match plain:
        case str():
            return Text(plain)
        case list():
            return state.new(Items(tuple(as_value(each, state) for each in plain)))
        case dict():
            return state.new(Fields({key: as_value(each, state) for key, each in plain.items()}))
    return plain


def keyed(value: Value, state: State) -> Mapping[Any, Value] | None:
    """The entries of a mapping, or of an object that is written out by its keywords."""
    fields = state.fields(value)
    if fields is not None:
        return fields.entries
    if isinstance(value, Made) and value.keywords:
        return value.keywords
    return None


def is_open(value: Value, state: State) -> bool:
    """Whether a list or mapping may hold more than the source says."""
    content = state.content(value)
    return isinstance(content, Items | Fields) and content.more
