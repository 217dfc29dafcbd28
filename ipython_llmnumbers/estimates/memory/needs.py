"""What a request needs in memory wherever it runs: the weights and the cache of a model."""

from __future__ import annotations

from dataclasses import dataclass

from ...catalog.open_models.architectures import Matrix
from ...catalog.open_models.quants import Quant, find_quant, kv_bits_figure
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Figure, assumed, derive, given, measured
from ...formulas import memory
from ...messages import joined, option, say
from .cache import CacheNeeds, cache_needs
from .engines import Serving, serving
from .question import Fit
from .weights import is_replicated, stored_figure, weights_figure

# What a conversation or a document of some ten pages takes; engines ask for far more by default.
DEFAULT_CONTEXT_TOKENS = 8_192


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
    params: Figure
    weights_bytes: Figure
    cache: CacheNeeds
    host_bytes: Figure | None = None
    draft_layers: int = 0

    def width_figure(self) -> Figure:
        """The width of the network that one token passes through: of the experts used, where there are."""
        spec = self.spec.architecture
        experts = [each for each in spec.matrices if each.role == "ffn_up_exps"]
        width = max([spec.intermediate_size, *(each.rows * each.experts_used for each in experts)])
        return self.spec.fact("intermediate_size", width, "")


def needs_of(spec: ModelSpec, request: Fit, *, on_gpu: bool = True) -> Needs:
    """Weights and cache of a model as it is asked for.

    Raises:
        UsageError: GPUs that do not divide the heads, or drafts where nothing is attended to.
        UnknownNameError: an unknown quantisation or type of cache.
    """
    as_stored = request.quant is None and bool(spec.stored)
    quant = (
        stored_quant(spec)
        if as_stored
        else find_quant(spec.quant if request.quant is None else request.quant)
    )
    served_by = serving(request.engine)
    quant = served_by.held(quant)
    check_tp(spec, request.tp)
    context = context_figure(spec, request.context_tokens)
    batch = given(
        "batch_size",
        request.batch_size,
        "sequences",
        say("{flag}, 1 unless given", flag=option("batch_size")),
    )
    kept = [each for each in spec.architecture.matrices if not each.draft]
    host = None
    if served_by.keeps_embeddings_in_ram and on_gpu and _has_own_head(spec):
        embeddings = [each for each in kept if each.role == "token_embd"]
        kept = [each for each in kept if each.role != "token_embd"]
        host = None if as_stored else weights_figure(spec, quant, embeddings, "host_bytes")
        if as_stored and any(each.role == "token_embd" for each in spec.stored):
            held = sum(each.bytes for each in spec.stored if each.role == "token_embd")
            host = measured(
                "host_bytes", held, "bytes", spec.source, note=say("embeddings, kept off the GPU")
            )
    if as_stored:
        weights = stored_figure(spec, without="token_embd" if host else "")
    else:
        weights = weights_figure(spec, quant, [*kept, *_draft_matrices(spec, request.draft_layers)])
    if request.tp > 1:
        weights = _per_gpu(spec, quant, weights, [] if as_stored else kept, request.tp)
    cache = cache_needs(
        spec,
        kv_bits_figure(request.kv, quant),
        context,
        batch,
        served_by=served_by,
        tp=request.tp,
        draft_layers=request.draft_layers,
    )
    utilization = None
    if request.utilization is not None:
        utilization = given(
            "utilization", request.utilization, "", option("utilization", request.utilization)
        )
    return Needs(
        spec,
        quant,
        served_by,
        request.tp,
        utilization,
        context,
        batch,
        spec.params_figure(),
        weights,
        cache,
        host,
        request.draft_layers,
    )


def stored_quant(spec: ModelSpec) -> Quant:
    """What the user's files are stored in, as a quantisation of its own."""
    kinds = sorted({each.kind for each in spec.stored}, key=lambda kind: kind)
    size, params = (sum(getattr(each, field) for each in spec.stored) for field in ("bytes", "params"))
    bits = 8 * size / (params or spec.architecture.params)
    return Quant(", ".join(kinds), say("as the files store it"), bits, bits, bits, "all", spec.source)


def context_figure(spec: ModelSpec, asked_tokens: int | None) -> Figure:
    """The context asked for, else 8,192 tokens, or the model's longest if that is less."""
    if asked_tokens is not None:
        return given("context_tokens", asked_tokens, "tokens", option("context_tokens"))
    longest = spec.max_context_tokens
    if longest is not None and longest < DEFAULT_CONTEXT_TOKENS:
        note = joined("; ", say("the longest of {model}", model=spec.name), _another())
        return assumed("context_tokens", longest, "tokens", note)
    return assumed("context_tokens", DEFAULT_CONTEXT_TOKENS, "tokens", _another())


def _another() -> str:
    return say("{flag} takes another", flag=option("context_tokens"))


def _has_own_head(spec: ModelSpec) -> bool:
    return spec.given_params is None and any(each.role == "output" for each in spec.architecture.matrices)


def _draft_matrices(spec: ModelSpec, draft_layers: int) -> list[Matrix]:
    """The model's own prediction modules, where it has them and they are asked for."""
    return [each for each in spec.architecture.matrices if each.draft] if draft_layers else []


def _per_gpu(spec: ModelSpec, quant: Quant, weights: Figure, kept: list[Matrix], tp: int) -> Figure:
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
    """Tensor parallelism gives each GPU whole heads, as vLLM demands."""
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
