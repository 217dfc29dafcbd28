"""The user's own table: prices and GPUs that add to or replace the packaged ones.

The file is `$LLMNUMBERS_FILE`, else `llmnumbers.toml` in the platform's configuration
folder. It is read again when it changes, so an edit works in the running notebook:

    [[prices]]
    model = "my-model"            # the name to use with -m
    input_usd_per_mtok = 1.5      # each optional, as are cached_input_… and cache_write_usd_per_mtok
    output_usd_per_mtok = 6.0
    tokenizer = "o200k_base"      # optional: which vocabulary counts its tokens
    source = "our contract, page 3"
    checked = 2026-11-20

    [[gpus]]
    name = "Lab card"             # the name to use with --gpu
    memory_gib = 48
    bandwidth_gb_per_s = 864      # optional, as are bf16_tflops, fp8_tflops, fp4_tflops
    usd_per_hour = 0.35           # optional: what an hour of it costs
    source = "nvidia-smi"
    checked = 2026-11-20

A row is checked as a whole when its section is read: a key that is not known would be a price or a
size that is not what its author believes.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeGuard

from ..errors import CatalogError, nearest, shown
from ..files.formats import FormatError, parse_toml
from ..files.reading import is_there, read_bytes, user_path
from ..messages import joined, say, shorten
from ..records import dataclass
from .limits import CONTEXT_TOKENS, TABLE_BYTES, USD_PER_MTOK

YOUR_TABLE = say("your own table")
"""Where a price is from that the user wrote down, if its row does not say more."""


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_day(value: object) -> bool:
    """A date, and not a moment of one."""
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_number(value: object) -> TypeGuard[float]:
    """A number from TOML, which writes true, nan and inf as well; a text is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and _is_number(value) and 0 < value <= CONTEXT_TOKENS


def _is_size(value: object) -> bool:
    return _is_number(value) and 0 < value < 1e6


def _is_price(value: object) -> bool:
    return _is_number(value) and 0 <= value <= USD_PER_MTOK


# What a key must be, in words and as a check.
_TEXT = {"words": say("must be a text"), "check": _is_text}
_FROM = {"words": say("must say where the figures are from"), "check": _is_text}
_DAY = {"words": say("must be a date, such as 2026-11-24: the day it was looked up"), "check": _is_day}
_COUNT = {"words": say("must be a whole number above 0"), "check": _is_count}
_SIZE = {"words": say("must be a number above 0"), "check": _is_size}
_PRICE = {"words": say("must be a number of dollars from 0 up"), "check": _is_price}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPrice:
    """A row of `[[prices]]`: dollars per million tokens; None is not known."""

    model: str = field(metadata=_TEXT)
    checked: date = field(metadata=_DAY)
    input_usd_per_mtok: float | None = field(default=None, metadata=_PRICE)
    output_usd_per_mtok: float | None = field(default=None, metadata=_PRICE)
    cached_input_usd_per_mtok: float | None = field(default=None, metadata=_PRICE)
    cache_write_usd_per_mtok: float | None = field(default=None, metadata=_PRICE)
    context_window_tokens: int | None = field(default=None, metadata=_COUNT)
    tokenizer: str | None = field(default=None, metadata=_TEXT)
    provider: str | None = field(default=None, metadata=_TEXT)
    source: str | None = field(default=None, metadata=_TEXT)
    url: str | None = field(default=None, metadata=_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGpu:
    """A row of `[[gpus]]`; None is not known."""

    name: str = field(metadata=_TEXT)
    memory_gib: float = field(metadata=_SIZE)
    source: str = field(metadata=_FROM)
    checked: date = field(metadata=_DAY)
    bandwidth_gb_per_s: float | None = field(default=None, metadata=_SIZE)
    bf16_tflops: float | None = field(default=None, metadata=_SIZE)
    fp8_tflops: float | None = field(default=None, metadata=_SIZE)
    fp4_tflops: float | None = field(default=None, metadata=_SIZE)
    usd_per_hour: float | None = field(default=None, metadata=_SIZE)


_SECTIONS: Mapping[str, type[Any]] = {"prices": UserPrice, "gpus": UserGpu}


def user_file() -> Path:
    """Where the user's table is looked for, whether or not it exists.

    Raises:
        FileError: `$LLMNUMBERS_FILE` is no file's name.
    """
    named = os.environ.get("LLMNUMBERS_FILE")
    if named:
        return user_path(named)
    return _usual_file(*map(os.environ.get, _HOMES))


# What the user's folders are found by.
_HOMES = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")


@lru_cache(maxsize=4)
def _usual_file(*_homes: str | None) -> Path:
    import platformdirs

    return platformdirs.user_config_path("ipython-llmnumbers", appauthor=False) / "llmnumbers.toml"


def user_prices() -> tuple[UserPrice, ...]:
    """The user's rows of `[[prices]]`; none where there is no file.

    Raises:
        CatalogError: the file is not TOML, or a row of the section is not as it must be.
        FileError: the file cannot be read.
    """
    return _rows("prices")


def user_gpus() -> tuple[UserGpu, ...]:
    """The user's rows of `[[gpus]]`; raises as `user_prices`."""
    return _rows("gpus")


def dollars(value: float) -> Decimal:
    """A number of the table as it is written there, not as the nearest binary fraction.

    >>> dollars(0.1)
    Decimal('0.1')
    """
    return Decimal(str(value))


def _rows(section: str) -> tuple[Any, ...]:
    path = user_file()
    # Two edits within one tick of the file system's clock have the same time: the content tells them apart.
    return _read(path, read_bytes(path, TABLE_BYTES), section) if is_there(path) else ()


@lru_cache(maxsize=8)
def _read(path: Path, content: bytes, section: str) -> tuple[Any, ...]:
    try:
        table = parse_toml(content)
    except FormatError as error:
        raise CatalogError(
            "{path}: not valid TOML ({reason}); mend or remove the file", path=path, reason=error.problem
        ) from None
    for name in table:
        if name not in _SECTIONS:
            raise CatalogError(joined(": ", str(path), _unknown(name, [f"[[{each}]]" for each in _SECTIONS])))
    rows = table.get(section, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogError(
            "{path}: {section} must be written as [[{section}]] tables", path=path, section=section
        )
    found = []
    for number, row in enumerate(rows, start=1):
        problem = _problem(row, _SECTIONS[section])
        if problem:
            name = row.get("model", row.get("name"))
            where = f"[[{section}]] {shorten(name) if isinstance(name, str) else number}"
            raise CatalogError(joined(": ", str(path), where, problem))
        found.append(_SECTIONS[section](**row))
    return tuple(found)


def _problem(row: Mapping[str, Any], kind: type[Any]) -> str:
    """What is wrong with a row, in words; nothing where it is as it must be."""
    keys = {each.name: each for each in dataclasses.fields(kind)}
    for name in row:
        if name not in keys:
            return _unknown(name, keys)
    for name, key in keys.items():
        is_missing = name not in row
        if is_missing and key.default is dataclasses.MISSING:
            return say("{key} {must_be}", key=name, must_be=key.metadata["words"])
        if not is_missing and not key.metadata["check"](row[name]):
            return say(
                "{key} {must_be}, not {value}",
                key=name,
                must_be=key.metadata["words"],
                value=shown(row[name]),
            )
    return ""


def _unknown(name: str, known: Iterable[str]) -> str:
    known = list(known)
    near = nearest(name, known, limit=1) or known
    return say("unknown key {key}; nearest: {names}", key=shorten(name), names=", ".join(near))
