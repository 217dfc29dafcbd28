"""The kinds of parameters that hold what is asked about: a prompt, a model."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, TypeVar

from ..errors import UsageError
from ..files.formats import DEEPEST
from ..messages import option
from ..probes.prompts.dataframes import RowValues, is_prompt, rows_in
from ..records import dataclass
from .kinds import Kind
from .question import Question

_Q = TypeVar("_Q", bound=Question)
# How JSON tells many prompts from the messages of one.
_ROWS = "rows"


class Prompts(Kind):
    """A prompt, or many: a text, messages, a list of either, a DataFrame or its column of text."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": ["string", "array", "object"]}

    def take(self, name: str, value: Any) -> Any:
        """One prompt, or the rows of many, with None for a row without one; a copy of what may change."""
        if isinstance(value, str | RowValues):
            return value
        if isinstance(value, Mapping) and list(value) == [_ROWS]:
            return RowValues(_copied(name, each) for each in value[_ROWS])
        if is_prompt(value):
            return _copied(name, value)
        return RowValues(_copied(name, each) for each in rows_in(value, option(name)))

    def to_json(self, value: Any) -> Any:
        if not isinstance(value, RowValues):
            return _plain(value)
        rows = [_plain(row) for row in value]
        return rows if all(row is None or isinstance(row, str) for row in rows) else {_ROWS: rows}


def _copied(name: str, value: Any, depth: int = 0) -> Any:
    """A text or messages that the caller can no longer change.

    Raises:
        UsageError: they hold themselves.
    """
    if depth > DEEPEST:
        raise UsageError(
            "{option} is nested deeper than {n} levels, or holds itself", option=option(name), n=DEEPEST
        )
    if isinstance(value, Mapping):
        return {key: _copied(name, each, depth + 1) for key, each in value.items()}
    return [_copied(name, each, depth + 1) for each in value] if isinstance(value, list | tuple) else value


def _plain(value: Any) -> Any:
    """Messages in JSON's types: bytes as base64, as providers take them."""
    match value:
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case None | bool() | int() | float() | str():
            return value
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case date():
            return value.isoformat()
        case _:
            return _plain(value.item()) if hasattr(value, "item") else str(value)


@dataclass(frozen=True, slots=True)
class InMemory:
    """What is kept of a model that was an object: its name, and not the object."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """An object in memory with the name that the notebook has for it."""

    name: str
    value: Any


class OpenModel(Kind):
    """A model with open weights: its name, a size, a path, or an object in memory such as a torch module."""

    json_schema: ClassVar[Mapping[str, Any]] = {"type": ["string", "object"]}

    def take(self, name: str, value: Any) -> Any:  # noqa: ARG002
        """A name or an object as it is; of a request, that there was an object."""
        is_request = isinstance(value, dict) and list(value) == ["in_memory"]
        return InMemory(str(value["in_memory"])) if is_request else value

    def to_json(self, value: Any) -> Any:
        return value if isinstance(value, str) else {"in_memory": value.name}


def without_object(question: _Q, name: str) -> _Q:
    """The question as an estimate keeps it: a model in memory is not held, and has only its name."""
    model = getattr(question, "model", None)
    return question if isinstance(model, str | InMemory) else replace(question, model=InMemory(name))  # type: ignore[type-var]
