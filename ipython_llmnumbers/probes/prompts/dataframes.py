"""Prompts inside a notebook's values: a string, messages, a list of either, a DataFrame or its column.

pandas and polars are told by what their objects can do, so that neither is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import UsageError
from ...messages import joined, say
from ...records import dataclass
from .chat import Form, Prompt, prompt_of, read_prompt


@dataclass(frozen=True, slots=True)
class Found:
    """The prompts in a value, one for each call, and how many rows held none."""

    prompts: tuple[Prompt, ...]
    n_empty_rows: int = 0


def prompts_in(value: Any, label: str, form: Form = "auto") -> Found:
    """All prompts that a value holds.

    Args:
        value: text, a list of messages, a request, a list of those, a DataFrame or a column.
        label: how the user named the value, for the errors.

    Raises:
        UsageError: nothing in it is a prompt.
    """
    if isinstance(value, str):
        return Found((read_prompt(value, form),))
    if is_prompt(value):
        return Found((prompt_of(value),))
    rows = texts_in(value, label)
    prompts = tuple(read_prompt(row, form) if isinstance(row, str) else prompt_of(row) for row in rows.values)
    return Found(prompts, rows.n_empty_rows)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a list or column that hold something."""

    values: tuple[Any, ...]
    n_empty_rows: int = 0


class RowValues(tuple[Any, ...]):
    """The rows of a list or column: many prompts, whatever stands in each."""

    __slots__ = ()


def rows_in(value: Any, label: str) -> RowValues:
    """The rows of a list, a column, or a table with one column of text; None for one that is missing.

    Raises:
        UsageError: it is none of these.
    """
    column = _text_column(value, label) if is_table(value) else value
    if (
        not isinstance(column, list | tuple)
        and not hasattr(column, "tolist")
        and not hasattr(column, "to_list")
    ):
        raise UsageError(
            "{value} is of type {kind}: give text, messages, a list or a column of text",
            value=label,
            kind=type(value).__name__,
        )
    values = column if isinstance(column, list | tuple) else _listed(column)
    return RowValues(None if _is_missing(row) else row for row in values)


def is_prompt(value: Any) -> bool:
    """Whether a value is one prompt: a text, a request, or the messages of a chat."""
    return not isinstance(value, RowValues) and (isinstance(value, str | Mapping) or _is_chat(value))


def texts_in(value: Any, label: str) -> Rows:
    """The rows of a list, a column, or a table with one column of text that hold one.

    Raises:
        UsageError: it is none of these, or no row holds a text.
    """
    values = rows_in(value, label)
    rows = tuple(row for row in values if row is not None)
    if not rows:
        raise UsageError("{value} has no row with a text", value=label)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, str | Mapping) and not _is_chat(row):
            raise UsageError(
                "{value}: row {number} is of type {kind}, not text; give a column of text",
                value=label,
                number=number,
                kind=type(row).__name__,
            )
    return Rows(rows, len(values) - len(rows))


def is_table(value: Any) -> bool:
    """Whether a value is a DataFrame of any library."""
    return hasattr(value, "columns") and hasattr(value, "__getitem__") and not isinstance(value, type)


def records(table: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of a DataFrame as mappings from column to value."""
    names = [str(name) for name in table.columns]
    columns = [_listed(table[name]) for name in table.columns]
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))


def _text_column(table: Any, label: str) -> Any:
    names = list(table.columns)
    textual = [name for name in names if _is_text_column(_listed(table[name]))]
    if len(textual) == 1:
        return table[textual[0]]
    if not textual:
        raise UsageError(
            "{value} has no column of text; its columns: {columns}",
            value=label,
            columns=", ".join(map(str, names)) or say("none"),
        )
    columns = [say("{value}.{column}", value=label, column=name) for name in textual]
    raise UsageError(
        "{value} has several columns of text; name one: {columns}",
        value=label,
        columns=joined(", ", *columns),
    )


def _is_text_column(values: Sequence[Any]) -> bool:
    some = [value for value in values if not _is_missing(value)]
    return bool(some) and all(isinstance(value, str) for value in some)


def _listed(column: Any) -> list[Any]:
    """A column as a list: numpy and pandas say `tolist`, polars `to_list`."""
    listed = column.to_list() if hasattr(column, "to_list") else column.tolist()
    return listed if isinstance(listed, list) else [listed]


def _is_chat(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(each, Mapping) and ("role" in each or "parts" in each) for each in value)
    )


def _is_missing(value: Any) -> bool:
    """None, NaN, or pandas' NA, which is equal to nothing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
