"""What a request keeps of its sequences, as figures: keys and values, latents, windows, states."""

from __future__ import annotations

from dataclasses import replace

from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, assumed, derive
from ...formulas import kv, memory
from ...messages import say
from ...records import dataclass
from .cache_figures import CachesHeld, renamed
from .draft import Draft
from .engines import Serving, serving

_GROWING = {"full", "latent", "index"}


@dataclass(frozen=True, slots=True)
class CacheNeeds:
    """The cache on one GPU. `window_tokens` is 0 where no layer has a window.

    Where an engine keeps all sequences in one cache, `sliding_window` is that of the model, and
    `unshared_bytes` what the sequences would take each by itself.
    """

    per_token: Figure
    growing: Figure
    sliding: Figure
    window_tokens: Figure
    fixed: Figure
    sequence_bytes: Figure
    total_bytes: Figure
    sliding_window: Figure | None = None
    unshared_bytes: Figure | None = None


def cache_needs(
    spec: ModelSpec,
    kv_bits: Figure,
    context_tokens: Figure,
    batch_size: Figure,
    *,
    served_by: Serving | None = None,
    tp: int = 1,
    draft: Draft | None = None,
) -> CacheNeeds:
    """The cache of a batch of sequences of this length.

    >>> from ...catalog.open_models.find import find_model
    >>> from ...catalog.open_models.quants import find_quant, kv_bits_figure
    >>> tokens = assumed("context_tokens", 32_768, "tokens", "example")
    >>> one = assumed("batch_size", 1, "sequences", "example")
    >>> bits = kv_bits_figure(None, find_quant("bf16"))
    >>> cache_needs(find_model("DeepSeek-V3"), bits, tokens, one).total_bytes.value / 2**20  # MiB
    2196.0
    """
    if not spec.architecture.knows_cache:
        return _unknown(spec)
    served_by = served_by or serving(None)
    held = CachesHeld.of(spec, draft, kv_bits, served_by, tp)
    growing = held.per_token("growing_bytes_per_token", _GROWING)
    sliding = held.per_token("sliding_bytes_per_token", {"sliding"})
    share = served_by.window_share(spec)
    if share is not None and sliding.value:
        growing = derive(
            "growing_bytes_per_token",
            "bytes/token",
            kv.pooled_bytes_per_token,
            growing=growing,
            sliding=sliding,
            window_share=share,
        )
        sliding = assumed("sliding_bytes_per_token", 0, "bytes/token", share.note)
    window = held.window(is_kept=share is None)
    fixed = held.fixed()
    engine = served_by.engine
    asked_tokens = context_tokens
    if engine.block_tokens > 1:
        context_tokens = derive(
            "context_tokens",
            "tokens",
            kv.rounded_tokens,
            context_tokens=context_tokens,
            block_tokens=engine.block_figure(),
        )
    if not sliding.value and not fixed.value:
        per_token = renamed(growing, "kv_bytes_per_token")
        one = assumed("batch_size", 1, "sequences", say("one of them"))
        sequence, total = (
            derive(
                name,
                "bytes",
                memory.kv_cache_bytes,
                kv_bytes_per_token=per_token,
                context_tokens=context_tokens,
                batch_size=batch,
            )
            for name, batch in (("sequence_bytes", one), ("kv_cache_bytes", batch_size))
        )
        return CacheNeeds(per_token, growing, sliding, window, fixed, sequence, total)
    per_token = derive(
        "kv_bytes_per_token", "bytes/token", kv.sum_bytes_per_token, growing=growing, sliding=sliding
    )
    sequence = derive(
        "sequence_bytes",
        "bytes",
        kv.sequence_bytes,
        growing_bytes_per_token=growing,
        sliding_bytes_per_token=sliding,
        window_tokens=window,
        fixed_bytes=fixed,
        context_tokens=context_tokens,
    )
    total = derive("kv_cache_bytes", "bytes", kv.cache_bytes, sequence_bytes=sequence, batch_size=batch_size)
    found = CacheNeeds(per_token, growing, sliding, window, fixed, sequence, total)
    if not (served_by.shares_windows and sliding.value and growing.value):
        return found
    own = held.sliding_window()
    shared = derive(
        "kv_cache_bytes",
        "bytes",
        kv.shared_cache_bytes,
        growing_bytes_per_token=growing,
        sliding_bytes_per_token=sliding,
        sliding_window=own,
        n_ubatch=served_by.ubatch_figure(),
        fixed_bytes=fixed,
        context_tokens=asked_tokens,
        batch_size=batch_size,
    )
    return replace(found, total_bytes=shared, sliding_window=own, unshared_bytes=total)


def _unknown(spec: ModelSpec) -> CacheNeeds:
    """Tensors alone do not say what a token keeps."""

    def figure(name: str, unit: str) -> Figure:
        return assumed(name, None, unit, spec.why_unknown)

    per_token = figure("kv_bytes_per_token", "bytes/token")
    names = ("growing_bytes_per_token", "sliding_bytes_per_token")
    growing, sliding = (figure(name, "bytes/token") for name in names)
    window, fixed = figure("window_tokens", "tokens"), figure("fixed_bytes", "bytes")
    sequence, total = figure("sequence_bytes", "bytes"), figure("kv_cache_bytes", "bytes")
    return CacheNeeds(per_token, growing, sliding, window, fixed, sequence, total)
