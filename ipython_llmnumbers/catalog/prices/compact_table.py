"""genai-prices' table as lines of JSON: made once for each version that is installed.

The build makes the table of the locked version (`hatch_build.py`). Where another one is installed, the
first estimate makes it and keeps it in the user's cache. A table is taken only as it was made: of the same
version and content of genai-prices, by the same code, and whole; else it is made again.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import LLMNumbersError
from ...files.formats import FormatError, compact_json
from ...files.installed import installed_version
from ...files.reading import read_bytes
from ...files.writing import make_folder, write_text
from ...patterns import pattern
from ..toml_tables import own_json, read_lines
from .price_table import PriceTable, Provider

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice

FILE = "prices/genai_prices.jsonl"  # in this package; written by the build
PACKAGE = ("genai-prices", "genai_prices")  # what is installed, and its module
# It has half a megabyte.
_MOST_BYTES = 10_000_000
_DAY = pattern(r"\b(20\d\d)-(\d\d)-(\d\d)\b")


def table_of_wheel() -> PriceTable:
    """The prices of the genai-prices that is installed; it is imported only where its table must be made."""
    stamp = _stamp()
    for lines in (_packaged_lines, _cached_lines):
        with suppress(OSError, LLMNumbersError, FormatError, ValueError):
            found = lines()
            if stamp and found[:1] == [_head(stamp, found[1:])]:
                return _table(found[1:])
    from genai_prices.data_snapshot import get_snapshot

    made = compact(get_snapshot())
    if stamp:
        with suppress(LLMNumbersError):  # a cache that cannot be written
            _keep("\n".join([_head(stamp, made), *made]) + "\n")
    return _table(made)


def table_of(snapshot: DataSnapshot) -> PriceTable:
    """The same of a table that was given to genai-prices: fetched, or by its user."""
    return _table(compact(snapshot), snapshot.timestamp.date() if snapshot.from_auto_update else None)


def packaged_text() -> str:
    """What the build writes: the table of the genai-prices at hand."""
    from genai_prices.data_snapshot import get_snapshot

    made = compact(get_snapshot())
    return "\n".join([_head(_stamp(), made), *made]) + "\n"


def compact(snapshot: DataSnapshot) -> list[str]:
    """The lines of a table: the days that it mentions, the providers, and the models of each on a line."""
    comments = [provider.price_comments or "" for provider in snapshot.providers]
    comments += [model.price_comments or "" for each in snapshot.providers for model in each.models]
    days = sorted({day.isoformat() for each in comments for day in _days_in(each)})
    rows = []
    for provider in snapshot.providers:
        row: dict[str, Any] = {"id": provider.id, "name": provider.name}
        row["pricing_urls"] = provider.pricing_urls or []
        if provider.model_match is not None:
            row["model_match"] = _clause(provider.model_match)
        if provider.fallback_model_providers:
            row["fallback"] = provider.fallback_model_providers
        rows.append(row)
    models = (compact_json(list(map(_model_row, provider.models))) for provider in snapshot.providers)
    return [compact_json(days), compact_json(rows), *models]


def _table(lines: Sequence[str], fetched: date | None = None) -> PriceTable:
    days, rows, *models = lines
    providers = tuple(map(Provider, own_json(rows), models))
    return PriceTable(providers, tuple(map(date.fromisoformat, own_json(days))), fetched)


def _stamp() -> list[str]:
    """What a table is made of: genai-prices by its version and content, and this code; empty if not known."""
    spec = find_spec(PACKAGE[1])
    folder = next(iter((spec and spec.submodule_search_locations) or ()), "")
    with suppress(OSError):  # a package without its sources
        files = (str(Path(folder, "data.py")), __file__, str(Path(__file__).with_name("price_table.py")))
        # By the importer, as code is read, and not through the gate for the user's files.
        contents = (__spec__.loader.get_data(file) for file in files)  # type: ignore[union-attr]
        return [installed_version(*PACKAGE), *map(_sum, contents)]
    return []


def _head(stamp: Sequence[str], lines: Sequence[str]) -> str:
    """The first line of a table: what it is made of, and a sum over what follows."""
    return compact_json([*stamp, _sum("\n".join(lines).encode())])


def _sum(content: bytes) -> str:
    """What tells two contents apart that no attacker chose: nobody else writes where these lie."""
    return f"{binascii.crc32(content):08x}-{len(content)}"


def _packaged_lines() -> list[str]:
    return read_lines(FILE)


def _cached_lines() -> list[str]:
    return read_bytes(_cache_file(), _MOST_BYTES).decode().splitlines()


def _cache_file() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("ipython-llmnumbers", appauthor=False) / Path(FILE).name


def _keep(text: str) -> None:
    path = _cache_file()
    make_folder(path.parent)
    write_text(path, text, is_ours=lambda _: True)


def _model_row(model: ModelInfo) -> dict[str, Any]:
    row: dict[str, Any] = {"id": model.id, "match": _clause(model.match)}
    if model.name:
        row["name"] = model.name
    if model.context_window is not None:
        row["context_window"] = model.context_window
    if model.deprecated:
        row["deprecated"] = True
    comment = model.price_comments or ""
    if comment.startswith("Imported from OpenRouter") and "Verified against" not in comment:
        row["is_from_openrouter"] = True
    if isinstance(model.prices, list):
        row["prices"] = [_conditional(each) for each in model.prices]
    else:
        row["prices"] = _prices(model.prices)
    if model.price_variants:
        row["variants"] = [{"when": each.when, **_conditional(each)} for each in model.price_variants]
    return row


def _conditional(price: Any) -> dict[str, Any]:
    """A price with its constraint, which names its days or times as `PriceTable` reads them."""
    constraint = vars(price.constraint) if price.constraint else {}
    return {**{name: each.isoformat() for name, each in constraint.items()}, "prices": _prices(price.prices)}


def _prices(prices: ModelPrice) -> dict[str, Any]:
    return {name: _price(each) for name, each in vars(prices).items() if each is not None}


def _price(price: Any) -> str | list[Any]:
    tiers = getattr(price, "tiers", None)
    if tiers is None:
        return str(price)
    return [str(price.base), *([tier.start, str(tier.price)] for tier in tiers)]


def _clause(clause: Any) -> list[Any]:
    """A clause by its name, and what it looks for: in small letters as names are, but for a pattern."""
    ((name, value),) = vars(clause).items()
    name = name.rstrip("_")
    if isinstance(value, list):
        return [name, *map(_clause, value)]
    return [name, value if name == "regex" else value.lower()]


def _days_in(comment: str) -> Iterator[date]:
    for found in _DAY.findall(comment):
        with suppress(ValueError):
            yield date(*map(int, found))
