"""What stands beside an annotation: pydantic's `Field(…)`, a default, and the limits of a value."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ...records import dataclass
from ..evaluate.plain import known
from ..evaluate.values import Class, State, Unknown
from .class_bodies import enum_values
from .written import NotWrittenOut, literal, name_of

_WORDS = ("title", "description", "examples")
_LIMITS_OF_NUMBERS = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
}
_LIMITS: Mapping[str, Mapping[str, str]] = {
    "string": {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"},
    "array": {"min_length": "minItems", "max_length": "maxItems"},
    "object": {"min_length": "minProperties", "max_length": "maxProperties"},
    "integer": _LIMITS_OF_NUMBERS,
    "number": _LIMITS_OF_NUMBERS,
}
_ALL_LIMITS = {each for limits in _LIMITS.values() for each in limits}
# What `Field` is told that its schema does not say.
_NOT_IN_THE_SCHEMA = ("frozen", "repr", "exclude", "kw_only", "init", "validate_default")


@dataclass(slots=True)
class Said:
    """What a field's `Field(…)` and default say of it."""

    words: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    default: dict[str, Any] = field(default_factory=dict)
    is_required: bool = True
    alias: str = ""

    def add_default(self, node: ast.expr | None, state: State) -> None:
        """Note what stands behind the `=` of a field: a default, or `Field(…)`."""
        if node is None or _is_ellipsis(node):
            return
        if isinstance(node, ast.Call) and name_of(node.func) == "Field":
            self.add(node, state)
        else:
            self.default, self.is_required = {"default": _default(node, state)}, False

    def add(self, call: ast.Call, state: State) -> None:
        """Note what a `Field(…)` says."""
        given = [(str(each.arg), each.value) for each in call.keywords if each.arg]
        if len(given) < len(call.keywords) or len(call.args) > 1:
            raise NotWrittenOut
        for key, value in [*(("default", each) for each in call.args), *given]:
            if key == "default":
                self.add_default(value, state)
            elif key == "default_factory":
                self.default, self.is_required = {}, False
            elif key in _WORDS:
                said = _default(value, state)
                self.words |= {} if said is None else {key: said}
            elif key in _ALL_LIMITS:
                self.limits[key] = _default(value, state)
            elif key == "alias" and isinstance(text := literal(value), str):
                self.alias = text
            elif key == "json_schema_extra" and isinstance(extra := literal(value), Mapping):
                self.words.update(extra)
            elif key not in _NOT_IN_THE_SCHEMA:
                raise NotWrittenOut


def said_of(beside: Sequence[ast.expr], state: State, *, texts_describe: bool) -> Said:
    """What stands beside the type in `Annotated`: `Field(…)`, or a text that only some read.

    LangChain reads two beside the type of a field as its default and its description.

    Raises:
        NotWrittenOut: something else stands there.
    """
    said = Said()
    if texts_describe and len(beside) == 2 and not isinstance(beside[0], ast.Call):
        default, *beside = beside
        said.add_default(default, state)
        if said.default == {"default": None}:
            said.default = {}
    for each in beside:
        if isinstance(each, ast.Call) and name_of(each.func) == "Field":
            said.add(each, state)
        elif isinstance(text := _default(each, state), str):
            said.words |= {"description": text} if texts_describe else {}
        else:
            raise NotWrittenOut
    return said


def constrained(kind: dict[str, Any], limits: Mapping[str, Any]) -> dict[str, Any]:
    """A schema with the limits of its values; where it may be null too, they are the other's."""
    if not limits:
        return kind
    match kind.get("anyOf"):
        case [inner, {"type": "null"} as null]:
            return {**kind, "anyOf": [constrained(inner, limits), null]}
    names = _LIMITS.get(kind.get("type", ""), {})
    if not limits.keys() <= names.keys() or {"enum", "const"} & kind.keys():
        raise NotWrittenOut
    return {**kind, **{names[key]: each for key, each in limits.items()}}


def _default(node: ast.expr, state: State) -> Any:
    """A literal, a name of the notebook that holds one, or a member of an enumeration."""
    match node:
        case ast.Name(id=name):
            found = known(held := state.name(name), state)
            if found is None or isinstance(held, Unknown):
                raise NotWrittenOut
            return found
        case ast.Attribute(value=ast.Name(id=name), attr=member) if isinstance(
            held := state.name(name), Class
        ):
            return _member(held, member)
        case ast.Attribute(value=ast.Attribute() as inner, attr="value"):
            return _default(inner, state)
    return literal(node)


def _member(value: Class, name: str) -> Any:
    values = enum_values(value)
    if name not in values:
        raise NotWrittenOut
    return values[name]


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
