"""What a request needs in memory wherever it runs: the weights and the cache of a model."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ...catalog.open_models.architectures import Matrix
from ...catalog.open_models.from_files import TOWER
from ...catalog.open_models.quants import Quant, kv_bits_figure
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Figure, assumed, derive, given, measured
from ...formulas import memory
from ...messages import joined, option, say
from ...records import dataclass
from ..devices import Device
from ..open_model import resolve_layers
from ..parameters import one_unless_given
from .adapters import adapters_figure
from .cache import CacheNeeds, cache_needs
from .draft import Draft
from .engines import Serving, serving
from .question import Fit
from .weights import choose_quant, is_replicated, stored_figure, weights_figure

# What a conversation or a document of some ten pages takes; engines ask for far more by default.
DEFAULT_CONTEXT_TOKENS = 8_192


Tower = Literal["none", "loaded", "left out", "another file"]
"""Where a model has a tower that sees: whether it is in the weights, and why not."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The figures of one request that no device changes; `weights_bytes` and the cache are on one GPU."""

    spec: ModelSpec
    quant: Quant
    served_by: Serving
    tp: int
    utilization: Figure | None
    context_tokens: Figure
    batch_size: Figure
    kv_bits: Figure
    weights_bytes: Figure
    cache: CacheNeeds
    draft: Draft
    host_bytes: Figure | None = None
    tower: Tower = "none"
    tower_bytes: Figure | None = None
    beside: tuple[Figure, ...] = ()
    """What the weights hold of other things than the model: a draft's, and room for adapters."""
    quant_is_the_engine_s: bool = False
    """Whether nobody says the quantisation but the engine, which loads it unless told otherwise."""

    def matrices(self) -> list[Matrix]:
        """Those of the model that are loaded at all."""
        return _loaded(self.spec, self.tower)

    def params_figure(self) -> Figure:
        """The parameters that are loaded."""
        if self.tower in {"none", "loaded"}:
            return self.spec.params_figure()
        return self.spec.sum_figure("params", self.matrices())

    def words_figure(self) -> Figure:
        """The words that logits are made for; none of an encoder's."""
        if self.spec.architecture.is_encoder:
            return assumed("vocab_size", 0, "tokens", say("an encoder predicts no words"))
        return self.spec.figure("vocab_size")

    def width_figure(self) -> Figure:
        """The width of the network that one token passes through: of the experts used, where there are."""
        spec = self.spec.architecture
        experts = [each for each in spec.matrices if each.role == "ffn_up_exps"]
        width = max([spec.intermediate_size, *(each.rows * each.experts_used for each in experts)])
        return self.spec.fact("intermediate_size", width, "")


def needs_of(spec: ModelSpec, request: Fit, *devices: Device) -> Needs:
    """Weights and cache of a model as it is asked for, on devices of which it may use all.

    Raises:
        UsageError: GPUs that do not divide the heads, or a draft for an encoder.
        UnknownNameError: an unknown quantisation, type of cache or draft.
    """
    served_by = serving(request.engine, request.max_num_batched_tokens)
    draft = _draft(spec, request)
    quant = served_by.held(choose_quant(spec, request.quant, served_by))
    tower = _tower(spec, request, served_by)
    check_tp(spec, request.tp)
    on_gpu = any(each.is_gpu for each in devices)
    context = context_figure(spec, request.context_tokens, served_by, devices)
    batch = one_unless_given("batch_size", request.batch_size, "sequences")
    in_ram = served_by.keeps_embeddings_in_ram and on_gpu and _has_own_head(spec)
    kept = [*_loaded(spec, tower), *draft.matrices]
    own, host = _weights(spec, quant, kept, request.tp, as_stored=request.quant is None, in_ram=in_ram)
    beside = _beside(spec, request, served_by, draft, on_gpu=on_gpu)
    weights = own
    if beside:
        weights = derive("weights_bytes", "bytes", memory.sum_bytes, note="", model=own, **beside)
    kv_bits = kv_bits_figure(request.kv, quant)
    cache = cache_needs(
        spec,
        kv_bits,
        context,
        batch,
        served_by=served_by,
        tp=request.tp,
        draft=draft,
    )
    share = request.utilization
    utilization = None if share is None else given("utilization", share, "", option("utilization", share))
    return Needs(
        spec,
        quant,
        served_by,
        request.tp,
        utilization,
        context,
        batch,
        kv_bits,
        weights,
        cache,
        draft,
        host,
        tower,
        _tower_bytes(spec, request, quant) if tower == "loaded" else None,
        tuple(beside.values()),
        request.quant is None and served_by.loads(spec) is not None,
    )


def _loaded(spec: ModelSpec, tower: Tower) -> list[Matrix]:
    matrices = spec.architecture.matrices
    return [each for each in matrices if not each.draft and (tower == "loaded" or not each.sees)]


def _draft(spec: ModelSpec, request: Fit) -> Draft:
    """The draft that is asked for, whose heads must be divided as the model's."""
    if request.draft is None:
        return Draft(spec, request.draft_layers)
    if spec.architecture.is_encoder:
        raise UsageError("{model} is an encoder and predicts no words: a draft is of no use", model=spec.name)
    model = resolve_layers(request.draft, say("a draft"))
    check_tp(model, request.tp)
    return Draft(spec, request.draft_layers, model)


def _beside(
    spec: ModelSpec, request: Fit, served_by: Serving, draft: Draft, *, on_gpu: bool
) -> dict[str, Figure]:
    """What is loaded with the weights of the model: those of a draft, and room for adapters."""
    found = {}
    if draft.model is not None:
        quant = served_by.held(choose_quant(draft.model, None, served_by))
        kept = [each for each in draft.model.architecture.matrices if not (each.draft or each.sees)]
        in_ram = served_by.keeps_embeddings_in_ram and on_gpu and _has_own_head(draft.model)
        weights, _ = _weights(draft.model, quant, kept, request.tp, as_stored=True, in_ram=in_ram)
        found["draft"] = replace(weights, name="draft_bytes")
    adapters = adapters_figure(spec, request, served_by)
    return found if adapters is None else {**found, "adapters": adapters}


def _tower(spec: ModelSpec, request: Fit, served_by: Serving) -> Tower:
    if not any(each.sees for each in spec.architecture.matrices):
        return "none"
    if request.text_only:
        return "left out"
    return "loaded" if served_by.loads_tower else "another file"


def _tower_bytes(spec: ModelSpec, request: Fit, quant: Quant) -> Figure:
    """The tower's part of the weights on one GPU."""
    if request.quant is None and spec.stored:
        others = frozenset(each.role for each in spec.stored) - {TOWER}
        whole = stored_figure(spec, without=others)
    else:
        whole = weights_figure(spec, quant, [each for each in spec.architecture.matrices if each.sees])
    return replace(per_gpu(spec, quant, whole, [], request.tp), name="tower_bytes")


def _weights(
    spec: ModelSpec, quant: Quant, kept: list[Matrix], tp: int, *, as_stored: bool, in_ram: bool
) -> tuple[Figure, Figure | None]:
    """`weights_bytes` on each GPU, and `host_bytes`: embeddings that the engine keeps in RAM."""
    if as_stored and spec.stored:
        host = _stored_embeddings(spec) if in_ram else None
        sees = any(each.sees for each in kept)
        without = {*(["token_embd"] if host else []), *([] if sees else [TOWER])}
        weights = stored_figure(spec, without=frozenset(without))
        return (per_gpu(spec, quant, weights, [], tp), host)
    host = None
    if in_ram:
        embeddings = [each for each in kept if each.role == "token_embd"]
        host = weights_figure(spec, quant, embeddings, "host_bytes")
        kept = [each for each in kept if each.role != "token_embd"]
    weights = weights_figure(spec, quant, kept)
    return (per_gpu(spec, quant, weights, kept, tp), host)


def _stored_embeddings(spec: ModelSpec) -> Figure | None:
    held = sum(each.bytes for each in spec.stored if each.role == "token_embd")
    if not held:
        return None
    note = say("embeddings, kept off the GPU")
    return measured("host_bytes", held, "bytes", spec.source, note=note)


def context_figure(
    spec: ModelSpec, asked_tokens: int | None, served_by: Serving, devices: tuple[Device, ...]
) -> Figure:
    """The context asked for, else the engine's own on these devices, at most the longest of the model."""
    name, unit, longest = "context_tokens", "tokens", spec.max_context_tokens
    if asked_tokens is not None:
        return given(name, asked_tokens, unit, option(name))
    usual = default_context(served_by, devices)
    if longest is not None and longest < (usual.value or 0):
        note = joined("; ", say("the longest of {model}", model=spec.name), _another())
        return assumed(name, longest, unit, note)
    return usual


def default_context(served_by: Serving, devices: tuple[Device, ...]) -> Figure:
    """What an engine takes by itself where that depends on its GPUs, else 8,192 tokens."""
    gpus = [each for each in devices if each.is_gpu]
    named = sum(float(each.device_bytes.value or 0) for each in gpus)
    usual = served_by.default_context(max([named, *(each.gpus_bytes for each in gpus)]))
    if usual is not None:
        return replace(usual, note=joined("; ", usual.note, _another()))
    return assumed("context_tokens", DEFAULT_CONTEXT_TOKENS, "tokens", _another())


def _another() -> str:
    return say("{flag} takes another", flag=option("context_tokens"))


def _has_own_head(spec: ModelSpec) -> bool:
    return spec.given_params is None and any(each.role == "output" for each in spec.architecture.matrices)


def per_gpu(spec: ModelSpec, quant: Quant, weights: Figure, kept: list[Matrix], tp: int) -> Figure:
    """The share of these weights on each of `tp` GPUs."""
    if tp == 1:
        return weights
    gpus = given("tp", tp, "GPUs", option("tp", tp))
    if spec.given_params is not None or not kept:
        replicated = assumed("replicated_bytes", 0, "bytes", say("norms are small"))
    else:
        whole = [each for each in kept if is_replicated(each)]
        replicated = weights_figure(spec, quant, whole, "replicated_bytes")
    return derive(
        "weights_bytes",
        "bytes",
        memory.per_gpu_bytes,
        note=say("on each of {n} GPUs", n=tp),
        weights_bytes=weights,
        replicated_bytes=replicated,
        tp=gpus,
    )


def check_tp(spec: ModelSpec, tp: int) -> None:
    """Tensor parallelism gives each GPU whole heads."""
    heads = spec.architecture.n_heads
    if tp == 1 or spec.given_params is not None or not heads:
        return
    if heads % tp:
        fitting = [str(n) for n in (2, 4, 8, 16) if heads % n == 0]
        if not fitting:
            raise UsageError(
                "{option:tp={tp}} does not divide the {n} heads of {model}", tp=tp, n=heads, model=spec.name
            )
        raise UsageError(
            "{option:tp={tp}} does not divide the {n} heads of {model}; {counts} do",
            tp=tp,
            n=heads,
            model=spec.name,
            counts=", ".join(fitting),
        )
