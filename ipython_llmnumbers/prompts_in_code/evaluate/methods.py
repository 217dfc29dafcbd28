"""What the methods of texts, lists and mappings give, and the built-in functions that pass text on."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...patterns import pattern
from .plain import Plain
from .texts import UNKNOWN, Text, joined, template, without_percent_fields
from .values import Fields, Items, Made, Ref, Sent, State, Unknown, Value

_SAME_LENGTH = {"strip", "lstrip", "rstrip", "lower", "upper", "title", "expandtabs", "capitalize"}
_DOLLAR_FIELD = pattern(r"\$\{?(\w+)\}?")
_JINJA_FIELD = pattern(r"\{\{\s*(\w+)[^{}]*\}\}")
_JINJA_BLOCK = pattern(r"\{%[^{}%]*%\}")
NOT_KNOWN_HERE = object()


def as_text(value: Value, state: State) -> Text:
    """What `str()` of a value writes, as far as the source tells it."""
    match value:
        case Text():
            return value
        case None | bool() | int() | float():
            return Text(str(value))
        case Sent():
            return state.answer(value)
        case Made() if value.last_name != "dumps":
            return UNKNOWN
    if state.content(value) is None and not isinstance(value, Made):
        return UNKNOWN
    if isinstance(value, Made) and value.args and state.content(value.args[0]) is None:
        inner = value.args[0]
        if isinstance(inner, Unknown | Made | Sent):  # JSON of what only a run knows
            return UNKNOWN
    plain = Plain(state)
    written = plain.of(value)
    return Text(written if isinstance(written, str) else repr(written), plain.n_unknown)


def percent_filled(text: Text, values: Value, state: State) -> Text:
    """`text % values`, filled in where all of the values are known."""
    plain = Plain(state)
    found = plain.of(values)
    items = state.items(values)
    if not plain.n_unknown:
        try:
            return Text(text.text % (tuple(found) if items else found), text.n_unknown)
        except (TypeError, ValueError, KeyError, OverflowError, MemoryError):
            pass
    return without_percent_fields(text)


def method_value(
    held: Value, name: str, args: Sequence[Value], keywords: Mapping[str, Value], state: State
) -> Value:
    """What a method of a text, a list or a mapping gives; NOT_KNOWN_HERE of any other."""
    if isinstance(held, Text):
        return _of_text(held, name, args, keywords, state)
    if isinstance(held, Made):
        return _of_template(held, name, args, keywords, state)
    items, fields = state.items(held), state.fields(held)
    if items is not None:
        return _of_list(held, items, name, args, state)
    if fields is not None and fields.made_by is None:
        return _of_mapping(held, fields, name, args, keywords, state)
    return NOT_KNOWN_HERE


def _of_template(
    held: Made, name: str, args: Sequence[Value], keywords: Mapping[str, Value], state: State
) -> Value:
    """`Template("…")` of `string` and of Jinja, filled in by `substitute` or `render`."""
    field = {"substitute": _DOLLAR_FIELD, "safe_substitute": _DOLLAR_FIELD, "render": _JINJA_FIELD}.get(name)
    if held.last_name != "Template" or field is None or not held.args or not isinstance(held.args[0], Text):
        return NOT_KNOWN_HERE
    given = state.fields(args[0]) if args else None
    values = {**(given.entries if given else {}), **keywords}
    text, n_blocks = _JINJA_BLOCK.subn("", held.args[0].text) if name == "render" else (held.args[0].text, 0)
    parts = field.split(text)
    whole = Text(parts[0], held.args[0].n_unknown + n_blocks)
    for variable, rest in zip(parts[1::2], parts[2::2], strict=True):
        whole = whole + (as_text(values[variable], state) if variable in values else UNKNOWN) + Text(rest)
    return whole


def _of_text(
    held: Text, name: str, args: Sequence[Value], keywords: Mapping[str, Value], state: State
) -> Value:
    if name in _SAME_LENGTH:
        return Text(getattr(held.text, name)(), held.n_unknown) if not args else held
    if name == "format":
        by_place = {str(place): as_text(each, state) for place, each in enumerate(args)}
        return template(held, by_place | {key: as_text(each, state) for key, each in keywords.items()})
    if name == "replace" and len(args) >= 2:
        old, new = args[0], as_text(args[1], state)
        is_known = isinstance(old, Text) and not old.n_unknown
        return held.replaced(old.text, new) if is_known else Text(held.text, held.n_unknown + 1)
    if name == "join" and args:
        items = state.items(args[0])
        if items is None:
            return UNKNOWN
        whole = joined(held.text, [as_text(each, state) for each in items.values])
        return whole + UNKNOWN if items.more else whole
    if name in ("encode", "decode"):
        return held
    return Unknown()


def _of_list(held: Value, items: Items, name: str, args: Sequence[Value], state: State) -> Value:
    match name, args:
        case "append", [value]:
            state.change(held, Items((*items.values, value), items.more))
        case "insert", [int(place), value]:
            before, after = items.values[:place], items.values[place:]
            state.change(held, Items((*before, value, *after), items.more))
        case "extend", [added]:
            more = state.items(added)
            values = (*items.values, *(more.values if more else ()))
            state.change(held, Items(values, items.more or more is None or more.more))
        case "pop", []:
            state.change(held, Items(items.values[:-1], items.more))
            return items.values[-1] if items.values and not items.more else Unknown()
        case "clear", []:
            state.change(held, Items())
        case "copy", []:
            return state.new(items)
        case (("index" | "count"), _):
            return Unknown()
        case (("pop" | "remove"), _):
            state.change(held, Items((), more=True))
            return Unknown()
        case _:
            return NOT_KNOWN_HERE
    return None


def _of_mapping(
    held: Value,
    fields: Fields,
    name: str,
    args: Sequence[Value],
    keywords: Mapping[str, Value],
    state: State,
) -> Value:
    match name:
        case "get" | "pop" | "setdefault" if args:
            key = args[0].text if isinstance(args[0], Text) else args[0]
            default = args[1] if len(args) > 1 else None
            missing = Unknown() if fields.more else default
            return fields.entries.get(key, missing) if isinstance(key, str | int) else Unknown()
        case "update":
            other = state.fields(args[0]) if args else Fields()
            entries = {**fields.entries, **(other.entries if other else {}), **keywords}
            state.change(held, Fields(entries, fields.more or other is None or other.more))
            return None
        case "copy":
            return state.new(fields)
        case "values":
            return state.new(Items(tuple(fields.entries.values()), fields.more))
        case "keys":
            return state.new(Items(tuple(_keys(fields)), fields.more))
        case "items":
            return _rows(zip(_keys(fields), fields.entries.values(), strict=True), fields.more, state)
    return NOT_KNOWN_HERE


def _keys(fields: Fields) -> list[Any]:
    return [Text(key) if isinstance(key, str) else key for key in fields.entries]


def builtin_value(name: str, args: Sequence[Value], keywords: Mapping[str, Value], state: State) -> Value:
    """What a function that everybody knows gives; NOT_KNOWN_HERE of any other."""
    last = name.rpartition(".")[2]
    match name, args:
        case "str", [value]:
            return as_text(value, state)
        case "len", [Text(text=text, n_unknown=0)]:
            return len(text)
        case "range", _:
            return _range(args, state)
        case "tqdm" | "tqdm.tqdm", [Ref() as held, *_]:
            return held
        case (("os.getenv" | "os.environ.get" | "getenv" | "environ.get"), [_, default]):
            return default
    if last in ("dedent", "cleandoc") and args and isinstance(args[0], Text):
        clean = textwrap.dedent(args[0].text)
        return Text(clean if last == "dedent" else clean.strip(), args[0].n_unknown)
    return _collection(name, args, keywords, state)


def _collection(name: str, args: Sequence[Value], keywords: Mapping[str, Value], state: State) -> Value:
    """What a function gives that makes a list or a mapping, or pairs of several."""
    contents = [state.content(each) for each in args]
    match name, contents:
        case "dict", []:
            return state.new(Fields(dict(keywords)))
        case "dict", [Fields(entries=entries, more=more)]:
            return state.new(Fields({**entries, **keywords}, more))
        case (("list" | "tuple"), []):
            return state.new(Items())
        case (("list" | "tuple" | "copy.copy" | "copy.deepcopy" | "deepcopy"), [Items() | Fields() as held]):
            return state.new(held)
        case "enumerate", [Items(values=values, more=more), *_]:
            start = keywords.get("start", 0)
            return _rows(enumerate(values, start if isinstance(start, int) else 0), more, state)
        case "zip", [_, *_]:
            columns = [each for each in contents if isinstance(each, Items)]
            if len(columns) == len(args):
                rows = zip(*(each.values for each in columns), strict=False)
                return _rows(rows, any(each.more for each in columns), state)
    return NOT_KNOWN_HERE


def _rows(rows: Iterable[tuple[Value, ...]], more: bool, state: State) -> Value:
    return state.new(Items(tuple(state.new(Items(row)) for row in rows), more))


def _range(args: Sequence[Value], state: State) -> Value:
    if not 1 <= len(args) <= 3 or not all(isinstance(each, int) for each in args) or 0 in args[2:]:
        return Unknown()
    numbers = range(*args)
    return state.new(Items(tuple(numbers[:100]), len(numbers) > 100))
