"""Write `docs/models.md`: what the tables know of every model that its maker sells, and what they do not.

python tools/models_page.py           # write it anew
python tools/models_page.py --check   # say whether it is as it would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.catalog.prices.genai_prices import first_hand_models, snapshot_date
from ipython_llmnumbers.catalog.prices.litellm_table import litellm_source
from ipython_llmnumbers.catalog.prices.price import Price, Rate
from ipython_llmnumbers.catalog.tokenization.vocabularies import find_tokenizer, ratio_tokenizer

PAGE = Path(__file__).resolve().parent.parent / "docs" / "models.md"
# The newest day of which both tables speak, so that the page is the same whenever it is written.
DAY = max(snapshot_date(), litellm_source().checked or date.min)
UNKNOWN = "unknown"
LITELLM = litellm_source()
HEAD = f"""# Every model that its maker sells

Written by `python tools/models_page.py` from the tables, as of {DAY}; a test compares them.

Prices are dollars per million tokens: `a → b above n` is that of a call with more than n tokens of input,
and a range one that goes by the hour. They are of genai-prices ({snapshot_date()}) or `own_prices.toml`.
Limits, ends and the least that is cached are of {LITELLM.name.partition(",")[0]} ({LITELLM.checked}), of
`own_prices.toml`, or of `life_cycle.toml`. `{UNKNOWN}` is what no table says.

Tokens are counted `exact`, by the model's own vocabulary; `mapped`, by that of the provider's client;
`assumed`, by the predecessor's; `unofficial`, by a reconstruction; or by a `ratio`, as a range.
"""
COLUMNS = (
    *("model", "tokens", "input", "output", "cache read", "cache write", "window", "longest input"),
    *("longest output", "least cached", "shut down", "instead", "remarks"),
)


def main() -> int:
    text = page()
    if "--check" in sys.argv:
        stale = not PAGE.exists() or PAGE.read_text("utf-8") != text
        if stale:
            print("docs/models.md is not what the tables say: run python tools/models_page.py")
        return int(stale)
    PAGE.write_text(text, "utf-8")
    return 0


def page() -> str:
    """The page, a table for each provider."""
    lines = [HEAD]
    for provider, rows in groupby(_priced(), key=lambda priced: priced[1].provider):
        lines += [f"## {provider}\n", _row(COLUMNS), "|" + "---|" * len(COLUMNS)]
        lines += [_row(_cells(model, price)) for model, price in rows]
        lines.append("")
    return "\n".join(lines)


def _priced() -> Iterator[tuple[str, Price]]:
    """Each model with the price of its own maker: Google's list has Claude too."""
    for host, model in first_hand_models():
        price = find_price(model, DAY)
        if price is not None and price.host == host:
            yield model, price


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _cells(model: str, price: Price) -> tuple[str, ...]:
    life = price.life
    return (
        f"`{model}`",
        _tokens(model),
        *map(_usd, (price.input, price.output, price.cached_input, price.cache_write)),
        *map(_count, (price.context_window_tokens, price.max_input_tokens or price.context_window_tokens)),
        *map(_count, (price.max_output_tokens, price.cache_least_tokens)),
        UNKNOWN if life is None else str(life.ends or "deprecated, no day"),
        (life.heir if life else "") or "–",
        "; ".join(_remarks(price)) or "–",
    )


def _tokens(model: str) -> str:
    tokenizer = find_tokenizer(model) or ratio_tokenizer()
    return f"{tokenizer.how} ({tokenizer.vocabulary})" if tokenizer.vocabulary else tokenizer.how


def _usd(rate: Rate | None) -> str:
    if rate is None:
        return UNKNOWN
    text = _plain(rate.base_usd_per_mtok)
    if rate.peak_times != 1:
        text += f"–{_plain(rate.base_usd_per_mtok * rate.peak_times)}"
    return text + "".join(f" → {_plain(usd)} above {start:,}" for start, usd in rate.tiers)


def _plain(usd: Decimal) -> str:
    return f"{usd.normalize():f}"


def _count(tokens: int | None) -> str:
    return UNKNOWN if tokens is None else f"{tokens:,}"


def _remarks(price: Price) -> Iterator[str]:
    if price.is_reasoning:
        yield "can reason, billed as output"
    if price.cache_write_1h is not None:
        yield f"cache write for 1 hour {_usd(price.cache_write_1h)}"
    if price.usd_per_request is not None:
        yield f"{_plain(price.usd_per_request)} for each request"
    if price.other is not None:
        other = (price.other.input_usd_per_mtok, price.other.output_usd_per_mtok)
        yield f"litellm has {'/'.join(map(_plain, other))}"


if __name__ == "__main__":
    sys.exit(main())
