"""What an expression holds, as far as the source tells it; calls are left to whoever reads the code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from .methods import as_text, percent_filled
from .operations import (
    ARITHMETIC,
    attribute,
    chained,
    compared,
    computed,
    elements_of,
    key_of,
    put,
    sliced,
    with_entries,
)
from .texts import UNKNOWN, Text
from .values import (
    CONFIGURED,
    Fields,
    Function,
    Items,
    Made,
    Ref,
    Sent,
    State,
    Unknown,
    Value,
    either,
    truth,
)

# A cell of more expressions than this is read no further. Of 800 public notebooks the largest cell has 5,000
# and the largest notebook 15,000, its functions read wherever they are called.
MOST_STEPS = 100_000
_MOST_REPEATED = 1_000


class TooMuchCode(Exception):
    """There is more code in a cell than is followed."""


class Expressions:
    """Evaluates expressions; `call` is asked what a call gives, `mapping` is told of each mapping."""

    def __init__(
        self, call: Callable[[ast.Call, State], Value], mapping: Callable[[Fields, State], None]
    ) -> None:
        self._call = call
        self._tell_of_mapping = mapping
        self.steps_left = MOST_STEPS

    def value(self, node: ast.AST, state: State) -> Value:
        """What an expression holds; the calls in it are made on the way.

        Raises:
            TooMuchCode: the cell has had its share.
        """
        self.steps_left -= 1
        if self.steps_left < 0:
            raise TooMuchCode
        match node:
            case ast.Constant(value=str(text)):
                return Text(text)
            case ast.Constant(value=bool() | int() | float() | None as number):
                return number
            case ast.Name(id=name):
                return state.name(name)
            case ast.JoinedStr(values=values):
                return sum((self._piece(each, state) for each in values), Text(""))
            case ast.Call():
                return self._call(node, state)
            case ast.BinOp(op=op, left=left, right=right):
                return self._operation(op, self.value(left, state), self.value(right, state), node, state)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return state.new(self._elements(elements, state))
            case ast.Dict():
                fields = self._entries(node, state)
                self._tell_of_mapping(fields, state)
                return state.new(fields)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return state.new(self._comprehension(node, state))
            case ast.Attribute(value=owner, attr=name):
                return attribute(self.value(owner, state), name, node, state)
            case ast.Subscript(value=owner, slice=key):
                return self._subscript(self.value(owner, state), key, node, state)
            case ast.Await(value=inner) | ast.Starred(value=inner):
                return self.value(inner, state)
            case ast.NamedExpr(target=ast.Name(id=name), value=inner):
                value = self.value(inner, state)
                state.bind(name, value)
                return value
        return self._of_two(node, state)

    def _of_two(self, node: ast.AST, state: State) -> Value:
        """Expressions that ask whether something is true, and all that is not told apart."""
        match node:
            case ast.IfExp(test=test, body=body, orelse=orelse):
                known = truth(self.value(test, state), state)
                if known is not None:
                    return self.value(body if known else orelse, state)
                return either(state, self.value(body, state), self.value(orelse, state))
            case ast.BoolOp(op=op, values=operands):
                return self._first_that_decides(isinstance(op, ast.Or), operands, state)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                known = truth(self.value(operand, state), state)
                return Unknown(node) if known is None else not known
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self.value(operand, state)
                return -number if isinstance(number, int | float) else Unknown(node)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return compared(op, self.value(left, state), self.value(right, state), node, state)
            case ast.Lambda():
                return Function(node, state.names)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, state)
        return Unknown(node)

    def _piece(self, node: ast.expr, state: State) -> Text:
        """A part of an f-string."""
        if not isinstance(node, ast.FormattedValue):
            return as_text(self.value(node, state), state)
        value = self.value(node.value, state)
        if node.format_spec is None or isinstance(value, Text):
            return as_text(value, state)
        return UNKNOWN

    def _operation(self, op: ast.operator, left: Value, right: Value, node: ast.AST, state: State) -> Value:
        match op, left, right:
            case (ast.Add(), Text(), _) | (ast.Add(), _, Text()):
                return as_text(left, state) + as_text(right, state)
            case ast.Mod(), Text(), _:
                return percent_filled(left, right, state)
            case ast.Mult(), Text(), int():
                return left * right
            case ast.BitOr(), _, _:
                return with_entries(left, right, state) or Made("|", None, (left, right), {}, node)
            case ast.Add(), Ref(), _ if state.items(left):
                return state.new(chained(state.items(left), state.items(right)))
            case ast.Add(), _, Ref() if state.items(right):
                return state.new(chained(state.items(left), state.items(right)))
            case ast.Mult(), Ref(), int() if items := state.items(left):
                times = max(0, min(right, _MOST_REPEATED // max(1, len(items.values))))
                return state.new(Items(items.values * times, items.more or times < right))
            case _, int() | float(), int() | float() if type(op) in ARITHMETIC:
                return computed(op, left, right, node)
        return Unknown(node)

    def _elements(self, elements: list[ast.expr], state: State) -> Items:
        values: list[Value] = []
        more = False
        for each in elements:
            value = self.value(each, state)
            if isinstance(each, ast.Starred):
                items = state.items(value)
                values += items.values if items else ()
                more = more or items is None or items.more
            else:
                values.append(value)
        return Items(tuple(values), more)

    def _entries(self, node: ast.Dict, state: State) -> Fields:
        entries: dict[Any, Value] = {}
        more = False
        for key, value_node in zip(node.keys, node.values, strict=True):
            value = self.value(value_node, state)
            if key is None:
                fields = state.fields(value)
                entries |= fields.entries if fields else {}
                more = more or fields is None or fields.more
                continue
            name = self.value(key, state)
            if isinstance(name, Text) and not name.n_unknown:
                entries[name.text] = value
            elif isinstance(name, int | float | None):
                entries[name] = value
            else:
                more = True
        return Fields(entries, more)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, state: State) -> Items:
        """Element by element where the source has them all, else one of them."""
        values: list[Value] = []
        more = False
        inner = state.inside(state.names)

        def rounds(place: int) -> None:
            nonlocal more
            if place == len(node.generators):
                values.append(self.value(node.elt, inner))
                return
            generator = node.generators[place]
            elements, is_open = elements_of(self.value(generator.iter, inner), inner)
            more = more or is_open
            for element in elements:
                self.assign(generator.target, element, inner)
                known = [truth(self.value(each, inner), inner) for each in generator.ifs]
                more = more or None in known
                if all(known):
                    rounds(place + 1)

        rounds(0)
        return Items(tuple(values), more)

    def assign(self, target: ast.expr, value: Value, state: State) -> None:
        """Put a value into a name, a tuple of names, an attribute or an entry."""
        match target:
            case ast.Name(id=name):
                state.bind(name, value)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                items = state.items(value)
                has_all = items is not None and len(items.values) == len(targets) and not items.more
                for place, each in enumerate(targets):
                    element = items.values[place] if items and has_all else Unknown(each)
                    if isinstance(value, Sent):
                        element = value
                    self.assign(each.value if isinstance(each, ast.Starred) else each, element, state)
            case ast.Attribute(value=owner, attr=name):
                put(self.value(owner, state), name, value, state)
                if name in CONFIGURED:
                    state.bind(CONFIGURED[name], value)
            case ast.Subscript(value=owner, slice=key):
                held, name = self.value(owner, state), self.value(key, state)
                put(held, key_of(name, state), value, state)

    def _first_that_decides(self, is_or: bool, operands: list[ast.expr], state: State) -> Value:
        """`a or b`, `a and b`: the first operand that is known to decide; what could be is not known."""
        maybe: list[Value] = []
        value: Value = None
        for operand in operands:
            value = self.value(operand, state)
            known = truth(value, state)
            if known is is_or:
                break
            if known is None:
                maybe.append(value)
        return value if not maybe or maybe == [value] else either(state, maybe[0], value)

    def _subscript(self, held: Value, key: ast.expr, node: ast.AST, state: State) -> Value:
        if isinstance(key, ast.Slice):
            ends = [
                None if end is None else self.value(end, state) for end in (key.lower, key.upper, key.step)
            ]
            return sliced(held, ends, node, state)
        name = self.value(key, state)
        if isinstance(held, Sent):
            return held
        items, fields = state.items(held), state.fields(held)
        if items and isinstance(name, int) and -len(items.values) <= name < len(items.values):
            return Unknown(node) if items.more and name < 0 else items.values[name]
        if fields:
            return fields.entries.get(key_of(name, state), Unknown(node))
        return Unknown(node)


def children(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that stand directly in a statement."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
