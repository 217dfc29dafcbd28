"""What must be said beside a cost, in order: no price, an old one, its notes and limits, the budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ...catalog.prices.price import Price
from ...figures import Figure, Note
from ...messages import joined, say
from ...probes.prompts.chat import Prompt
from ..hosted_model import HostedModel
from .input_tokens import PromptCount
from .limit_notes import cache_note, limit_notes
from .price_notes import price_notes
from .question import Cost
from .rates import PricedCalls

# A table of prices older than this may have missed a change.
STALE_AFTER = timedelta(days=30)
# A day may begin elsewhere before it begins here; more than that, and the clock is wrong.
CLOCK_TOLERANCE = timedelta(days=1)


def cost_notes(
    model: HostedModel,
    request: Cost,
    prompts: Sequence[Prompt],
    all_calls_usd: Figure,
    count: PromptCount,
    priced: PricedCalls,
) -> Iterator[Note]:
    """The notes of one model's estimate, in the order of what they change."""
    price = model.price
    if price is None:
        yield _unpriced(model)
    else:
        yield from price_notes(str(model), price, request, prompts)
        yield from _age(price, request)
        yield from limit_notes(price, request, count)
        if priced.too_short_to_cache:
            yield cache_note(price)
    yield from _budget(str(model), request, all_calls_usd)


def _unpriced(model: HostedModel) -> Note:
    hosts, name = model.hosts, str(model)
    unpriced = say("{model} is unpriced: no table has its price", model=name)
    hint = say("hosts that price it: {hosts} (write HOST/{model})", hosts=", ".join(hosts), model=name)
    return Note(joined("; ", unpriced, hint if hosts else ""), "warning")


def _age(price: Price, request: Cost) -> Iterator[Note]:
    checked = price.source.checked
    if request.on is not None or checked is None:
        return
    today = date.today()
    age = today - checked
    if age < -CLOCK_TOLERANCE:
        text = say(
            "the prices of {model} are of {day}, but this computer's clock shows {today}:"
            " set the clock, or `checked` in your table",
            model=price.model,
            day=checked,
            today=today,
        )
        yield Note(text, "warning")
    if age > STALE_AFTER:
        is_fetched = price.source.name.startswith("genai-prices")
        values = {"model": price.model, "day": checked, "n": age.days}
        text = (
            say(
                "the prices of {model} are of {day}, {n} days ago: {option:update_prices} fetches newer ones",
                **values,
            )
            if is_fetched
            else say("the prices of {model} are of {day}, {n} days ago: look them up again", **values)
        )
        yield Note(text, "warning")


def _budget(model: str, request: Cost, all_calls_usd: Figure) -> Iterator[Note]:
    budget = request.budget_usd
    if budget is None:
        return
    if all_calls_usd.value is None or all_calls_usd.low is None or all_calls_usd.high is None:
        text = say(
            "{model}: unpriced, so the budget of ${budget:f} cannot be checked", model=model, budget=budget
        )
        yield Note(text, "warning")
    elif all_calls_usd.low > budget:
        yield Note(say("{model}: over the budget of ${budget:f}", model=model, budget=budget), "error")
    elif all_calls_usd.high > budget:
        yield Note(
            say("{model}: may be over the budget of ${budget:f}", model=model, budget=budget), "warning"
        )
