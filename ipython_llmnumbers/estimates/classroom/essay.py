"""A text of one's own under the vocabularies and prices of three years."""

from __future__ import annotations

from ...catalog.classroom.eras import eras
from ...errors import UsageError
from ...figures import Figure, Source, derive, measured
from ...formulas import cost
from ...messages import say
from ..cost.question import Cost
from ..currency import Currency, with_currency
from .details import EssayEstimate, EssayYear, EssayYearDetails


def estimate_essay(text: str, money: Currency | None = None) -> EssayEstimate:
    """The text's tokens and its price per 1,000 characters, a part for each year.

    Raises:
        UsageError: a text without characters.

    >>> [part.details.year for part in estimate_essay("Guess before you look.").parts]
    [2019, 2023, None]
    """
    if not text.strip():
        raise UsageError("the essay is empty: put a text into the variable")
    source = Source("Python", None, None)
    chars = measured("chars", len(text), "characters", source, note=say("Unicode code points"))
    estimate = EssayEstimate(
        say("essay"),
        figures=(chars,),
        parts=tuple(_year(text, chars, year, model) for year, model in eras()),
    )
    return with_currency(estimate, money)


def _year(text: str, chars: Figure, year: int | None, model: str) -> EssayYear:
    answer = Cost.of(prompt=text, model=model).answer()
    tokens, usd, price = (answer.figure(name) for name in ("input_tokens", "input_usd", "input_usd_per_mtok"))
    return EssayYear(
        model,
        figures=(
            tokens,
            price,
            derive(
                "usd_per_1k_chars",
                "USD",
                cost.usd_per_1k_chars,
                input_usd=usd,
                chars=chars,
                note=say("for 1,000 characters, read once"),
            ),
        ),
        details=EssayYearDetails(year=year, model=model, tokenizer=answer.details.tokenizer),
    )
