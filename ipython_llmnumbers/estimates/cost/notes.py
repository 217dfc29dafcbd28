"""What must be said beside a cost, in order: no price, an old one, its notes and limits, the budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ...catalog.names import ModelName
from ...catalog.prices.price import Price
from ...catalog.sellers import host_named
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
# Enough to choose from, and no more than a line.
MOST_HOSTS = 8
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
    if model.alias is not None:
        yield Note(model.alias.note, "warning" if model.alias.until else "info")
    if price is None:
        yield _unpriced(model)
    else:
        yield from price_notes(str(model), price, request, prompts)
        yield from _age(price, request)
        yield from limit_notes(price, request, count)
        if priced.too_short_to_cache:
            yield cache_note(price)
    if count.sound_tokens is not None and (request.cached or request.cache_write):
        text = say("{option:cached} and {option:cache_write} are of the text: sound is priced in full")
        yield Note(text)
    yield from _budget(str(model), request, all_calls_usd)


def _unpriced(model: HostedModel) -> Note:
    """No price: whose, what the model's maker asks, and who else sells it."""
    name, maker = model.name, model.maker_price
    if model.is_local:
        text = say("{model} runs on a machine of yours: its price is yours to say", model=name.raw)
        return Note(text, "warning")
    hosts = [host for host in model.hosts if host_named(host).name != name.host]
    hint = say("hosts that price it: {hosts} (write HOST/{model})", hosts=_some(hosts), model=name.base)
    asked = _asked_by(maker) if maker else ""
    return Note(joined("; ", _no_price(name, maker), asked, hint if hosts else ""), "warning")


def _no_price(name: ModelName, maker: Price | None) -> str:
    """Whose price is not known."""
    seller = name.host or (name.vendor if maker else "")
    values = {"model": name.raw, "host": seller}
    if not seller:
        return say("{model} is unpriced: no table has its price", model=name.raw)
    if name.region:
        return say(
            "{model} is unpriced: no price of {host} in {region} is known", **values, region=name.region
        )
    if name.host == "openrouter" and name.variant:
        return say(
            "{model} is unpriced: no price of {host} for :{variant} is known", **values, variant=name.variant
        )
    return say("{model} is unpriced: no price of {host} is known", **values)


def _some(hosts: Sequence[str]) -> str:
    """The first hosts, and how many more there are."""
    shown, more = ", ".join(hosts[:MOST_HOSTS]), len(hosts) - MOST_HOSTS
    return say("{hosts} and {n} more", hosts=shown, n=more) if more > 0 else shown


def _asked_by(price: Price) -> str:
    """What a maker asks, for a reader whose model is sold by somebody else."""
    values = {"maker": price.provider, "model": price.model}
    if price.input is None:
        return ""
    values["input"] = f"{price.input.base_usd_per_mtok:f}"
    if price.output is None:
        return say("{maker} asks ${input} for a million input tokens of {model}", **values)
    values["output"] = f"{price.output.base_usd_per_mtok:f}"
    return say("{maker} asks ${input} and ${output} for a million tokens in and out of {model}", **values)


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
