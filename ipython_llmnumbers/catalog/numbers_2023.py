"""The numbers of the 2023 document, those that came since, and what they were made from, as figures.

The tables are `numbers_2023.toml` and `numbers_today.toml`. Nothing is computed here:
`estimates.numbers` sets each number beside what its inputs give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ..errors import UnknownNameError
from ..figures import Figure, Number, Source, assumed, published
from ..messages import say
from .names import as_name
from .toml_tables import read_table, source_of

_OF_2023, _TODAY = "numbers_2023.toml", "numbers_today.toml"


@dataclass(frozen=True, slots=True)
class StandIn:
    """The model or GPU of today that stands where the document had one of 2023, and why."""

    model: str
    reason: str
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


def find_number(name: str) -> str:
    """The key of a number that is called by its key, its title or its place in the list.

    Case, `-` and spaces do not count.

    Raises:
        UnknownNameError: no such number; it names the nearest.

    >>> find_number("Tokens per word"), find_number("tokens-per-word"), find_number("2")
    ('tokens_per_word', 'tokens_per_word', 'tokens_per_word')
    """
    wanted = _folded(as_name(say("number"), name))
    keys = (*number_keys(), *new_number_keys())
    for place, key in enumerate(keys, start=1):
        if wanted in (str(place), key, _folded(number_text(key)["title"])):
            return key
    raise UnknownNameError(say("number"), name, keys, say("%llmnumbers lists them all"))


def published_number(key: str) -> Figure:
    """The number as the document states it, under the name `published`.

    >>> figure = published_number("be_concise_saving")
    >>> figure.low, figure.high, figure.unit
    (40, 90, '%')
    """
    return _figure("published", _OF_2023, _row(_OF_2023, "numbers", key))


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


def why_not_today(key: str) -> str:
    """Why a number of 2023 has no value of today; empty where it has one."""
    reason: str = read_table(_TODAY)["today"].get(key, {}).get("reason", "")
    return reason


def input_2023(key: str) -> Figure:
    """A price, time or size behind the numbers of 2023, published or assumed; dollars are Decimals.

    >>> input_2023("gpt35_turbo_usd").value
    Decimal('2')
    """
    return _figure(key, _OF_2023, _row(_OF_2023, "inputs", key))


def input_figure(key: str) -> Figure:
    """The same of any year: 2023's, or what the new numbers were made from.

    >>> input_figure("reasoning_example_tokens").value
    1024
    """
    if key in read_table(_OF_2023)["inputs"]:
        return input_2023(key)
    return _figure(key, _TODAY, _row(_TODAY, "inputs", key))


def stand_in(role: str) -> StandIn:
    """Who stands in a role today.

    >>> stand_in("openai_small").model
    'gpt-6-luna'
    """
    row = _row(_TODAY, "stand_ins", role)
    return StandIn(row["model"], row["reason"], source_of(read_table(_TODAY), row))


def sample_text(name: str) -> str:
    """A short text of this package's own, to count what a word or a character takes."""
    text: str = _row(_TODAY, "samples", name)["text"]
    return text.strip()


def _folded(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _number_row(key: str) -> Mapping[str, Any]:
    return _row(_OF_2023 if key in number_keys() else _TODAY, "numbers", key)


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
    figure = published(name, value, row["unit"], source, low=low, high=high, note=row["wording"])
    return replace(figure, approximate=figure.approximate or row.get("approximate", False))


def _typed(value: Number | None, unit: str) -> Number | None:
    """Dollars as Decimal, by way of the text: Decimal(1.2) would carry the float's error."""
    return Decimal(str(value)) if value is not None and unit.startswith("USD") else value
