"""What a million tokens cost on one's own GPUs, against the price that APIs ask for the same model."""

from __future__ import annotations

from decimal import Decimal

from ...catalog.hardware.gpus import Gpu
from ...catalog.open_models.spec import ModelSpec
from ...catalog.prices.find import find_price, price_hosts
from ...catalog.prices.price import Price
from ...figures import Figure, assumed, derive, given, published
from ...formulas import speed
from ...messages import joined, option, say


def cost_figures(
    name: str, spec: ModelSpec, gpu: Gpu | None, n_gpus: int, tokens_per_s: Figure
) -> tuple[Figure, ...]:
    """What a token costs here and at an API; what is not known is None.

    In this order: `usd_per_hour` of all GPUs (USD/h), `own_usd_per_mtok` and `api_usd_per_mtok` (USD/Mtok),
    and `cost_against_api` (×).
    """
    hour = hourly_rent(gpu, n_gpus, option("tp"))
    own = own_figure(hour, tokens_per_s)
    api = _api_price(name, spec)
    against = derive(
        "cost_against_api", "×", speed.cost_against_api, own_usd_per_mtok=own, api_usd_per_mtok=api
    )
    return hour, own, api, against


def hourly_rent(gpu: Gpu | None, n_gpus: int, by: str) -> Figure:
    """Dollars for an hour of all the GPUs, unknown where none of the tables is named; `by` says how many."""
    rent = (
        gpu.hourly_figure()
        if gpu is not None
        else assumed("usd_per_gpu_hour", None, "USD/h", say("the GPU is in no table of prices"))
    )
    return derive(
        "usd_per_hour",
        "USD/h",
        speed.machine_usd_per_hour,
        note=rent.note,
        usd_per_gpu_hour=rent,
        n_gpus=given("n_gpus", n_gpus, "GPUs", by),
    )


def own_figure(usd_per_hour: Figure, tokens_per_s: Figure) -> Figure:
    """Dollars for a million tokens at that speed."""
    return derive(
        "own_usd_per_mtok",
        "USD/Mtok",
        speed.own_usd_per_mtok,
        note=say("output tokens, of GPUs that are never idle"),
        usd_per_hour=usd_per_hour,
        tokens_per_s=tokens_per_s,
    )


def _api_price(name: str, spec: ModelSpec) -> Figure:
    """The output price of the same model: its maker's, else the cheapest host's with the range of all."""
    figure, unit = "api_usd_per_mtok", "USD/Mtok"
    prices = _prices(name, spec)
    rates = [(_rate(price), price) for price in prices]
    known = sorted(((rate, price) for rate, price in rates if rate is not None), key=lambda each: each[0])
    if not known:
        note = say("unpriced: no table has a price of {model}", model=spec.name)
        return assumed(figure, None, unit, note)
    (low, cheapest), (high, _) = known[0], known[-1]
    host = say("output of {model} at {provider}", model=cheapest.model, provider=cheapest.provider)
    others = say("the cheapest of {n} hosts", n=len(known)) if len(known) > 1 else ""
    note = joined("; ", host, others)
    return published(figure, low, unit, cheapest.source, low=low, high=high, note=note)


def _prices(name: str, spec: ModelSpec) -> list[Price]:
    if spec.given_params is not None:
        return []
    base = name.rpartition("/")[2]
    spellings = dict.fromkeys((name, base, spec.name, f"{base}-instruct", f"{spec.name}-instruct"))
    prices: dict[tuple[str, str], Price] = {}
    for spelling in spellings:
        asked = [spelling, *(f"{host}/{spelling}" for host in price_hosts(spelling))]
        for each in filter(None, map(find_price, asked)):
            prices.setdefault((each.provider, each.model), each)
    return list(prices.values())


def _rate(price: Price) -> Decimal | None:
    """The output rate; a price of nothing is a trial's, not a price."""
    rate = price.output.base_usd_per_mtok if price.output else None
    return rate or None
