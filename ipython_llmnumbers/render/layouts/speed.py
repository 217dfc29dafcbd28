"""How fast a model runs, as two tables: what was asked, and the curve over the number of sequences."""

from __future__ import annotations

from collections.abc import Iterator

from ...figures import Estimate
from ..cells import value_text
from ..labels import label
from ..layout import Layout, Table


def speed(estimate: Estimate) -> Layout:
    """One line for each figure, then one for each number of sequences at once."""
    details, request = estimate.details, estimate.request
    title = f"{details['model']} in {details['quant']} on {details['device']}: {_headline(estimate)}"
    about = Table(title, ("", "Value", "How it is made"), tuple(_rows(estimate)))
    lines = (f"Engine: {details['engine_title']}",)
    if estimate["step_s"].value is None or not estimate.parts:
        return Layout((about,), lines, estimate.notes)
    priced = estimate["own_usd_per_mtok"].value is not None
    names = (*_CURVE, "own_usd_per_mtok") if priced else _CURVE
    header = ("At once", "Tokens/s each", "Tokens/s together", "Against one", "A million tokens")
    curve = Table(
        f"Batches that fit, {request['context_tokens']:,} tokens each",
        header[: len(names)],
        tuple(tuple(_short(value_text(part[name])) for name in names) for part in estimate.parts),
        right=frozenset(range(1, len(names))),
    )
    return Layout((about, curve), lines, estimate.notes)


def _short(text: str) -> str:
    """A cell without the unit that the head of its column names."""
    for unit in (" tokens/s", " sequences", " sequence", "/Mtok"):
        text = text.replace(unit, "")
    return text


_CURVE = ("batch_size", "sequence_tokens_per_s", "tokens_per_s", "batching_speedup")


def _headline(estimate: Estimate) -> str:
    figure = estimate["tokens_per_s"]
    return value_text(figure) if figure.value is not None else "speed unknown"


def _rows(estimate: Estimate) -> Iterator[tuple[str, str, str]]:
    batch = value_text(estimate["batch_size"])
    prompt = estimate["prefill_tokens_per_s"]
    how = {
        "tokens_per_s": batch,
        "sequence_tokens_per_s": "one sequence of them",
        "step_s": "(weights + cache) / (bandwidth × efficiency) + layers × latency + computing",
        "read_weights_bytes": "read once a step, whatever the batch",
        "kv_cache_bytes": "read for each sequence",
        "prefill_tokens_per_s": "a prompt, on GPUs that do nothing else",
        "batching_speedup": estimate["batching_speedup"].note,
        "usd_per_hour": estimate["usd_per_hour"].note,
        "own_usd_per_mtok": estimate["own_usd_per_mtok"].note,
        "api_usd_per_mtok": estimate["api_usd_per_mtok"].note,
        "cost_against_api": "own tokens against the API's",
    }
    for name, text in how.items():
        figure = estimate[name]
        if name == "prefill_tokens_per_s" and prompt.value is None:
            continue
        yield label(name), value_text(figure), text
