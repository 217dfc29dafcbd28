"""Encoders keep no cache: what bounds them is what they compute of all texts at once."""

from __future__ import annotations

from ...figures import Figure, Note, derive
from ...formulas import overhead
from ...messages import say
from .engines.base import Overhead
from .needs import Needs


def with_texts(needs: Needs, own: Overhead) -> Overhead:
    """An engine's overhead, and for an encoder the states of the texts that it reads together."""
    if not needs.is_encoder:
        return own
    per_token = derive(
        "activation_bytes_per_token",
        "bytes/token",
        overhead.encoder_bytes_per_token,
        hidden_size=needs.spec.figure("hidden_size"),
        intermediate_size=needs.spec.figure("intermediate_size"),
        bytes_per_element=_bytes_per_element(needs),
    )
    total = derive(
        "overhead_bytes",
        "bytes",
        overhead.encoder_overhead_bytes,
        runtime_bytes=own.at_rest,
        activation_bytes_per_token=per_token,
        context_tokens=needs.context_tokens,
        batch_size=needs.batch_size,
    )
    return Overhead(total, own.at_rest, per_token)


def eager_notes(needs: Needs) -> list[Note]:
    """What the scores of attention would take where they are written out, as older models' code does."""
    if not needs.is_encoder:
        return []
    scores = derive(
        "attention_bytes",
        "bytes",
        overhead.attention_scores_bytes,
        n_heads=needs.spec.figure("n_heads"),
        context_tokens=needs.context_tokens,
        batch_size=needs.batch_size,
        bytes_per_element=_bytes_per_element(needs),
    )
    if scores.value is None:
        return []
    text = say(
        "with eager attention it asks for {gib:,.2f} GiB more at once", gib=float(scores.value) / 2**30
    )
    return [Note(text)]


def _bytes_per_element(needs: Needs) -> Figure:
    """It computes in the width of its weights, in 16 bits where those are narrower."""
    return needs.spec.fact("bytes_per_element", 4 if needs.quant.name == "fp32" else 2, "bytes")
