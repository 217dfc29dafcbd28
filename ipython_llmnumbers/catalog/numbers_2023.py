"""The numbers of the 2023 document, those that came since, and what they were made from, as figures.

The tables are `numbers_2023.toml`, `numbers_today.toml` and, for what stands behind the first screen,
`numbers_2026.toml`. Nothing is computed here: `estimates.numbers` sets each number beside what its
inputs give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from ..errors import UnknownNameError
from ..figures import Figure, Number, Source, assumed, published
from ..messages import say
from ..records import dataclass
from .names import as_name
from .toml_tables import read_table, source_of

_OF_2023, _TODAY, _OF_2026 = "numbers_2023.toml", "numbers_today.toml", "numbers_2026.toml"
_TABLES = (_OF_2023, _TODAY, _OF_2026)


@dataclass(frozen=True, slots=True)
class StandIn:
    """The model or GPU of today that stands where the document had one of 2023, and why."""

    model: str
    reason: str
    source: Source
    sold_gib: int = 0
    """Of a GPU: its memory as it is sold."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The model that stood in a role from a day on."""

    model: str
    since: date
    source: Source


def number_keys() -> tuple[str, ...]:
    """The keys of the 14 numbers of 2023, in the document's order.

    >>> number_keys()[:2]
    ('be_concise_saving', 'tokens_per_word')
    """
    return tuple(read_table(_OF_2023)["numbers"])


def new_number_keys() -> tuple[str, ...]:
    """The keys of the numbers that came after the document.

    >>> new_number_keys()[:2]
    ('cached_input_discount', 'batch_discount')
    """
    return tuple(read_table(_TODAY)["numbers"])


def account_keys() -> tuple[str, ...]:
    """The keys of what the Japanese account of the document adds to it.

    >>> account_keys()
    ('tokens_per_japanese_char',)
    """
    return tuple(read_table(_TODAY)["account"])


def late_number_keys() -> tuple[str, ...]:
    """The keys of the numbers of late 2026, which stand behind the first screen.

    >>> late_number_keys()[:2]
    ('language_token_tax', 'agent_to_chat_tokens')
    """
    return tuple(read_table(_OF_2026)["numbers"])


def first_screen_keys() -> tuple[str, ...]:
    """The numbers of the first screen, in its order."""
    return (*number_keys(), *new_number_keys(), *account_keys())


def all_number_keys() -> tuple[str, ...]:
    """Every number, in the order of their places.

    >>> all_number_keys().index("tokens_per_japanese_char"), len(all_number_keys())
    (24, 47)
    """
    return (*first_screen_keys(), *late_number_keys())


def is_published(key: str) -> bool:
    """Whether somebody printed the number in 2023."""
    return "wording" in _number_row(key)


def find_number(name: str) -> str:
    """The key of a number that is called by its key, its title or its place in the list.

    Case, `-` and spaces do not count.

    Raises:
        UnknownNameError: no such number; it names the nearest.

    >>> find_number("Tokens per word"), find_number("tokens-per-word"), find_number("2")
    ('tokens_per_word', 'tokens_per_word', 'tokens_per_word')
    """
    asked = as_name(say("number"), name)
    wanted = _folded(asked)
    keys = all_number_keys()
    for place, key in enumerate(keys, start=1):
        if asked.strip() == str(place) or wanted in (key, _folded(number_text(key)["title"])):
            return key
    raise UnknownNameError(say("number"), name, keys, say("%llmnumbers lists them all"))


def published_number(key: str) -> Figure:
    """The number as the document states it, under the name `published`.

    >>> figure = published_number("be_concise_saving")
    >>> figure.low, figure.high, figure.unit
    (40, 90, '%')
    """
    filename, row = _found(key)
    return _figure("published", filename, row)


def number_text(key: str) -> dict[str, str]:
    """The number's words: `title`, `question`, `remark`, and of 2023's the `headline` as it is printed.

    >>> number_text("gpt4_to_gpt35_cost")["headline"]
    '~50:1'
    """
    row = _number_row(key)
    return {name: row.get(name, "") for name in ("title", "headline", "question", "remark")}


def question_unit(key: str) -> int:
    """What a quiz asks the number in, such as 10^6 for bytes in MB; 1 where it asks for the value itself."""
    unit: int = _number_row(key).get("question_unit", 1)
    return unit


def any_of_range(key: str) -> bool:
    """Whether a quiz takes every value of the published range; else only the value itself."""
    return bool(_number_row(key).get("question_range", False))


def ages_with(key: str) -> str:
    """What makes the number grow old, and how fast.

    >>> ages_with("kv_memory_per_token_gqa").partition(":")[0]
    'new models'
    """
    ages: str = read_table(_TODAY)["ages"][_number_row(key)["ages_with"]]["title"]
    return ages


def input_2023(key: str) -> Figure:
    """A price, time or size behind the numbers of 2023, published or assumed; dollars are Decimals.

    >>> input_2023("gpt35_turbo_usd").value
    Decimal('2')
    """
    return _figure(key, _OF_2023, _row(_OF_2023, "inputs", key))


@cache
def input_figure(key: str) -> Figure:
    """The same of any year: 2023's, or what the new numbers were made from.

    >>> input_figure("reasoning_example_tokens").value
    1024
    """
    filename = next((name for name in _TABLES if key in read_table(name)["inputs"]), _TODAY)
    return _figure(key, filename, _row(filename, "inputs", key))


def stand_in(role: str) -> StandIn:
    """Who stands in a role today.

    >>> stand_in("openai_small").model
    'gpt-6-luna'
    """
    row = _row(_TODAY, "stand_ins", role)
    return StandIn(row["model"], row["reason"], source_of(read_table(_TODAY), row), row.get("sold_gib", 0))


def holder_on(role: str, day: date) -> Holder | None:
    """Who stood in a role on a day; None before the first that is known.

    >>> holder_on("openai_flagship", date(2025, 5, 1)).model
    'gpt-4.1'
    """
    table = read_table(_TODAY)
    held = [row for row in table["holders"] if row["role"] == role and row["since"] <= day]
    if not held:
        return None
    row = max(held, key=lambda each: each["since"])
    return Holder(row["model"], row["since"], source_of(table, row))


def sample_text(name: str) -> str:
    """A short text of this package's own, to count what a word or a character takes."""
    text: str = _row(_TODAY, "samples", name)["text"]
    return text.strip()


def _folded(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _number_row(key: str) -> Mapping[str, Any]:
    return _found(key)[1]


def _found(key: str) -> tuple[str, Mapping[str, Any]]:
    """The table that a number stands in, and its row."""
    for filename, section in ((_OF_2023, "numbers"), (_TODAY, "account"), (_OF_2026, "numbers")):
        if key in read_table(filename)[section]:
            return filename, read_table(filename)[section][key]
    if key not in read_table(_TODAY)["numbers"]:
        raise UnknownNameError(say("number"), key, all_number_keys())
    return _TODAY, read_table(_TODAY)["numbers"][key]


def _row(filename: str, section: str, key: str) -> Mapping[str, Any]:
    rows: Mapping[str, Mapping[str, Any]] = read_table(filename)[section]
    if key not in rows:
        raise UnknownNameError(say("number"), key, rows)
    return rows[key]


def _figure(name: str, filename: str, row: Mapping[str, Any]) -> Figure:
    value, low, high = (_typed(row.get(field), row["unit"]) for field in ("value", "low", "high"))
    if "assumption" in row:
        return assumed(name, value, row["unit"], row["assumption"], low=low, high=high)
    source = source_of(read_table(filename), row)
    wording = row["wording"]
    if read_table(filename)["sources"][row["source"]].get("is_borrowed"):
        wording = say("{wording}; borrowed, as the document does not give it", wording=wording)
    figure = published(name, value, row["unit"], source, low=low, high=high, note=wording)
    return replace(figure, approximate=figure.approximate or row.get("approximate", False))


def _typed(value: Number | None, unit: str) -> Number | None:
    """Dollars as Decimal, by way of the text: Decimal(1.2) would carry the float's error."""
    return Decimal(str(value)) if value is not None and unit.startswith("USD") else value
