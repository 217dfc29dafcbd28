"""The JSON Schema that pydantic writes of annotations: of parameters, and of the fields of classes.

What this module writes of a class is what `model_json_schema()` gives of it, to the order of the keys.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from ..evaluate.values import Class, Made, State, Unknown
from .class_bodies import classes_kind, config_of, enum_values, fields_of
from .field_calls import Said, constrained, said_of
from .written import NotWrittenOut, literal, name_of

_ANY_LIST: Mapping[str, Any] = {"items": {}, "type": "array"}
_ANY_SET: Mapping[str, Any] = {**_ANY_LIST, "uniqueItems": True}
_ANY_MAPPING: Mapping[str, Any] = {"additionalProperties": True, "type": "object"}
_KINDS: Mapping[str, Mapping[str, Any]] = {
    "Any": {},
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    **dict.fromkeys(("list", "List", "tuple", "Tuple"), _ANY_LIST),
    **dict.fromkeys(("set", "Set", "frozenset", "FrozenSet"), _ANY_SET),
    **dict.fromkeys(("dict", "Dict"), _ANY_MAPPING),
}
_MODULES = ("typing", "typing_extensions", "t", "te")
_LISTS = ("list", "List", "Sequence", "Iterable")
_SETS = ("set", "Set", "frozenset", "FrozenSet")
_MAPPINGS = ("dict", "Dict", "Mapping")
_TYPES: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_NULL = {"type": "null"}
# A class can hold itself, or one class many times.
_DEEPEST = 30
_MOST_ANNOTATIONS = 2_000


class Annotations:
    """Writes annotations as JSON Schema; the names in them are those of the notebook.

    LangChain reads a text in `Annotated` as a description, and writes `Optional[str]` of a dictionary with
    types as a `str` (`convert_to_openai_tool`); pydantic does neither.
    """

    def __init__(self, state: State, *, texts_describe: bool = False, has_null: bool = True) -> None:
        self._state = state
        self._texts_describe = texts_describe
        self._has_null = has_null
        self._left = _MOST_ANNOTATIONS
        self._nested = 0
        self._classes: dict[str, Class] = {}
        self._references: list[str] = []
        self._extras: set[str] = set()
        self.definitions: dict[str, Any] = {}

    def whole(self, value: Class) -> dict[str, Any]:
        """The schema of a class of pydantic's, a dictionary with types, or an enumeration.

        Raises:
            NotWrittenOut: it is none of these, or a part of it is not known here.
        """
        reference = self._reference(value)
        held = dict(self.definitions)
        if self._references.count(value.name) > 1:
            return dict(in_order({"$defs": held, **reference}))
        own = held.pop(value.name)
        return dict(in_order({"$defs": held, **own} if held else own))

    def schema(self, annotation: ast.expr, depth: int = 0) -> dict[str, Any]:
        """The schema of an annotation; the classes in it are in `definitions`.

        Raises:
            NotWrittenOut: what it stands for is not known here.

        >>> node = ast.parse("list[Literal['a', 'b']] | None", mode="eval").body
        >>> Annotations(State()).schema(node)["anyOf"][0]
        {'items': {'enum': ['a', 'b'], 'type': 'string'}, 'type': 'array'}
        """
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise NotWrittenOut
        match annotation:
            case ast.Constant(value=None):
                return dict(_NULL)
            case ast.Constant(value=str(text)):  # a class that is defined below
                return self.schema(_parsed(text), depth + 1)
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self._union([left, right], depth)
            case ast.Subscript(value=value, slice=inner):
                return self._generic(name_of(value), inner, depth)
            case ast.Name(id=name):
                held = self._state.name(name)
                if isinstance(held, Class):
                    return self._reference(held)
                if isinstance(held, Unknown | Made) and isinstance(held.node, ast.Subscript | ast.BinOp):
                    return self.schema(held.node, depth + 1)  # `Mood = Literal["good", "bad"]`
                if name not in _KINDS or not isinstance(held, Unknown):
                    raise NotWrittenOut
            case ast.Attribute(value=ast.Name(id=module)) if module not in _MODULES:
                raise NotWrittenOut
        kind = _KINDS.get(name_of(annotation))
        if kind is None:
            raise NotWrittenOut
        return dict(kind)

    def _generic(self, name: str, inner: ast.expr, depth: int) -> dict[str, Any]:
        elements = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        match name, elements:
            case "Annotated", [kind, *beside]:
                said = said_of(beside, self._state, texts_describe=self._texts_describe)
                return {**constrained(self.schema(kind, depth + 1), said.limits), **said.words}
            case "Literal", [*options]:
                return _literal([literal(each) for each in options])
            case "Optional", [kind]:
                return self._union([kind, ast.Constant(None)], depth)
            case "Union", [*kinds]:
                return self._union(kinds, depth)
            case _, [kind] if name in _LISTS:
                return {"items": self.schema(kind, depth + 1), "type": "array"}
            case _, [kind] if name in _SETS:
                return {"items": self.schema(kind, depth + 1), "type": "array", "uniqueItems": True}
            case (("tuple" | "Tuple"), [kind, ast.Constant(value=end)]) if end is ...:
                return {"items": self.schema(kind, depth + 1), "type": "array"}
            case (("tuple" | "Tuple"), [_, *_]):
                each_kind = [self.schema(each, depth + 1) for each in elements]
                count = len(each_kind)
                return {"maxItems": count, "minItems": count, "prefixItems": each_kind, "type": "array"}
            case _, [ast.Name(id="str"), kind] if name in _MAPPINGS:
                return {"additionalProperties": self.schema(kind, depth + 1) or True, "type": "object"}
        raise NotWrittenOut

    def _union(self, kinds: Sequence[ast.expr], depth: int) -> dict[str, Any]:
        """One of several; None is said last."""
        if depth > _DEEPEST:
            raise NotWrittenOut
        found: list[dict[str, Any]] = []
        for each in kinds:
            inner = self.schema(each, depth + 1)
            # A union in a union is one.
            found += inner["anyOf"] if set(inner) == {"anyOf"} else [inner]
        different = [each for place, each in enumerate(found) if each not in found[:place] and each != _NULL]
        if _NULL in found and self._has_null:
            different.append(dict(_NULL))
        return different[0] if len(different) == 1 else {"anyOf": different}

    # -- classes ----------------------------------------------------------------------

    def _reference(self, value: Class) -> dict[str, Any]:
        """Where a class is written out."""
        if self._classes.setdefault(value.name, value) is not value:
            raise NotWrittenOut
        self._references.append(value.name)
        if value.name not in self.definitions:
            self.definitions[value.name] = {}
            self._nested += 1
            if self._nested > _DEEPEST:
                raise NotWrittenOut
            self.definitions[value.name] = self._written(value)
            self._nested -= 1
        return {"$ref": f"#/$defs/{value.name}"}

    def _written(self, value: Class) -> dict[str, Any]:
        kind = classes_kind(value)
        said = inspect.cleandoc(ast.get_docstring(value.node, clean=False) or "")
        described = {"description": said} if said else {}
        if kind == "enum":
            values = list(enum_values(value).values())
            return {**described, **_kinds_of(values), "enum": values, "title": value.name}
        config = config_of(value)
        self._extras |= {kind} | {"extra"} & config.keys()
        if self._extras >= {"typed", "extra"}:  # which of them it reaches, pydantic alone knows
            raise NotWrittenOut
        fields = [
            (each.target.id, each.annotation, each.value)
            for each in fields_of(value)
            if isinstance(each.target, ast.Name)
        ]
        schema = {**self.of_fields(fields), "title": config.get("title", value.name), **described}
        if "extra" in config and config["extra"] != "ignore":
            schema["additionalProperties"] = config["extra"] == "allow"
        return {**schema, **config.get("json_schema_extra", {})}

    def of_fields(self, fields: Sequence[tuple[str, ast.expr | None, ast.expr | None]]) -> dict[str, Any]:
        """The schema of fields or parameters: their names, annotations and defaults.

        Raises:
            NotWrittenOut: what one of them stands for is not known here.
        """
        properties: dict[str, Any] = {}
        required: list[str] = []
        for name, annotation, value in fields:
            beside: list[ast.expr] = []
            while isinstance(annotation, ast.Subscript) and name_of(annotation.value) == "Annotated":
                annotation, *more = getattr(annotation.slice, "elts", [annotation.slice])
                beside = [*more, *beside]
            said = said_of(beside, self._state, texts_describe=self._texts_describe)
            said.add_default(value, self._state)
            kind = {} if annotation is None else self.schema(annotation)
            properties[said.alias or name] = _property(said.alias or name, kind, said)
            required += [said.alias or name] * said.is_required
        schema: dict[str, Any] = {"properties": properties, "type": "object"}
        return {**schema, "required": required} if required else schema


def pydantic_schema(value: Class, state: State) -> dict[str, Any] | None:
    """What `model_json_schema()` gives of a class of pydantic's; None where it is not all known."""
    try:
        return Annotations(state).whole(value) if classes_kind(value) == "model" else None
    except NotWrittenOut:
        return None


def _property(name: str, kind: dict[str, Any], said: Said) -> dict[str, Any]:
    title = {"title": name.title().replace("_", " ").strip()} if _has_title(kind) else {}
    return {**title, **constrained(kind, said.limits), **said.words, **said.default}


def _has_title(kind: Mapping[str, Any]) -> bool:
    """Whether pydantic writes a title for a field: not where a class of its own has one."""
    match kind.get("anyOf"):
        case [inner, {"type": "null"}]:
            return _has_title(inner)
    return "$ref" not in kind


def _literal(options: Sequence[Any]) -> dict[str, Any]:
    different = [each for place, each in enumerate(options) if each not in options[:place]]
    if different == [None] or {bool, int} <= {*map(type, options)}:  # 1 is equal to True
        raise NotWrittenOut
    kinds = _kinds_of(different)
    return {"const": different[0], **kinds} if len(different) == 1 else {"enum": different, **kinds}


def _kinds_of(values: Sequence[Any]) -> dict[str, Any]:
    kinds = {type(each) for each in values}
    return {"type": _TYPES[kinds.pop()]} if len(kinds) == 1 and kinds <= _TYPES.keys() else {}


def in_order(value: Any, key: str = "") -> Any:
    """A schema with its keys in order, as pydantic writes them: those of properties stay as they are."""
    if isinstance(value, Mapping):
        keys = value if key in ("properties", "default") else sorted(value)
        return {each: in_order(value[each], each) for each in keys}
    return [in_order(each, key) for each in value] if isinstance(value, list) else value


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotWrittenOut from None
