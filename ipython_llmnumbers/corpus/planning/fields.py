"""Which fields of a source hold its texts: those that are asked for, the usual ones, or the only one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...errors import FileError, UsageError
from ...files.containers import arrow, is_text, text_columns
from ...files.places import shown_place
from ...messages import shorten
from ...records import dataclass
from ..reading.chats import BESIDE_MESSAGES, CHATS, MESSAGE_KEYS, MESSAGES, is_chat

# What most data sets call their text.
_USUAL = ("text", "content")
# What names a row is no text of it, unless it is asked for.
_NAMES_OF_ROWS = ("id", "uuid", "url", "uri")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a source: all names, and which of them hold texts, lists of texts, and chats.

    `within` are chats and inputs within objects, which requests and logs are.
    """

    names: Sequence[str]
    textual: Sequence[str]
    lists: Sequence[str] = ()
    chats: Sequence[str] = ()
    within: Sequence[str] = ()

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Fields:
        """By the values of one row."""
        return cls(
            list(row),
            [name for name, value in row.items() if isinstance(value, str)],
            [name for name, value in row.items() if _is_list_of_texts(value)],
            [name for name, value in row.items() if is_chat(value)],
            [f"{name}.{key}" for name, value in row.items() for key in _keys_within(value)],
        )

    @classmethod
    def of_schema(cls, schema: Any) -> Fields:
        """By the types of a pyarrow schema."""
        lists = [each.name for each in schema if (held := _held_by(each.type)) is not None and is_text(held)]
        chats = [each.name for each in schema if _may_be_chat(each.type)]
        return cls(schema.names, text_columns(schema), lists, chats)

    @property
    def usual(self) -> str:
        """The usual field, if it is there: a text, else a chat, else one within an object."""
        for names, held in ((_USUAL, self.textual), (CHATS, self.chats)):
            if name := next((name for name in names if name in held), ""):
                return name
        lone = self.chats or self.within
        return lone[0] if len(lone) == 1 else ""

    @property
    def found(self) -> Sequence[str]:
        """The usual field, or those to choose from: not those that only name a row."""
        if self.usual:
            return (self.usual,)
        return [name for name in self.textual if not _names_a_row(name)] or self.chats or self.lists


def choose_fields(place: str, fields: Fields, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The fields that are asked for, the usual one, or the only one that holds text or a chat.

    Raises:
        FileError: a field is not there.
        UsageError: several fields hold text.
    """
    if wanted:
        return tuple(_named(place, name, fields.names) for name in wanted)
    found = fields.found
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


def _named(place: str, wanted: str, names: Sequence[str]) -> str:
    """The field of that name, or within one of it; a space around a name, as in `id, text`, is no part."""
    if wanted in names or wanted.partition(".")[0] in names:
        return wanted
    spaced = next((name for name in names if name.strip() == wanted), None)
    if spaced is None:
        raise no_field(place, wanted, names)
    return spaced


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


def _names_a_row(name: str) -> bool:
    return name.casefold() in _NAMES_OF_ROWS or name.casefold().endswith("_id")


def _keys_within(value: Any) -> Iterator[str]:
    """What holds a chat in an object, or the texts in a request for embeddings or old completions."""
    if not isinstance(value, Mapping) or is_chat(value):
        return
    for key, held in value.items():
        is_input = key in ("input", "prompt") and "model" in value
        if is_chat(held) or (is_input and (isinstance(held, str) or _is_list_of_texts(held))):
            yield key


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, str) for one in value)


def _held_by(kind: Any) -> Any:
    """The type of what a pyarrow list holds; None of another type."""
    types = arrow().types
    is_list = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return kind.value_type if is_list else None


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
