"""How fast a model runs, as two tables: what was asked, and the curve over the number of sequences."""

from __future__ import annotations

from collections.abc import Iterator

from ...estimates.speed.details import SpeedEstimate, SpeedPoint
from ...messages import said, tell
from ..figure_text import point_text, range_or_number_text, range_text, value_text
from ..labels import label
from ..layout import Answer, Layout, Meters, Table, joined_facts, local_rows, row


def speed(estimate: SpeedEstimate) -> Layout:
    """One line for each figure, then one for each number of sequences at once."""
    details = estimate.details
    title = tell(
        "{model} in {quant} on {device}", model=details.model, quant=details.quant, device=details.device
    )
    speed = estimate["tokens_per_s"]
    value = tell("speed unknown") if speed.value is None else point_text(speed)
    facts = (range_text(speed), title, value_text(estimate["batch_size"]))
    answer = Answer(value, joined_facts(*facts))
    if estimate.verdict:  # what it is of a GPU that it would fit is no answer to what was asked
        answer = Answer(title, tell("{speed} if it did", speed=value), estimate.verdict)
    header = ("", tell("Value"), tell("How it is made"))
    about = Table(tell("How it is made"), header, tuple(_rows(estimate)), is_folded=True)
    lines = (tell("Engine: {engine}", engine=details.engine_title),)
    if estimate["step_s"].value is None or not estimate.parts:
        return Layout((about,), lines, estimate.notes, answer=answer)
    priced = estimate["own_usd_per_mtok"].value is not None
    names = (*_CURVE, "own_usd_per_mtok") if priced else _CURVE
    curve = Table(
        tell("Batches that fit, {n:,} tokens each", n=details.context_tokens),
        (tell("At once"), *map(label, names[1:])),
        tuple(tuple(range_or_number_text(part[name]) for name in names) for part in estimate.parts),
        right=frozenset(range(1, len(names))),
        meters=Meters.of(label("tokens_per_s"), (part["tokens_per_s"] for part in estimate.parts)),
    )
    return Layout((about, curve), lines, estimate.notes, answer=answer)


def speed_point(estimate: SpeedPoint) -> Layout:
    """One line for each figure."""
    header = ("", tell("Value"), tell("How it is made"))
    return Layout((Table(said(estimate.subject), header, tuple(map(row, estimate.figures))),))


_CURVE = ("batch_size", "sequence_tokens_per_s", "tokens_per_s", "batching_speedup")


def _rows(estimate: SpeedEstimate) -> Iterator[tuple[str, str, str]]:
    batch = value_text(estimate["batch_size"])
    prompt = estimate["prefill_tokens_per_s"]
    how = {
        "tokens_per_s": batch,
        "sequence_tokens_per_s": tell("one sequence of them"),
        "step_s": tell("(weights + cache) / (bandwidth × efficiency) + layers × latency"),
        "read_weights_bytes": tell("read once a step, whatever the batch"),
        "kv_cache_bytes": tell("read for each sequence"),
        "prefill_tokens_per_s": tell("a prompt, on GPUs that do nothing else"),
        "prefill_s": tell("until the answer begins"),
        "batching_speedup": said(estimate["batching_speedup"].note),
        "usd_per_hour": said(estimate["usd_per_hour"].note),
        "own_usd_per_mtok": said(estimate["own_usd_per_mtok"].note),
        "api_usd_per_mtok": said(estimate["api_usd_per_mtok"].note),
        "cost_against_api": tell("own tokens against the API's"),
    }
    for name, text in how.items():
        figure = estimate[name]
        if name.startswith("prefill") and prompt.value is None:
            continue
        yield label(name), value_text(figure), text
        yield from local_rows(estimate, name)
