"""What operators, attributes and entries give of values that are known."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from .texts import Text
from .values import Class, Fields, Function, Items, Made, Ref, Sent, State, Unknown, Value

# A loop or a comprehension over more elements than this is read once, as one of unknown length.
MOST_ROUNDS = 50
_MOST_NUMBER = 10**12

ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}
_ORDERS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def attribute(owner: Value, name: str, node: ast.AST, state: State) -> Value:
    """What an attribute holds: of an object, of what a call made, of an answer."""
    match owner:
        case Sent():
            return owner
        case Made(keywords=keywords) if name in keywords:
            return keywords[name]
        case Class():
            return owner.methods.get(name, owner.attributes.get(name, Unknown(node)))
    fields = state.fields(owner)
    if fields is not None and fields.made_by is not None:
        if name in fields.entries:
            return fields.entries[name]
        method = fields.made_by.methods.get(name)
        if method is not None:
            return Function(method.node, method.layer, method.cell, owner, is_method=True)
        return fields.made_by.attributes.get(name, Unknown(node))
    return Unknown(node)


def put(held: Value, name: Any, value: Value, state: State) -> None:
    """Set an entry or an attribute; one whose name is not known makes more of what is there."""
    fields, items = state.fields(held), state.items(held)
    if fields is not None:
        is_name = isinstance(name, str | int | tuple)
        entries = {**fields.entries, name: value} if is_name else fields.entries
        state.change(held, Fields(entries, fields.more or not is_name, fields.made_by))
    elif items is not None:
        if isinstance(name, int) and -len(items.values) <= name < len(items.values) and not items.more:
            values = list(items.values)
            values[name] = value
            state.change(held, Items(tuple(values)))
        else:
            state.change(held, Items(items.values, more=True))


def key_of(value: Value, state: State) -> Any:
    """What a value is as the key of a mapping: a text, a number, a tuple of them; else the value itself."""
    if isinstance(value, Text):
        return value if value.n_unknown else value.text
    items = state.items(value)
    if items is not None and not items.more and all(map(_is_plain, items.values)):
        return tuple(key_of(each, state) for each in items.values)
    return value


def elements_of(value: Value, state: State) -> tuple[tuple[Value, ...], bool]:
    """The elements of a loop, and whether there may be more; an unknown one where none is known."""
    items, fields = state.items(value), state.fields(value)
    if fields is not None and fields.made_by is None:
        keys = (Text(key) if isinstance(key, str) else key for key in fields.entries)
        items = Items(tuple(keys), fields.more)
    if items is None or len(items.values) > MOST_ROUNDS or (items.more and not items.values):
        return (Unknown(),), True
    return items.values, items.more


def compared(op: ast.cmpop, left: Value, right: Value, node: ast.AST, state: State) -> Value:
    """A comparison of two values that are known, as a bool."""
    if isinstance(op, ast.In | ast.NotIn):
        held = state.items(right) or state.fields(right)
        key = key_of(left, state)
        if held is None or held.more or not isinstance(key, str | int | float | tuple | None):
            return Unknown(node)
        known = held.entries if isinstance(held, Fields) else [key_of(each, state) for each in held.values]
        if not all(isinstance(each, str | int | float | tuple | None) for each in known):
            return Unknown(node)
        return (key in known) == isinstance(op, ast.In)
    if right is None and isinstance(op, ast.Is | ast.Eq | ast.IsNot | ast.NotEq) and _is_known(left):
        return (left is None) == isinstance(op, ast.Is | ast.Eq)
    if _is_plain(left) and _is_plain(right) and isinstance(op, ast.Eq | ast.NotEq):
        return (left == right) == isinstance(op, ast.Eq)
    if type(op) in _ORDERS and isinstance(left, int | float) and isinstance(right, int | float):
        return _ORDERS[type(op)](left, right)
    return Unknown(node)


def _is_plain(value: Value) -> bool:
    if isinstance(value, Text):
        return not value.n_unknown
    return value is None or isinstance(value, bool | int | float)


def _is_known(value: Value) -> bool:
    """Whether it is known to be something or None; a text with holes is something."""
    return not isinstance(value, Unknown | Made | Sent) or (isinstance(value, Text) and bool(value.text))


def chained(left: Items | None, right: Items | None) -> Items:
    known = [each for each in (left, right) if each is not None]
    values = tuple(value for each in known for value in each.values)
    return Items(values, len(known) < 2 or any(each.more for each in known))


def with_entries(left: Value, right: Value, state: State) -> Ref | None:
    """`a | b` of two mappings; None of anything else."""
    one, other = state.fields(left), state.fields(right)
    if one is None or other is None:
        return None
    return state.new(Fields({**one.entries, **other.entries}, one.more or other.more))


def sliced(held: Value, ends: list[Value], node: ast.AST, state: State) -> Value:
    if not all(end is None or isinstance(end, int) for end in ends) or ends[2] == 0:
        return Unknown(node)
    part = slice(*ends)
    items = state.items(held)
    if items is not None:
        return state.new(Items(items.values[part], items.more))
    if isinstance(held, Text) and not held.n_unknown:
        return Text(held.text[part])
    return Unknown(node)


def computed(op: ast.operator, left: float, right: float, node: ast.AST) -> Value:
    if max(abs(left), abs(right)) > _MOST_NUMBER or (isinstance(op, ast.FloorDiv) and not right):
        return Unknown(node)
    return ARITHMETIC[type(op)](left, right)
