"""A function or a class of Python that is given as a tool: the declaration that client libraries make of it.

They send its name, its docstring, and a JSON Schema of its annotated parameters or fields (LangChain, How to
create tools, https://python.langchain.com/docs/how_to/custom_tools; Google Gen AI SDK, automatic function
calling; openai-python, pydantic_function_tool). A tool with an annotation that `schemas` does not read is
not written out.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from typing import Any

from ...catalog.api_clients import LibraryTool, library_tool
from ..evaluate.plain import Plain
from ..evaluate.values import Class, Function, Made, State, Unknown, Value
from ..schemas.annotations import Annotations
from ..schemas.class_bodies import classes_kind
from ..schemas.forms import Forms
from ..schemas.strands import NOT_ASKED_FOR, strands_tool
from ..schemas.written import NotWrittenOut, literal

# What an object around a function says itself: Haystack's Tool, LangChain's StructuredTool.
_SAID = ("name", "description", "parameters")
_DECORATORS = ("tool", "function_tool", "beta_tool")
_MOST_PARAMETERS = 100


def tool_of(value: Value, plain: Plain) -> Any:
    """A tool as it is written out: an object, a function, or `Tool(name="…", function=…)` of both."""
    if isinstance(value, Function):
        return declaration(value, plain.state)
    is_openai_s = isinstance(value, Made) and value.last_name == "pydantic_function_tool"
    if is_openai_s and value.args:
        value = value.args[0]
    if isinstance(value, Class):
        schema = class_schema(value, plain.state, is_strict=is_openai_s)
        text = inspect.cleandoc(ast.get_docstring(value.node) or "")
        return None if schema is None else {"name": value.name, "description": text, "parameters": schema}
    if not isinstance(value, Made):
        return plain.of(value)
    known = library_tool(value.last_name)
    if known is not None:
        return _of_library(known, value, plain)
    functions = [each for each in (*value.args, *value.keywords.values()) if isinstance(each, Function)]
    if not functions:
        return plain.of(value)
    said = {name: plain.of(each) for name, each in value.keywords.items() if name in _SAID}
    if "parameters" in said:
        return said
    own = declaration(functions[0], plain.state)
    return None if own is None else {**own, **said}


def _of_library(tool: LibraryTool, made: Made, plain: Plain) -> dict[str, Any] | None:
    """A tool of a library's, with what the call says otherwise; None where that is the schema."""
    by_place: dict[str, Value] = dict(zip(tool.places, made.args, strict=False))
    given = {**by_place, **made.keywords}
    if "args_schema" in given:
        return None
    said = {name: plain.of(given[name]) for name in ("name", "description") if name in given}
    whole: dict[str, Any] = dict(tool.declaration) | said
    return whole if {"name", "description"} <= whole.keys() else None


def class_schema(value: Class, state: State, *, is_strict: bool) -> dict[str, Any] | None:
    """The JSON Schema of a class as client libraries send it; None where it is not all known.

    openai-python makes pydantic's own one strict; LangChain writes each class where it is used and takes
    the titles away, and makes a class of pydantic's of a dictionary with types first.
    """
    try:
        if classes_kind(value) != "typed":
            forms = Forms(Annotations(state).whole(value))
            return forms.strict() if is_strict else _parameters(forms)
        forms = Forms(Annotations(state, texts_describe=True, has_null=False).whole(value))
        return Forms(_parameters(forms)).strict() if is_strict else _parameters(forms)
    except NotWrittenOut:
        return None


def _parameters(forms: Forms) -> dict[str, Any]:
    """A schema whose description stands beside it."""
    return {key: each for key, each in forms.written_in().items() if key != "description"}


def declaration(function: Function, state: State) -> dict[str, Any] | None:
    """The name, description and parameters of a function as a tool; None where they are not all known."""
    node = function.node
    if isinstance(node, ast.Lambda) or node.args.vararg or node.args.kwarg:
        return None
    try:
        if any(_is_strands(each, state) for each in node.decorator_list):
            return _strands(node, state)
        named = _decorated(node, state)
        parameters = named.get("parameters") or _written_parameters(node, state)
    except NotWrittenOut:
        return None
    return {
        "name": named.get("name", node.name),
        "description": named.get("description", inspect.cleandoc(ast.get_docstring(node) or "")),
        "parameters": parameters,
    }


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> Mapping[str, Any]:
    """What `@tool("name", description="…")` says of the function; one of the notebook's own may say more."""
    found: dict[str, Any] = {}
    for each in node.decorator_list:
        call = each if isinstance(each, ast.Call) else ast.Call(each, [], [])
        decorator = ast.unparse(call.func)
        if decorator.rpartition(".")[2] not in _DECORATORS or isinstance(state.name(decorator), Function):
            raise NotWrittenOut
        names = ("name_or_callable", "name", "description")
        keywords = {str(keyword.arg): keyword.value for keyword in call.keywords}
        if "parse_docstring" in keywords and literal(keywords["parse_docstring"]):
            raise NotWrittenOut
        if "args_schema" in keywords:
            found["parameters"] = _schema_of(keywords["args_schema"], state)
        given = dict(zip(names, call.args[:1], strict=False)) | keywords
        found |= {
            "description" if key == "description" else "name": literal(given[key])
            for key in names
            if key in given
        }
    return found


def _is_strands(decorator: ast.expr, state: State) -> bool:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    held = state.name(node.id) if isinstance(node, ast.Name) else None
    meant = held.node if isinstance(held, Unknown) and held.node is not None else node
    return ast.unparse(meant) == "strands.tool"


def _strands(node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for each in node.decorator_list:
        for keyword in each.keywords if isinstance(each, ast.Call) else ():
            if keyword.arg not in ("name", "description"):
                raise NotWrittenOut
            said[keyword.arg] = literal(keyword.value)
    if len(node.decorator_list) > 1:
        raise NotWrittenOut
    annotations = Annotations(state, texts_describe=True)
    asked = [each for each in _parameters_of(node) if each[0] not in NOT_ASKED_FOR]
    schema = annotations.of_fields(asked)
    held = {"$defs": annotations.definitions} if annotations.definitions else {}
    return {**strands_tool(node.name, ast.get_docstring(node) or "", {**held, **schema}), **said}


def _schema_of(node: ast.expr, state: State) -> dict[str, Any]:
    """`args_schema=Answer` says the parameters in place of the function's."""
    held = state.name(node.id) if isinstance(node, ast.Name) else None
    schema = class_schema(held, state, is_strict=False) if isinstance(held, Class) else None
    if schema is None:
        raise NotWrittenOut
    return schema


def _written_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> dict[str, Any]:
    annotations = Annotations(state, texts_describe=True)
    schema = annotations.of_fields(_parameters_of(node))
    return Forms(schema, annotations.definitions).written_in()


def _parameters_of(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> list[tuple[str, ast.expr | None, ast.expr | None]]:
    """The names of the parameters, their annotations and their defaults."""
    places = [*node.args.posonlyargs, *node.args.args]
    defaults = [*[None] * (len(places) - len(node.args.defaults)), *node.args.defaults]
    both = [*zip(places, defaults, strict=True)]
    both += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    if len(both) > _MOST_PARAMETERS:
        raise NotWrittenOut
    # By its name alone: `@tool` in the body of a class is given a function that no object holds.
    return [(each.arg, each.annotation, default) for each, default in both if each.arg not in ("self", "cls")]
