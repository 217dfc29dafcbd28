"""Which fields of a source hold its texts: those that are asked for, the usual ones, or the only one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import FileError, UsageError
from ...files.containers import arrow, text_columns
from ...files.places import shown_place
from ...messages import shorten
from ..reading.chats import BESIDE_MESSAGES, MESSAGE_KEYS, MESSAGES, is_chat

# What most data sets call their text.
_USUAL = ("text", "content")
# The plain names of chats come first; "conversation" is LMSYS-Chat-1M's and WildChat's.
_USUAL_CHATS = (*MESSAGES, "conversation")
# What names a row is no text of it, unless it is asked for.
_NAMES_OF_ROWS = ("id", "uuid", "url", "uri")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a source: all names, and which of them hold texts, lists of texts, and chats."""

    names: Sequence[str]
    textual: Sequence[str]
    lists: Sequence[str] = ()
    chats: Sequence[str] = ()

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Fields:
        """By the values of one row."""
        return cls(
            list(row),
            [name for name, value in row.items() if isinstance(value, str)],
            [name for name, value in row.items() if _is_list_of_texts(value)],
            [name for name, value in row.items() if is_chat(value)],
        )

    @classmethod
    def of_schema(cls, schema: Any) -> Fields:
        """By the types of a pyarrow schema."""
        lists = [each.name for each in schema if (held := _held_by(each.type)) is not None and _is_text(held)]
        chats = [each.name for each in schema if _may_be_chat(each.type)]
        return cls(schema.names, text_columns(schema), lists, chats)


def choose_fields(place: str, fields: Fields, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The fields that are asked for, the usual one, or the only one that holds text or a chat.

    Raises:
        FileError: a field is not there.
        UsageError: several fields hold text.
    """
    if wanted:
        for name in wanted:
            if name not in fields.names and name.partition(".")[0] not in fields.names:
                raise no_field(place, name, fields.names)
        return tuple(wanted)
    found = _usual(fields)
    if len(found) == 1:
        return tuple(found)
    if not found:
        raise FileError(
            "{path}: no field holds text; its fields: {names}",
            path=shown_place(place),
            names=listed(fields.names),
        )
    raise UsageError(
        "{path}: several fields hold text; give {option:field}, one or more of {names}",
        path=shown_place(place),
        names=listed(found),
    )


def beside(fields: Fields, chosen: Iterable[str]) -> tuple[str, ...]:
    """The columns that belong to the requests whose messages are in a chosen one."""
    if not set(chosen) & set(fields.chats):
        return ()
    return tuple(name for name in BESIDE_MESSAGES if name in fields.names)


def no_field(place: str, wanted: str, names: Sequence[str]) -> FileError:
    return FileError(
        "{path}: no field {field}; its fields: {names}",
        path=shown_place(place),
        field=shorten(wanted),
        names=listed(names),
    )


def listed(names: Sequence[str]) -> str:
    return ", ".join(name if len(name) <= 40 else f"{name[:39]}…" for name in map(str, names[:12])) or "–"


def _usual(fields: Fields) -> Sequence[str]:
    """The fields to choose from, without those that only name a row: texts before chats before lists."""
    for names, held in ((_USUAL, fields.textual), (_USUAL_CHATS, fields.chats)):
        usual = next((name for name in names if name in held), None)
        if usual is not None:
            return [usual]
    if len(fields.chats) == 1:
        return fields.chats
    texts = [name for name in fields.textual if not _names_a_row(name)]
    return texts or fields.chats or fields.lists


def _names_a_row(name: str) -> bool:
    return name.casefold() in _NAMES_OF_ROWS or name.casefold().endswith("_id")


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, str) for one in value)


def _held_by(kind: Any) -> Any:
    """The type of what a pyarrow list holds; None of another type."""
    types = arrow().types
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return kind.value_type if is_list else None


def _is_text(kind: Any) -> bool:
    types = arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _may_be_chat(kind: Any) -> bool:
    """Whether a type is that of messages, or of a request that holds some."""
    if arrow().types.is_struct(kind):
        return any(_are_messages(one.type) for one in kind if one.name in (*MESSAGES, "input"))
    return _are_messages(kind)


def _are_messages(kind: Any) -> bool:
    held = _held_by(kind)
    if held is None or not arrow().types.is_struct(held):
        return False
    return any(one.name in MESSAGE_KEYS for one in held)
