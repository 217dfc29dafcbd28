"""The caches of a model and of its draft, as figures on one GPU."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace

from ...catalog.open_models.architectures import Cache
from ...catalog.open_models.quants import find_quant, kv_bits_figure
from ...catalog.open_models.spec import ModelSpec
from ...figures import Figure, assumed, derive, given
from ...formulas import kv, memory
from ...messages import option, say
from ...records import dataclass
from .draft import Draft
from .engines import Serving

_WORDS = {
    "full": say("attention to every token"),
    "sliding": say("attention to a window"),
    "latent": say("one latent"),
}


@dataclass(frozen=True, slots=True)
class CachesHeld:
    """The caches of a model, and those of its draft, where that is a model too."""

    parts: tuple[tuple[CacheFigures, list[Cache]], ...]

    @classmethod
    def of(
        cls, spec: ModelSpec, draft: Draft | None, kv_bits: Figure, served_by: Serving, tp: int
    ) -> CachesHeld:
        own = [*spec.architecture.caches, *(draft.caches if draft else ())]
        parts = [(CacheFigures(spec, kv_bits, served_by, tp), own)]
        if draft is not None and draft.model is not None:
            if not served_by.gives_drafts_its_kv:
                kv_bits = kv_bits_figure(None, find_quant("fp16"))
            figures = CacheFigures(draft.model, kv_bits, served_by, tp)
            parts.append((figures, [*draft.model.architecture.caches]))
        return cls(tuple(parts))

    def per_token(self, name: str, kinds: Set[str]) -> Figure:
        each = [
            figures.group(name, [cache for cache in caches if cache.kind in kinds])
            for figures, caches in self.parts
        ]
        return _with_draft(name, "bytes/token", kv.sum_bytes_per_token, each)

    def fixed(self) -> Figure:
        each = [
            figures.fixed([cache for cache in caches if cache.kind in {"state", "cross"}])
            for figures, caches in self.parts
        ]
        return _with_draft("fixed_bytes", "bytes", memory.sum_bytes, each)

    def window(self, *, is_kept: bool) -> Figure:
        """The tokens that layers with a window keep; 0 where none has one, or where none keeps to it."""
        figures, caches = self._widest()
        return figures.window(caches if is_kept else [])

    def sliding_window(self) -> Figure:
        figures, caches = self._widest()
        return figures.sliding_window(caches)

    def _widest(self) -> tuple[CacheFigures, list[Cache]]:
        """The part with the widest window, which all of them are counted with."""
        return max(self.parts, key=lambda part: max((each.window or 0 for each in part[1]), default=0))


def _with_draft(name: str, unit: str, add: Callable[..., int], each: list[Figure]) -> Figure:
    if len(each) == 1:
        return each[0]
    model, draft = each
    return derive(name, unit, add, note="", model=model, draft=draft)


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
            return renamed(next(iter(figures.values())), name)
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
        return renamed(self.served_by.window_tokens(self.sliding_window(caches)), "window_tokens")

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


def renamed(figure: Figure, name: str) -> Figure:
    """The same figure under another name."""
    return replace(figure, name=name)
