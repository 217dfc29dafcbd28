"""Facts of today as figures: prices, GPUs, shapes and counts, asked by the role that a name plays.

Which model plays a role is data (`catalog/numbers_today.toml`); what it costs or weighs is looked up
where everything else is.
"""

from __future__ import annotations

from datetime import date

from ...catalog.hardware.gpus import find_gpu
from ...catalog.numbers_2023 import sample_text, stand_in
from ...catalog.open_models.find import find_model
from ...catalog.open_models.quants import find_quant
from ...catalog.prices.find import find_price
from ...catalog.prices.price import Rate
from ...figures import Figure, Source, assumed, measured, published
from ...messages import joined, say
from ...probes.prompts.text import count_words
from ...probes.tokenizers.engines import load_engine

# The vocabulary of OpenAI's models since GPT-4o; GPT-4's and GPT-3.5's was cl100k_base.
VOCABULARY = "o200k_base"

_SIDES = {
    "input": say("input"),
    "output": say("output"),
    "cached_input": say("input read from the cache"),
    "cache_write": say("input written to the cache"),
    "batch_input": say("input in a batch"),
    "long_input": say("input of a long prompt"),
}
_UNPRICED = say("unpriced, no table has this price")
_ONE_PRICE = say("one price for every length")
_SAMPLES = {
    "english": say("exact ({vocabulary}), an English text of this package's own", vocabulary=VOCABULARY),
    "japanese": say("exact ({vocabulary}), a Japanese text of this package's own", vocabulary=VOCABULARY),
}


def price_of(role: str, side: str) -> Figure:
    """What the model in a role charges for one side; `side` is a key of `_SIDES`."""
    chosen = stand_in(role)
    return model_price(chosen.model, side, chosen.reason)


def model_price(model: str, side: str, reason: str = "") -> Figure:
    """USD per million tokens; unknown, and saying so, where no table has this price.

    >>> model_price("gpt-4o", "output").value
    Decimal('10')
    """
    price = find_price(model, context={"processing": "batch"} if side == "batch_input" else None)
    rate: Rate | None = getattr(price, {"batch_input": "input", "long_input": "input"}.get(side, side), None)
    unit, words = "USD/Mtok", joined(", ", model, _SIDES[side])
    if price is None or rate is None:
        return assumed(side, None, unit, joined(": ", words, _UNPRICED))
    if side == "long_input" and not rate.tiers:
        return assumed(side, None, unit, joined(": ", words, _ONE_PRICE))
    value = rate.tiers[-1][1] if side == "long_input" else rate.base_usd_per_mtok
    return published(side, value, unit, price.source, note=joined("; ", words, reason))


def long_context_of(role: str) -> Figure:
    """The length of prompt past which the model in a role costs more."""
    model = stand_in(role).model
    price = find_price(model)
    if price is None or price.input is None or not price.input.tiers:
        return assumed("long_context_tokens", None, "tokens", joined(": ", model, _ONE_PRICE))
    note = say("{model}: past this length of prompt every token costs more", model=model)
    return published("long_context_tokens", price.input.tiers[-1][0], "tokens", price.source, note=note)


def gpu_memory_of(role: str) -> Figure:
    gpu = find_gpu(stand_in(role).model)
    return published("free_bytes", gpu.memory_bytes, "bytes", gpu.source, note=gpu.name)


def gpu_bandwidth_of(role: str) -> Figure:
    return find_gpu(stand_in(role).model).bandwidth_figure()


def gpu_flops_of(role: str) -> Figure:
    return find_gpu(stand_in(role).model).flops_figure()


def gpu_rent_of(role: str) -> Figure:
    return find_gpu(stand_in(role).model).hourly_figure()


def shape_of(role: str, field: str) -> Figure:
    """One field of the shape of the open model in a role."""
    return find_model(stand_in(role).model).figure(field)


def params_of(role: str) -> Figure:
    """The published number of parameters of the open model in a role."""
    spec = find_model(stand_in(role).model)
    return published("n_params", spec.published_params, "parameters", spec.source, note=spec.name)


def bits_of(role: str) -> Figure:
    """Bits for each parameter of the quantisation in a role."""
    return find_quant(stand_in(role).model).bits_figure()


def sample_tokens(sample: str) -> Figure:
    """Tokens of one of the package's own texts, counted now."""
    engine = load_engine(VOCABULARY)
    if engine is None:
        return measured("tokens", None, "tokens", Source("splintr-rs"), note=say("it cannot be imported"))
    source = Source(engine.name, "https://pypi.org/project/splintr-rs/", date.today())
    n_tokens = len(engine.encode(sample_text(sample)))
    return measured("tokens", n_tokens, "tokens", source, note=_SAMPLES[sample])


def sample_words(sample: str) -> Figure:
    source = Source("Python", None, date.today())
    n_words = count_words(sample_text(sample))
    return measured("words", n_words, "words", source, note=say("between white space"))


def sample_chars(sample: str) -> Figure:
    source = Source("Python", None, date.today())
    n_chars = len(sample_text(sample))
    return measured("chars", n_chars, "characters", source, note=say("Unicode code points"))
