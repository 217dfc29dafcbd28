"""A function or a class of Python that is given as a tool: the declaration that client libraries make of it.

They send its name, its docstring, and a JSON Schema of its annotated parameters or fields (LangChain, How to
create tools, https://python.langchain.com/docs/how_to/custom_tools; Google Gen AI SDK, automatic function
calling; openai-python, pydantic_function_tool). An annotation that is neither of these kinds nor a class of
the notebook's is not read: such a tool is not written out.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from ..evaluate.plain import Plain
from ..evaluate.values import Class, Function, Made, State, Value

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
# What an object around a function says itself: Haystack's Tool, LangChain's StructuredTool.
_SAID = ("name", "description", "parameters")
_DECORATORS = ("tool", "function_tool", "beta_tool")
_MOST_PARAMETERS = 100
_DEEPEST = 8


class _NotWrittenOut(Exception):
    """An annotation or a decorator whose meaning only a run knows."""


def tool_of(value: Value, plain: Plain) -> Any:
    """A tool as it is written out: an object, a function, or `Tool(name="…", function=…)` of both."""
    if isinstance(value, Function):
        return declaration(value, plain.state)
    is_openai_s = isinstance(value, Made) and value.last_name == "pydantic_function_tool"
    if is_openai_s and value.args:
        value = value.args[0]
    if isinstance(value, Class):
        schema = class_schema(value, plain.state, has_titles=is_openai_s)
        text = inspect.cleandoc(ast.get_docstring(value.node) or "")
        return None if schema is None else {"name": value.name, "description": text, "parameters": schema}
    if not isinstance(value, Made):
        return plain.of(value)
    functions = [each for each in (*value.args, *value.keywords.values()) if isinstance(each, Function)]
    if not functions:
        return plain.of(value)
    said = {name: plain.of(each) for name, each in value.keywords.items() if name in _SAID}
    if "parameters" in said:
        return said
    own = declaration(functions[0], plain.state)
    return None if own is None else {**own, **said}


def class_schema(value: Class, state: State, *, has_titles: bool) -> dict[str, Any] | None:
    """The JSON Schema of a class of pydantic's, or of an enumeration; None where it is not all known.

    pydantic writes a title for the class and each field, "First Name" of `first_name`; LangChain takes them
    away.
    """
    try:
        schema = _of_class(value, state, 0)
    except _NotWrittenOut:
        return None
    return {"title": value.name, **_titled(schema)} if has_titles else schema


def _titled(schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties", {})
    titled = {
        name: {"title": name.replace("_", " ").title(), **_titled(each)} for name, each in properties.items()
    }
    return {**schema, "properties": titled, "additionalProperties": False} if properties else schema


def declaration(function: Function, state: State) -> dict[str, Any] | None:
    """The name, description and parameters of a function as a tool; None where they are not all known."""
    node = function.node
    if isinstance(node, ast.Lambda) or node.args.vararg or node.args.kwarg:
        return None
    try:
        named = _decorated(node)
        properties = dict(_properties(node, state))
    except _NotWrittenOut:
        return None
    required = [name for name, each in properties.items() if "default" not in each]
    return {
        "name": named.get("name", node.name),
        "description": named.get("description", inspect.cleandoc(ast.get_docstring(node) or "")),
        "parameters": {"type": "object", "properties": properties, "required": required},
    }


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Mapping[str, str]:
    """What `@tool("name", description="…")` says of the function."""
    found: dict[str, str] = {}
    for each in node.decorator_list:
        call = each if isinstance(each, ast.Call) else ast.Call(each, [], [])
        if ast.unparse(call.func).rpartition(".")[2] not in _DECORATORS:
            raise _NotWrittenOut
        names = ("name_or_callable", "name", "description")
        keywords = {str(keyword.arg): keyword.value for keyword in call.keywords}
        if "args_schema" in keywords:
            raise _NotWrittenOut
        given = dict(zip(names, call.args[:1], strict=False)) | keywords
        found |= {
            "description" if key == "description" else "name": _literal(given[key])
            for key in names
            if key in given
        }
    return found


def _properties(
    node: ast.FunctionDef | ast.AsyncFunctionDef, state: State
) -> Iterator[tuple[str, dict[str, Any]]]:
    places = [*node.args.posonlyargs, *node.args.args]
    defaults = [*[None] * (len(places) - len(node.args.defaults)), *node.args.defaults]
    both = [*zip(places, defaults, strict=True)]
    both += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    # By its name alone: `@tool` in the body of a class is given a function that no object holds.
    both = [pair for pair in both if pair[0].arg not in ("self", "cls")]
    if len(both) > _MOST_PARAMETERS:
        raise _NotWrittenOut
    for parameter, default in both:
        kind = {} if parameter.annotation is None else _schema(parameter.annotation, state)
        yield parameter.arg, kind if default is None else {**kind, "default": _literal(default)}


def _of_class(value: Class, state: State, depth: int) -> dict[str, Any]:
    names = [ast.unparse(each).rpartition(".")[2] for each in value.node.bases]
    if "Enum" in names or "StrEnum" in names:
        options = [_literal(each.value) for each in value.node.body if isinstance(each, ast.Assign)]
        return {"type": "string", "enum": options}
    properties, required = {}, []
    for each in (*value.bases, value):
        for field in each.node.body:
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                properties[field.target.id], is_required = _field(field, state, depth + 1)
                required += [field.target.id] * is_required
    if not properties or not (value.bases or {"BaseModel", "TypedDict"}.intersection(names)):
        raise _NotWrittenOut
    return {"type": "object", "properties": properties, "required": required}


def _field(field: ast.AnnAssign, state: State, depth: int) -> tuple[dict[str, Any], bool]:
    """The schema of `name: str = Field(description="…")`, and whether it has no default."""
    kind = _schema(field.annotation, state, depth)
    if not isinstance(field.value, ast.Call):
        return kind, field.value is None
    said = {str(each.arg): each.value for each in field.value.keywords}
    if "description" in said:
        kind = {**kind, "description": _literal(said["description"])}
    defaults = [*field.value.args[:1], *(said[key] for key in ("default", "default_factory") if key in said)]
    return kind, all(isinstance(each, ast.Constant) and each.value is ... for each in defaults)


def _schema(annotation: ast.expr, state: State, depth: int = 0) -> dict[str, Any]:
    """The JSON Schema of an annotation.

    >>> _schema(ast.parse("Annotated[list[str], 'who was there']", mode="eval").body, State())
    {'type': 'array', 'items': {'type': 'string'}, 'description': 'who was there'}
    """
    if depth > _DEEPEST:
        raise _NotWrittenOut
    match annotation:
        case ast.Name(id=name) if name in _KINDS:
            return {"type": _KINDS[name]}
        case ast.Name(id=name) if isinstance(state.name(name), Class):
            return _of_class(state.name(name), state, depth)
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[kind, said])):
            return {**_schema(kind, state, depth), "description": _description(said)}
        case ast.Subscript(value=ast.Name(id="Literal"), slice=values):
            options = values.elts if isinstance(values, ast.Tuple) else [values]
            return {"type": "string", "enum": [_literal(each) for each in options]}
        case ast.Subscript(value=ast.Name(id="list" | "List"), slice=kind):
            return {"type": "array", "items": _schema(kind, state, depth + 1)}
        case ast.Subscript(value=ast.Name(id="dict" | "Dict")):
            return {"type": "object"}
        case (
            ast.Subscript(value=ast.Name(id="Optional"), slice=kind)
            | ast.BinOp(op=ast.BitOr(), left=kind, right=ast.Constant(value=None))
        ):
            return _schema(kind, state, depth)
    raise _NotWrittenOut


def _description(said: ast.expr) -> Any:
    """What `Annotated` says beside a type: a text, or `Field(description="…")`."""
    if isinstance(said, ast.Call):
        said = next((each.value for each in said.keywords if each.arg == "description"), said)
    return _literal(said)


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise _NotWrittenOut from None
