"""What the body of a class says to pydantic: what kind it is, its fields and members, its settings."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from ..evaluate.values import Class
from .written import NotWrittenOut, literal, name_of

_MIXED_IN = {"str": str, "StrEnum": str, "int": int, "IntEnum": int}
# The settings of a class that change its schema, and those that do not.
_CONFIG = ("title", "extra", "json_schema_extra")
_NOT_IN_THE_SCHEMA = (
    *("arbitrary_types_allowed", "frozen", "populate_by_name", "validate_by_name", "use_enum_values"),
    *("validate_assignment", "validate_default", "str_strip_whitespace", "strict", "protected_namespaces"),
    *("from_attributes", "orm_mode"),
)
# With these a class writes its schema itself.
_WRITES_ITSELF = (
    *("__get_pydantic_core_schema__", "__get_pydantic_json_schema__", "model_json_schema"),
    *("__init_subclass__", "__pydantic_init_subclass__"),
)


def classes_kind(value: Class) -> str:
    """`model` of pydantic's, `typed` for a dictionary with types, or `enum`.

    Raises:
        NotWrittenOut: it is none of these, or has a base that the notebook does not show.
    """
    own = [name_of(each) for each in value.node.bases]
    decorators = [name_of(each) for each in value.node.decorator_list]
    if "Enum" in own or {"StrEnum", "IntEnum"} & {*own}:
        if {*own} - {"Enum", *_MIXED_IN} or {*decorators} - {"unique"}:
            raise NotWrittenOut
        return "enum"
    if decorators or len(own) != 1:
        raise NotWrittenOut
    if value.bases:
        return classes_kind(value.bases[0])
    kind = {"BaseModel": "model", "TypedDict": "typed"}.get(own[0])
    if kind is None:
        raise NotWrittenOut
    return kind


def enum_values(value: Class) -> dict[str, Any]:
    """The members of an enumeration, with their values.

    Raises:
        NotWrittenOut: it is none, or a value is not known here.
    """
    if classes_kind(value) != "enum":
        raise NotWrittenOut
    found: dict[str, Any] = {}
    for each in value.node.body:
        match each:
            case ast.Assign(targets=[ast.Name(id=name)], value=held) if not name.startswith("_"):
                found[name] = literal(held)
            case ast.FunctionDef() if each.name not in _WRITES_ITSELF:
                pass
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case _:
                raise NotWrittenOut
    kinds = {_MIXED_IN[name] for each in value.node.bases if (name := name_of(each)) in _MIXED_IN}
    values = list(found.values())
    is_plain = all(type(each) in (kinds or (str, int, float)) for each in values)
    if not is_plain or not values or len({*values}) < len(values):
        raise NotWrittenOut
    return found


def fields_of(value: Class) -> Sequence[ast.AnnAssign]:
    """The fields of a class, those of its base before its own.

    Raises:
        NotWrittenOut: something in its body only a run knows.
    """
    found: dict[str, ast.AnnAssign] = {}
    for base in value.bases:
        found |= {getattr(each.target, "id", ""): each for each in fields_of(base)}
    for each in _own_fields(value):
        found[getattr(each.target, "id", "")] = each
    return list(found.values())


def _own_fields(value: Class) -> Iterator[ast.AnnAssign]:
    for each in value.node.body:
        match each:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                inner = annotation.value if isinstance(annotation, ast.Subscript) else annotation
                if name_of(inner) in ("NotRequired", "Required", "ReadOnly", "Final"):
                    raise NotWrittenOut
                if not name.startswith("_") and name_of(inner) != "ClassVar" and name != "model_config":
                    yield each
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if each.name in _WRITES_ITSELF or any(map(_replaces_a_type, each.decorator_list)):
                    raise NotWrittenOut
            case ast.Assign() | ast.ClassDef() | ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case _:
                raise NotWrittenOut


def _replaces_a_type(decorator: ast.expr) -> bool:
    """`@field_validator("x", mode="plain")` takes the place of the annotation."""
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    modes = [each.value for each in keywords if each.arg == "mode"]
    return any(not isinstance(each, ast.Constant) or each.value == "plain" for each in modes)


def config_of(value: Class) -> dict[str, Any]:
    """The settings of a class that change its schema, with those of its base.

    Raises:
        NotWrittenOut: one of them is not known here.
    """
    found: dict[str, Any] = {}
    for base in value.bases:
        found |= config_of(base)
    for key, node in _settings(value.node):
        if key in _CONFIG:
            found[key] = literal(node)
        elif key not in _NOT_IN_THE_SCHEMA:
            raise NotWrittenOut
    if not isinstance(found.get("json_schema_extra", {}), dict):
        raise NotWrittenOut
    return found


def _settings(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """`model_config = ConfigDict(…)`, `class Config:`, and what stands beside the bases."""
    keywords = list(node.keywords)
    for each in node.body:
        match each:
            case (
                ast.Assign(targets=[ast.Name(id="model_config")], value=held)
                | ast.AnnAssign(target=ast.Name(id="model_config"), value=ast.expr() as held)
            ):
                if isinstance(held, ast.Dict):
                    for key, inner in zip(held.keys, held.values, strict=True):
                        yield str(literal(key) if key else ""), inner
                elif isinstance(held, ast.Call) and not held.args:
                    keywords += held.keywords
                else:
                    raise NotWrittenOut
            case ast.ClassDef(name="Config", body=body):
                for setting in body:
                    if not isinstance(setting, ast.Assign):
                        raise NotWrittenOut
                    yield name_of(setting.targets[0]), setting.value
    for keyword in keywords:
        yield keyword.arg or "", keyword.value
