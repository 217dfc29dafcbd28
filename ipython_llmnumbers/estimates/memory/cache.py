"""What a request keeps of its sequences, as figures: keys and values, latents, windows, states."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...catalog.open_models.architectures import Cache
from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, assumed, derive, given
from ...formulas import kv, memory
from ...messages import option, say
from .draft import Draft
from .engines import Serving, serving

_WORDS = {
    "full": say("attention to every token"),
    "sliding": say("attention to a window"),
    "latent": say("one latent"),
}


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
    >>> tokens = given("context_tokens", 32_768, "tokens", "example")
    >>> one = given("batch_size", 1, "sequences", "example")
    >>> bits = kv_bits_figure(None, find_quant("bf16"))
    >>> cache_needs(find_model("DeepSeek-V3"), bits, tokens, one).total_bytes.value / 2**20  # MiB
    2196.0
    """
    if not spec.architecture.knows_cache:
        return _unknown(spec)
    served_by = served_by or serving(None)
    figures = CacheFigures(spec, kv_bits, served_by, tp)
    caches = [*spec.architecture.caches, *(draft.caches if draft else ())]
    growing = figures.group("growing_bytes_per_token", [c for c in caches if c.kind in _GROWING])
    sliding = figures.group("sliding_bytes_per_token", [c for c in caches if c.kind == "sliding"])
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
        caches = [replace(cache, window=None) for cache in caches]
    window = figures.window(caches)
    fixed = figures.fixed([c for c in caches if c.kind in {"state", "cross"}])
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
        per_token = _renamed(growing, "kv_bytes_per_token")
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
    own = figures.sliding_window(caches)
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


_GROWING = {"full", "latent", "index"}


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What a model's caches come to on one GPU, in the engine that keeps them."""

    spec: ModelSpec
    kv_bits: Figure
    served_by: Serving
    tp: int

    def group(self, name: str, caches: list[Cache]) -> Figure:
        figures: dict[str, Figure] = {}
        for number, cache in enumerate(caches, start=1):
            key = cache.kind if cache.kind not in figures else f"{cache.kind}_{number}"
            figures[key] = self._per_token(cache)
        if not figures:
            return assumed(name, 0, "bytes/token", say("{model} has no such layers", model=self.spec.name))
        if len(figures) == 1:
            return _renamed(next(iter(figures.values())), name)
        return derive(name, "bytes/token", kv.sum_bytes_per_token, note="", **figures)

    def _per_token(self, cache: Cache) -> Figure:
        name, unit, spec = f"{cache.kind}_bytes_per_token", "bytes/token", self.spec
        layers = spec.fact("n_layers", cache.layers, "layers", _WORDS.get(cache.kind, ""))
        if cache.kind == "index":
            dim = spec.fact("index_head_dim", cache.key_dim, "")
            return derive(name, unit, kv.index_bytes_per_token, n_layers=layers, index_head_dim=dim)
        if cache.kind == "latent" and self.served_by.expands_latents:
            keeps = say("{engine} keeps every head's own", engine=self.served_by.engine.name)
            dim = spec.fact("expanded_dim", cache.expanded_dim, "", keeps)
            return derive(
                name, unit, kv.expanded_bytes_per_token,
                n_layers=layers, expanded_dim=dim, kv_bits_per_element=self.kv_bits,
            )  # fmt: skip
        if cache.kind == "latent":
            return derive(
                name, unit, kv.latent_bytes_per_token,
                n_layers=layers,
                kv_lora_rank=spec.fact("kv_lora_rank", cache.key_dim, ""),
                qk_rope_head_dim=spec.fact("qk_rope_head_dim", cache.value_dim, ""),
                kv_bits_per_element=self.kv_bits,
            )  # fmt: skip
        return derive(
            name, unit, kv.attention_bytes_per_token,
            n_layers=layers,
            n_kv_heads=self._heads(cache),
            key_dim=spec.fact("key_dim", cache.key_dim, ""),
            value_dim=spec.fact("value_dim", cache.value_dim, ""),
            kv_bits_per_element=self.kv_bits,
        )  # fmt: skip

    def _heads(self, cache: Cache) -> Figure:
        heads = self.spec.fact("n_kv_heads", cache.heads, "heads")
        if self.tp == 1:
            return heads
        gpus = given("tp", self.tp, "GPUs", option("tp", self.tp))
        return derive("n_kv_heads", "heads", kv.heads_per_gpu, n_kv_heads=heads, tp=gpus)

    def window(self, caches: list[Cache]) -> Figure:
        if not any(cache.window for cache in caches):
            return assumed("window_tokens", 0, "tokens", say("{model} has no window", model=self.spec.name))
        return _renamed(self.served_by.window_tokens(self.sliding_window(caches)), "window_tokens")

    def sliding_window(self, caches: list[Cache]) -> Figure:
        """The model's own window, without what an engine adds to it."""
        return self.spec.fact("sliding_window", max(cache.window or 0 for cache in caches), "tokens")

    def fixed(self, caches: list[Cache]) -> Figure:
        """States, and the keys and values of an encoder's output: the same whatever the length."""
        name = "fixed_bytes"
        figures: dict[str, Figure] = {}
        for number, cache in enumerate(caches, start=1):
            figures[f"{cache.kind}_{number}"] = self._fixed_part(cache)
        if not figures:
            return assumed(name, 0, "bytes", say("{model} keeps no state", model=self.spec.name))
        whole = derive(name, "bytes", memory.sum_bytes, note="", **figures)
        if self.tp == 1:
            return whole
        gpus = given("tp", self.tp, "GPUs", option("tp", self.tp))
        return derive(name, "bytes", kv.divided_bytes, fixed_bytes=whole, tp=gpus)

    def _fixed_part(self, cache: Cache) -> Figure:
        layers = self.spec.fact("n_layers", cache.layers, "layers")
        if cache.kind == "state":
            return derive(
                "state_bytes", "bytes", kv.state_bytes,
                n_layers=layers,
                state_numbers=self.spec.fact("state_numbers", cache.state_numbers, ""),
                conv_numbers=self.spec.fact("conv_numbers", cache.conv_numbers, ""),
            )  # fmt: skip
        per_token = derive(
            "cross_bytes_per_token", "bytes/token", kv.attention_bytes_per_token,
            n_layers=layers,
            n_kv_heads=self.spec.fact("n_kv_heads", cache.heads, "heads"),
            key_dim=self.spec.fact("key_dim", cache.key_dim, ""),
            value_dim=self.spec.fact("value_dim", cache.value_dim, ""),
            kv_bits_per_element=self.kv_bits,
        )  # fmt: skip
        return derive(
            "cross_bytes", "bytes", memory.kv_cache_bytes,
            kv_bytes_per_token=per_token,
            context_tokens=self.spec.fact("encoder_tokens", cache.tokens, "tokens"),
            batch_size=assumed("batch_size", 1, "sequences", say("one of them")),
        )  # fmt: skip


def _renamed(figure: Figure, name: str) -> Figure:
    return replace(figure, name=name)
