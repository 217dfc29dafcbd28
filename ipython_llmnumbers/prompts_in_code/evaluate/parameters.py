"""What the parameters of a function of the notebook hold when it is called."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from .values import Fields, Function, Items, State, Unknown, Value


def bind_parameters(
    function: Function,
    args: Sequence[Value],
    keywords: dict[str, Value],
    inner: State,
    value_of: Callable[[ast.expr, State], Value],
) -> None:
    """Put the arguments of a call, and the defaults by `value_of`, under their names in the state inside."""
    parameters = function.node.args
    names = [each.arg for each in (*parameters.posonlyargs, *parameters.args)]
    given = list(args)
    if function.is_method and not _is_static(function.node):
        given.insert(0, function.owner)
    defaults = dict(zip(names[len(names) - len(parameters.defaults) :], parameters.defaults, strict=True))
    defaults |= {
        each.arg: value
        for each, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
        if value is not None
    }
    bound = dict(zip(names, given, strict=False))
    for name in (*names, *(each.arg for each in parameters.kwonlyargs)):
        if name in keywords:
            bound[name] = keywords.pop(name)
        elif name not in bound and name in defaults:
            bound[name] = value_of(defaults[name], State(function.layer, inner.heap))
        inner.bind(name, bound.get(name, Unknown(ast.Name(name))))
    if parameters.vararg is not None:
        inner.bind(parameters.vararg.arg, inner.new(Items(tuple(given[len(names) :]))))
    if parameters.kwarg is not None:
        inner.bind(parameters.kwarg.arg, inner.new(Fields(dict(keywords))))


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)
