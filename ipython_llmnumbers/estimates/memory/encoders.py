"""Encoders keep no cache: what bounds them is what they compute of all texts at once."""

from __future__ import annotations

from ...figures import Figure, Note, derive
from ...formulas import overhead
from ...messages import say
from .engines.base import Overhead
from .needs import Needs


def with_texts(needs: Needs, own: Overhead) -> Overhead:
    """An engine's overhead, and for an encoder the states of the texts that it reads together."""
    if not needs.spec.architecture.is_encoder:
        return own
    per_token = _per_token(needs)
    total = derive(
        "overhead_bytes",
        "bytes",
        overhead.encoder_overhead_bytes,
        runtime_bytes=own.at_rest,
        activation_bytes_per_token=per_token,
        context_tokens=needs.context_tokens,
        batch_size=needs.batch_size,
    )
    return Overhead(total, own.at_rest, per_token, (), own.alone, own.logit_rows)


def eager_notes(needs: Needs) -> list[Note]:
    """What attention's scores take where they are written out, if that is more than all states."""
    if not needs.spec.architecture.is_encoder:
        return []
    tokens, batch, per_token = (
        int(each.value or 0) for each in (needs.context_tokens, needs.batch_size, _per_token(needs))
    )
    scores = overhead.attention_scores_bytes(
        needs.spec.architecture.n_heads, tokens, batch, _bytes_per_element(needs)
    )
    if scores <= per_token * tokens * batch:
        return []
    return [Note(say("with eager attention it asks for {gib:,.2f} GiB more at once", gib=scores / 2**30))]


def _per_token(needs: Needs) -> Figure:
    return derive(
        "activation_bytes_per_token",
        "bytes/token",
        overhead.encoder_bytes_per_token,
        hidden_size=needs.spec.figure("hidden_size"),
        intermediate_size=needs.spec.figure("intermediate_size"),
        bytes_per_element=needs.spec.fact("bytes_per_element", _bytes_per_element(needs), "bytes"),
    )


def _bytes_per_element(needs: Needs) -> int:
    """It computes in the width of its weights, in 16 bits where those are narrower."""
    return 4 if needs.quant.name == "fp32" else 2
