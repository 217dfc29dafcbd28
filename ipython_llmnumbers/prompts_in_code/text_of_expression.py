"""How much of an expression's text can be read off the source: the fixed parts of f-strings and templates."""

from __future__ import annotations

import ast
import re
import string
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

_PERCENT_FIELD = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[sdrfgeix]")
_SAME_LENGTH = {"strip", "lstrip", "rstrip", "lower", "upper", "title", "expandtabs"}
# A text that grows by its own expression is not made longer than this.
_MOST_CHARS = 1_000_000


@dataclass(frozen=True, slots=True)
class Text:
    """The part of a text that stands in the source; `n_unknown` parts are filled in when it runs."""

    text: str
    n_unknown: int = 0

    def __add__(self, other: Text) -> Text:
        room = max(0, _MOST_CHARS - len(self.text))
        n_unknown = self.n_unknown + other.n_unknown + (len(other.text) > room)
        return Text(self.text + other.text[:room], n_unknown)

    def __mul__(self, times: int) -> Text:
        """The text so many times, as far as there is room; what is left out is a part that is not known."""
        times = max(0, times)
        kept = min(times, _MOST_CHARS // max(1, len(self.text)))
        return Text(self.text * kept, self.n_unknown * times + (kept < times))


UNKNOWN = Text("", 1)


def read_text(node: ast.AST | None, names: Mapping[str, Text]) -> Text | None:
    """The text of an expression, as far as it is known; None where it is no text that can be read.

    >>> read_text(ast.parse("f'Dear {name}, hello'", mode="eval").body, {})
    Text(text='Dear , hello', n_unknown=1)
    """
    match node:
        case ast.Constant(value=str(text)):
            return Text(text)
        case ast.Name(id=name):
            return names.get(name)
        case ast.JoinedStr(values=values):
            return sum((_piece(value, names) for value in values), Text(""))
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _joined(read_text(left, names), read_text(right, names))
        case ast.BinOp(op=ast.Mod(), left=left):
            known = read_text(left, names)
            return None if known is None else without_fields(known, _PERCENT_FIELD)
        case ast.BinOp(op=ast.Mult(), left=left, right=ast.Constant(value=int(times))):
            known = read_text(left, names)
            return known and known * times
        case ast.Call():
            return _called(node, names)
        case ast.IfExp(body=body, orelse=orelse):
            return read_text(body, names) or read_text(orelse, names)
        case ast.Await(value=value) | ast.NamedExpr(value=value):
            return read_text(value, names)
    return None


def without_fields(text: Text, field: re.Pattern[str]) -> Text:
    """The text less its fields, each of which is a part that is not known."""
    rest, n_fields = field.subn("", text.text)
    return Text(rest, text.n_unknown + n_fields)


def template(text: Text, known: Mapping[str, Text] | None = None) -> Text:
    """The text of a template with `{field}`s: those that are known are put in, the others counted.

    >>> template(Text("Translate {text} to {language}."), {"language": Text("French")})
    Text(text='Translate  to French.', n_unknown=1)
    """
    try:
        parts = list(string.Formatter().parse(text.text))
    except ValueError:  # braces that are no fields: JSON in a prompt
        return text
    filled = Text("", text.n_unknown)
    for literal, field, _, _ in parts:
        filled += Text(literal)
        if field is not None:
            filled += (known or {}).get(field, UNKNOWN)
    return filled


def _piece(node: ast.expr, names: Mapping[str, Text]) -> Text:
    if isinstance(node, ast.FormattedValue):
        if isinstance(node.value, ast.Constant):
            return Text(str(node.value.value))
        return read_text(node.value, names) or UNKNOWN
    return read_text(node, names) or UNKNOWN


def _joined(left: Text | None, right: Text | None) -> Text | None:
    if left is None and right is None:
        return None
    return (left or UNKNOWN) + (right or UNKNOWN)


def _called(node: ast.Call, names: Mapping[str, Text]) -> Text | None:
    match node.func:
        case ast.Attribute(value=owner, attr=method):
            known = read_text(owner, names)
            if method == "dedent" and node.args:
                known = read_text(node.args[0], names)
                return known and Text(textwrap.dedent(known.text), known.n_unknown)
            if known is None:
                return None
            if method in _SAME_LENGTH:
                return Text(getattr(known.text, method)(), known.n_unknown) if not node.args else known
            if method == "format":
                fields = {each.arg: read_text(each.value, names) for each in node.keywords if each.arg}
                by_place = {str(place): read_text(each, names) for place, each in enumerate(node.args)}
                if by_place and "{}" in known.text:
                    by_place[""] = None
                values = {key: value for key, value in {**by_place, **fields}.items() if value is not None}
                return template(known, values)
            return Text(known.text, known.n_unknown + 1) if method == "replace" else None
        case ast.Name(id="dedent") if node.args:
            known = read_text(node.args[0], names)
            return known and Text(textwrap.dedent(known.text), known.n_unknown)
        case ast.Name(id="str") if node.args:
            return read_text(node.args[0], names)
    return None
