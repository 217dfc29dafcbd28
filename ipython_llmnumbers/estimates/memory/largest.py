"""The longest context and the largest batch that fit a device."""

from __future__ import annotations

from dataclasses import replace

from ...figures import Figure, assumed, derive
from ...formulas import kv, memory
from ...messages import say
from .engines.base import Overhead
from .needs import Needs


def max_context(needs: Needs, overhead: Overhead, room_bytes: Figure) -> Figure:
    """Tokens per sequence at this batch, at most those that the model was made for."""
    most = _max_context(needs, overhead, room_bytes)
    is_none = most.value == 0 and not most.high
    return replace(most, note=say("nothing is left beside the weights and overhead")) if is_none else most


def _max_context(needs: Needs, overhead: Overhead, room_bytes: Figure) -> Figure:
    longest, cache = needs.spec.context_figure(), needs.cache
    name, unit = "max_context_tokens", "tokens"
    room = {
        "free_bytes": room_bytes,
        "weights_bytes": needs.weights_bytes,
        "overhead_bytes": overhead.at_rest,
        "batch_size": needs.batch_size,
        "sliding_bytes_per_token": cache.sliding,
        "window_tokens": cache.window_tokens,
        "fixed_bytes": cache.fixed,
    }
    if cache.sliding_window is not None:
        return _up_to_the_model_s(needs, _shared_context(needs, overhead, room_bytes))
    growing = _growing(needs, overhead)
    if growing.high == 0:
        endless = say("no layer keeps every token, so the length costs nothing more")
        return derive(
            name,
            unit,
            kv.max_windowed_context_tokens,
            note=endless,
            **room,
            block_tokens=needs.served_by.engine.block_figure(),
            model_context_tokens=longest,
        )
    note = "" if longest.value else longest.note
    fitting = derive(name, unit, kv.max_context_tokens, note=note, **room, growing_bytes_per_token=growing)
    engine = needs.served_by.engine
    if engine.block_tokens > 1:
        fitting = derive(
            name,
            unit,
            kv.whole_blocks_tokens,
            note=note,
            fitting_tokens=fitting,
            block_tokens=engine.block_figure(),
        )
    return _up_to_the_model_s(needs, fitting)


def _growing(needs: Needs, overhead: Overhead) -> Figure:
    """What each token takes more: of the cache, and of what the engine computes."""
    if overhead.per_token is None:
        return needs.cache.growing
    growing = derive(
        "growing_bytes_per_token",
        "bytes/token",
        kv.sum_bytes_per_token,
        cache=needs.cache.growing,
        activation=overhead.per_token,
    )
    # Where a token may take nothing or something, the length is that of the latter: the other has no end.
    return growing if growing.low else replace(growing, value=growing.high, low=growing.high)


def _up_to_the_model_s(needs: Needs, fitting: Figure) -> Figure:
    """What fits, where the model was made for so many tokens."""
    longest = needs.spec.context_figure()
    if longest.value is None:
        return fitting
    return derive(
        "max_context_tokens",
        "tokens",
        memory.usable_context_tokens,
        note=say("at most the {n:,} that {model} was made for", n=longest.value, model=needs.spec.name),
        fitting_context_tokens=fitting,
        model_context_tokens=longest,
    )


def _shared_context(needs: Needs, overhead: Overhead, room_bytes: Figure) -> Figure:
    return derive(
        "max_context_tokens",
        "tokens",
        kv.max_shared_context_tokens,
        note=needs.spec.context_figure().note,
        **_shared_room(needs, overhead, room_bytes),
        batch_size=needs.batch_size,
    )


def _shared_room(needs: Needs, overhead: Overhead, room_bytes: Figure) -> dict[str, Figure]:
    cache = needs.cache
    return {
        "free_bytes": room_bytes,
        "weights_bytes": needs.weights_bytes,
        "overhead_bytes": overhead.at_rest,
        "growing_bytes_per_token": _growing(needs, overhead),
        "sliding_bytes_per_token": cache.sliding,
        "sliding_window": cache.sliding_window or cache.window_tokens,
        "n_ubatch": needs.served_by.ubatch_figure(),
        "fixed_bytes": cache.fixed,
    }


def max_batch(needs: Needs, overhead: Overhead, room_bytes: Figure) -> Figure:
    """Sequences at this context."""
    if needs.cache.sliding_window is not None:
        return derive(
            "max_batch_size",
            "sequences",
            kv.max_shared_batch_size,
            note=say("at this context"),
            **_shared_room(needs, overhead, room_bytes),
            context_tokens=needs.context_tokens,
        )
    sequence = needs.cache.sequence_bytes
    if overhead.per_token is not None:
        sequence = derive(
            "sequence_bytes",
            "bytes",
            kv.active_sequence_bytes,
            sequence_bytes=sequence,
            activation_bytes_per_token=overhead.per_token,
            context_tokens=needs.context_tokens,
        )
    same = say("any batch has the same logits")
    rows = overhead.logit_rows
    return derive(
        "max_batch_size",
        "sequences",
        kv.max_batch_size,
        note=say("at this context"),
        free_bytes=room_bytes,
        weights_bytes=needs.weights_bytes,
        overhead_bytes=overhead.alone or overhead.at_rest,
        sequence_bytes=sequence,
        vocab_size=assumed("vocab_size", 0, "tokens", same) if rows is None else needs.words_figure(),
        logit_rows=rows or assumed("logit_rows", 0, "rows", same),
        **({} if overhead.n_gpus is None else {"n_gpus": overhead.n_gpus}),
    )
