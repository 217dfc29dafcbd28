"""What a call is made on, its dotted name, and its arguments."""

from __future__ import annotations

import ast
from collections.abc import Callable

from .operations import attribute
from .values import Made, State, Unknown, Value


class Called:
    """Reads the two sides of a call; `value` is what reads an expression."""

    def __init__(self, value: Callable[[ast.expr, State], Value]) -> None:
        self._value = value

    def target(self, func: ast.expr, state: State) -> tuple[Value, str, Value]:
        """What a call is made on, its dotted name, and the value of what is called itself."""
        if isinstance(func, ast.Name):
            return self.held(state.name(func.id), func.id, state)
        if not isinstance(func, ast.Attribute):
            target = self._value(func, state)
            name = target.last_name if isinstance(target, Made) else "?"
            return target, name, target
        owner, path, base = self._owner(func.value, state)
        target = attribute(owner, func.attr, func, state) if not path else Unknown(func)
        return owner, ".".join((base, *path, func.attr)), target

    def held(self, target: Value, name: str, state: State) -> tuple[Value, str, Value]:
        """The same of a value that is called: `create = client.messages.create` is a method too."""
        if isinstance(target, Unknown) and isinstance(target.node, ast.Attribute):
            return self.target(target.node, state)
        return target, name, target

    def _owner(self, node: ast.expr, state: State) -> tuple[Value, list[str], str]:
        """The value of the longest known part of `a.b.c`, the names behind it, and the name before."""
        if isinstance(node, ast.Attribute):
            owner, path, base = self._owner(node.value, state)
            inner = attribute(owner, node.attr, node, state) if not path else Unknown(node)
            if isinstance(inner, Unknown):
                return owner, [*path, node.attr], base
            return inner, [], f"{base}.{node.attr}"
        value = self._value(node, state)
        return value, [], node.id if isinstance(node, ast.Name) else "?"

    def arguments(self, node: ast.Call, state: State) -> tuple[tuple[Value, ...], dict[str, Value], bool]:
        """The arguments by place and by name, and whether there are more than is known."""
        args: list[Value] = []
        keywords: dict[str, Value] = {}
        more = False
        for each in node.args:
            value = self._value(each, state)
            if isinstance(each, ast.Starred):
                items = state.items(value)
                args += items.values if items else ()
            else:
                args.append(value)
        for keyword in node.keywords:
            value = self._value(keyword.value, state)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
                continue
            fields = state.fields(value)
            keywords |= {str(key): each for key, each in fields.entries.items()} if fields else {}
            more = more or fields is None or fields.more
        return tuple(args), keywords, more
