"""The JSON Schema of annotations: of parameters, and of the fields of classes."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

from ..evaluate.values import Class, State

_KINDS = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "object",
    "Dict": "object",
    "list": "array",
    "List": "array",
}
_MODELS, _ENUMS = {"BaseModel", "TypedDict"}, {"Enum", "StrEnum"}
# A class can hold itself, or one class many times.
_DEEPEST = 8
_MOST_ANNOTATIONS = 2_000


class NotWrittenOut(Exception):
    """An annotation, a default or a decorator whose meaning only a run knows."""


class Annotations:
    """Writes annotations as JSON Schema; the names in them are those of the notebook."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._left = _MOST_ANNOTATIONS

    def schema(self, annotation: ast.expr, depth: int = 0) -> dict[str, Any]:
        """The schema of an annotation.

        Raises:
            NotWrittenOut: what it stands for is not known here.

        >>> node = ast.parse("Annotated[list[str], 'who was there']", mode="eval").body
        >>> Annotations(State()).schema(node)
        {'type': 'array', 'items': {'type': 'string'}, 'description': 'who was there'}
        """
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise NotWrittenOut
        match annotation:
            case ast.Name(id=name) if name in _KINDS:
                return {"type": _KINDS[name]}
            case ast.Name(id=name) if isinstance(held := self._state.name(name), Class):
                return self.of_class(held, depth + 1)
            case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[kind, said])):
                return {**self.schema(kind, depth + 1), "description": _description(said)}
            case ast.Subscript(value=ast.Name(id="Literal"), slice=values):
                options = values.elts if isinstance(values, ast.Tuple) else [values]
                return {"type": "string", "enum": [literal(each) for each in options]}
            case ast.Subscript(value=ast.Name(id="list" | "List"), slice=kind):
                return {"type": "array", "items": self.schema(kind, depth + 1)}
            case ast.Subscript(value=ast.Name(id="dict" | "Dict")):
                return {"type": "object"}
            case (
                ast.Subscript(value=ast.Name(id="Optional"), slice=kind)
                | ast.BinOp(op=ast.BitOr(), left=kind, right=ast.Constant(value=None))
            ):
                return self.schema(kind, depth + 1)
        raise NotWrittenOut

    def of_class(self, value: Class, depth: int = 0) -> dict[str, Any]:
        """The schema of a class of pydantic's, a dictionary with types, or an enumeration.

        Raises:
            NotWrittenOut: it is none of these, or a field of it is not known here.
        """
        bases = _names_of_bases(value)
        if bases & _ENUMS:
            options = [literal(each.value) for each in value.node.body if isinstance(each, ast.Assign)]
            return {"type": "string", "enum": options}
        if not bases & _MODELS:
            raise NotWrittenOut
        properties: dict[str, Any] = {}
        required: list[str] = []
        for name, field in _fields(value):
            properties[name], is_required = self._field(field, depth + 1)
            required += [name] * is_required
        return {"type": "object", "properties": properties, "required": required}

    def _field(self, field: ast.AnnAssign, depth: int) -> tuple[dict[str, Any], bool]:
        """The schema of `name: str = Field(description="…")`, and whether it has no default."""
        kind = self.schema(field.annotation, depth)
        if not isinstance(field.value, ast.Call):
            return kind, field.value is None
        said = {str(each.arg): each.value for each in field.value.keywords}
        if "description" in said:
            kind = {**kind, "description": literal(said["description"])}
        given = [*field.value.args[:1], *(said[key] for key in ("default", "default_factory") if key in said)]
        return kind, all(isinstance(each, ast.Constant) and each.value is ... for each in given)


def literal(node: ast.expr) -> Any:
    """What a literal holds, as far as JSON can write it.

    Raises:
        NotWrittenOut: it is no literal, or JSON has no such value.
    """
    try:
        value = ast.literal_eval(node)
        json.dumps(value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise NotWrittenOut from None
    return value


def _names_of_bases(value: Class) -> set[str]:
    own = {ast.unparse(each).rpartition(".")[2] for each in value.node.bases}
    return own.union(*map(_names_of_bases, value.bases))


def _fields(value: Class) -> Iterator[tuple[str, ast.AnnAssign]]:
    for base in value.bases:
        yield from _fields(base)
    for each in value.node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id, each


def _description(said: ast.expr) -> Any:
    """What `Annotated` says beside a type: a text, or `Field(description="…")`."""
    if isinstance(said, ast.Call):
        said = next((each.value for each in said.keywords if each.arg == "description"), said)
    return literal(said)
