"""Requests that a shell sends: `curl` in a `%%bash` cell, or behind `!`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

from ...files.formats import FormatError, parse_json
from ...patterns import pattern
from ..evaluate.texts import UNKNOWN, Text
from ..evaluate.values import Fields, Items, Made, State, Value

_VARIABLE = pattern(r"\$\{?(\w+)\}?")
_CONTINUED = pattern(r"\\\r?\n")
_BODY = pattern("-d|-{2}(?:data(?:-raw|-binary|-ascii)?|json)")


def curl_requests(script: str, state: State) -> Iterator[tuple[str, Value]]:
    """The address and the body of each `curl` of a script, with the variables that the notebook sets."""
    filled = _VARIABLE.sub(lambda found: _known(found, state), _CONTINUED.sub(" ", script))
    try:
        words = shlex.split(filled)
    except ValueError:  # a quote that does not end
        return
    address, body = "", None
    for before, word in zip(["", *words], words, strict=False):
        if word == "curl":
            if address and body is not None:
                yield address, body
            address, body = "", None
        elif _BODY.fullmatch(before):
            body = _value_of_json(word, state)
        elif "://" in word and not address:
            address = word
    if address and body is not None:
        yield address, body


def _known(variable: re.Match[str], state: State) -> str:
    """What a variable of the notebook holds; one that only the shell knows stays as it is."""
    value = state.name(variable[1])
    return value.text if isinstance(value, Text) and not value.n_unknown else variable[0]


def _value_of_json(text: str, state: State) -> Value:
    try:
        return _value(parse_json(text), state)
    except FormatError:  # a file: `@request.json`
        return Made("open")


def _value(plain: Any, state: State) -> Value:
    match plain:
        case str():
            parts = _VARIABLE.split(plain)[::2]  # without the names of variables
            return sum((UNKNOWN + Text(part) for part in parts[1:]), Text(parts[0]))
        case list():
            return state.new(Items(tuple(_value(each, state) for each in plain)))
        case dict():
            return state.new(Fields({key: _value(each, state) for key, each in plain.items()}))
    return plain
