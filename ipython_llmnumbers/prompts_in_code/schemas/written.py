"""What the source of a class or a function writes out itself."""

from __future__ import annotations

import ast
import json
from typing import Any

from ...files.formats import FormatError, parse_json


class NotWrittenOut(Exception):
    """An annotation, a default or a decorator whose meaning only a run knows."""


def literal(node: ast.expr) -> Any:
    """What a literal holds, as JSON writes it.

    Raises:
        NotWrittenOut: it is no literal, or JSON has no such value.
    """
    try:
        return parse_json(json.dumps(ast.literal_eval(node), allow_nan=False))  # a tuple is a list there
    except (ValueError, TypeError, RecursionError, MemoryError, SyntaxError, FormatError):
        raise NotWrittenOut from None


def name_of(node: ast.expr) -> str:
    """The last part of a name that has one dot at most; nothing of anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(value=ast.Name(), attr=name):
            return name
    return ""
