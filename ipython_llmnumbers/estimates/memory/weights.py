"""The weights of a model in one quantisation, as figures: each storage type with its parameters and bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ...catalog.open_models.architectures import Matrix
from ...catalog.open_models.architectures.stored_as import StoredAs, split_by_bits
from ...catalog.open_models.ggml import fewest_bits, split_by_type
from ...catalog.open_models.quants import Quant, find_quant
from ...catalog.open_models.spec import ModelSpec, remembered
from ...figures import Figure, assumed, derive, measured
from ...formulas import memory, speed
from ...messages import say
from ...records import dataclass
from .engines import Serving

# Whole on every GPU of a tensor-parallel group, which divides the heads and the networks' width.
_REPLICATED = {"ffn_gate_inp", "ffn_gate_inp_shexp", "attn_q_a", "attn_kv_a_mqa", "nextn.eh_proj"}


@dataclass(frozen=True, slots=True)
class _Part:
    """Matrices that one type stores."""

    key: str
    bits: Figure
    matrices: list[Matrix]


def weights_figure(
    spec: ModelSpec, quant: Quant, matrices: Iterable[Matrix], name: str = "weights_bytes"
) -> Figure:
    """Bytes of these matrices, or of the whole of a bare size.

    >>> from ...catalog.open_models.find import find_model
    >>> from ...catalog.open_models.quants import find_quant
    >>> spec = find_model("gpt-oss-20b")
    >>> weights_figure(spec, find_quant("mxfp4"), list(spec.architecture.matrices)).value
    13761264768
    """
    if spec.given_params is not None:
        return _of_a_size(spec, quant, name)
    return _of_matrices(spec, tuple(matrices), quant, name)


@remembered
def _of_matrices(spec: ModelSpec, matrices: tuple[Matrix, ...], quant: Quant, name: str) -> Figure:
    parts = [
        derive(
            f"{part.key}_bytes",
            "bytes",
            memory.weights_bytes,
            n_params=spec.sum_figure("n_params", part.matrices),
            bytes_per_param=derive(
                "bytes_per_param", "bytes/parameter", memory.bytes_per_param, bits_per_param=part.bits
            ),
        )
        for part in _parts(spec, quant, matrices)
    ]
    return derive(name, "bytes", memory.sum_bytes, note="", **{part.name: part for part in parts})


def layer_bytes(spec: ModelSpec, quant: Quant, matrices: list[Matrix]) -> Iterator[tuple[Matrix, float]]:
    """The matrices, those of one type together, with the likely bytes that each has in one layer.

    >>> from ...catalog.open_models.find import find_model
    >>> from ...catalog.open_models.quants import find_quant
    >>> spec = find_model("llama-3-8b")  # ollama issue 8393: 31 layers are 3,627.97 MiB
    >>> sizes = layer_bytes(spec, find_quant("q4_0"), list(spec.architecture.matrices))
    >>> last = sum(size * sum(layer > 0 for layer in matrix.layers) for matrix, size in sizes)
    >>> round(last / 2**20, 2)
    3627.97
    """
    for part in _parts(spec, quant, matrices):
        bits = float(part.bits.value or 0)
        for each in part.matrices:
            yield each, each.rows * each.columns * each.experts * bits / 8


def least_weights_bytes(spec: ModelSpec, quant: Quant) -> float:
    """What the weights take at the least, all matrices in the fewest bits of any: more is sure of none.

    Embeddings, which an engine may keep in RAM, are left out where the head is a matrix of its own.

    >>> from ...catalog.open_models.find import find_model
    >>> spec = find_model("llama-3.1-8b")
    >>> least, exact = least_weights_bytes(spec, find_quant("q4_k_m")), 4403.49 * 2**20
    >>> 0.9 * exact < least < exact
    True
    """
    own = spec.architecture.storage is not None and quant.scope == "own"
    if spec.given_params is not None or own or spec.stored:
        return 0.0
    bits = fewest_bits(quant.mix) * quant.share[1] if quant.scope == "gguf" else min(quant.low, 16.0)
    looked_up = set() if spec.architecture.tied_embeddings else {"token_embd"}
    counted = (
        each.params
        for each in spec.architecture.matrices
        if not (each.draft or each.sees or each.role in looked_up)
    )
    return sum(counted) * bits / 8


def read_weights_figure(spec: ModelSpec, quant: Quant, matrices: list[Matrix], batch_size: Figure) -> Figure:
    """What a step reads of these matrices: all but looked-up embeddings, of experts those that are met."""
    if spec.given_params is not None:
        return weights_figure(spec, quant, matrices, "read_weights_bytes")
    # Embeddings that are the head as well are multiplied by; others are looked up, a row a token.
    looked_up = set() if spec.architecture.tied_embeddings else {"token_embd"}
    read = [
        each
        for each in matrices
        if not (each.draft or each.sees or each.role in looked_up)  # a token of text is not seen
    ]
    experts = [each for each in read if each.is_expert]
    if not experts:
        return weights_figure(spec, quant, read, "read_weights_bytes")
    n_experts = spec.fact("n_experts", spec.architecture.n_experts, "experts")
    met = derive(
        "experts_read",
        "experts",
        speed.experts_read,
        n_experts=n_experts,
        n_experts_used=spec.fact("n_experts_used", spec.architecture.n_experts_used, "experts"),
        batch_size=batch_size,
    )
    return derive(
        "read_weights_bytes",
        "bytes",
        speed.read_weights_bytes,
        dense_bytes=weights_figure(spec, quant, [m for m in read if not m.is_expert], "dense_bytes"),
        experts_bytes=weights_figure(spec, quant, experts, "experts_bytes"),
        experts_read=met,
        n_experts=n_experts,
    )


def stored_figure(
    spec: ModelSpec, *, without: frozenset[str] = frozenset(), name: str = "weights_bytes"
) -> Figure:
    """Bytes of the user's files, each type as its header tells; `without` leaves roles out."""
    sums: dict[str, int] = {}
    for each in spec.stored:
        if each.role not in without:
            sums[each.kind] = sums.get(each.kind, 0) + each.bytes
    parts = {
        f"{kind}_bytes": measured(f"{kind}_bytes", size, "bytes", spec.source) for kind, size in sums.items()
    }
    return derive(name, "bytes", memory.sum_bytes, note="", **parts)


def is_replicated(matrix: Matrix) -> bool:
    """Whether each GPU of a tensor-parallel group holds the matrix in full."""
    return matrix.is_vector or matrix.role in _REPLICATED or matrix.role.startswith("indexer")


def _parts(spec: ModelSpec, quant: Quant, matrices: Sequence[Matrix]) -> Iterator[_Part]:
    if quant.scope == "gguf":
        for type_name, some in split_by_type(quant.mix, spec.architecture, matrices).items():
            yield _Part(type_name, quant.type_bits_figure(type_name), some)
        return
    if quant.scope == "own" and spec.architecture.storage is not None:
        yield from _own_parts(spec, quant, matrices, spec.architecture.storage)
        return
    chosen = [each for each in matrices if _is_quantised(quant, spec, each)]
    kept = [each for each in matrices if not _is_quantised(quant, spec, each)]
    if chosen:
        yield _Part(quant.name.replace("-", "_"), quant.bits_figure(), chosen)
    if kept:
        note = say("{quant} leaves the rest (embeddings, head, norms) at 16 bits", quant=quant.name)
        yield _Part("kept", assumed("bits_per_param", 16, "bits/parameter", note), kept)


def _own_parts(
    spec: ModelSpec, quant: Quant, matrices: Sequence[Matrix], storage: StoredAs
) -> Iterator[_Part]:
    """As the checkpoint's quantization_config says; what it does not name keeps 16 bits."""
    for number, (bits, some) in enumerate(split_by_bits(storage, matrices).items(), start=1):
        if bits is None:
            note = say("the checkpoint keeps the rest (embeddings, norms, what it names) at 16 bits")
            yield _Part("kept", assumed("bits_per_param", 16, "bits/parameter", note), some)
        else:
            note = say("by the checkpoint's quantization_config, scales included")
            key = quant.name.replace("-", "_") if number == 1 else f"part_{number}"
            yield _Part(key, spec.fact("bits_per_param", bits, "bits/parameter", note), some)


def _is_quantised(quant: Quant, spec: ModelSpec, matrix: Matrix) -> bool:
    if quant.scope == "all":
        return True
    if quant.scope == "experts" and spec.architecture.n_experts:
        return matrix.is_expert and not matrix.is_vector
    return matrix.is_linear


def _of_a_size(spec: ModelSpec, quant: Quant, name: str) -> Figure:
    per_param = derive(
        "bytes_per_param", "bytes/parameter", memory.bytes_per_param, bits_per_param=quant.bits_figure()
    )
    params = spec.params_figure()
    if quant.scope in {"all", "gguf"}:
        return derive(name, "bytes", memory.weights_bytes, n_params=params, bytes_per_param=per_param)
    note = say("{quant} leaves embeddings and head at 16 bits", quant=quant.name)
    kept_bytes = assumed("kept_bytes_per_param", 2, "bytes/parameter", note)
    return derive(
        name,
        "bytes",
        memory.shared_weights_bytes,
        n_params=params,
        kept_share=spec.kept_share_figure(),
        bytes_per_param=per_param,
        kept_bytes_per_param=kept_bytes,
    )


def outside_layers_of_a_size(spec: ModelSpec) -> Figure:
    """Embeddings, head and norms of a bare size, in 16 bits."""
    note = say("embeddings and head are kept at 16 bits")
    layers = assumed("bytes_per_param", 0, "bytes/parameter", say("without the layers"))
    return derive(
        "weights_bytes",
        "bytes",
        memory.shared_weights_bytes,
        n_params=spec.params_figure(),
        kept_share=spec.kept_share_figure(),
        bytes_per_param=layers,
        kept_bytes_per_param=assumed("kept_bytes_per_param", 2, "bytes/parameter", note),
    )


def choose_quant(spec: ModelSpec, name: str | None, served_by: Serving) -> Quant:
    """The quantisation of that name; else the user's files' own, what the engine loads, or the model's."""
    if name is None and spec.stored:
        return stored_quant(spec)
    if name is None:
        name = served_by.loads(spec) or spec.quant
    quant, storage = find_quant(name), spec.architecture.storage
    if storage is None or quant.name != find_quant(spec.quant).name:
        return quant
    bits = storage.bits
    return replace(quant, bits=bits, low=bits, high=bits, scope="own", source=spec.source)


def stored_quant(spec: ModelSpec) -> Quant:
    """What the user's files are stored in, as a quantisation of its own."""
    kinds = sorted({each.kind for each in spec.stored}, key=lambda kind: kind)
    size, params = (sum(getattr(each, field) for each in spec.stored) for field in ("bytes", "params"))
    bits = 8 * size / (params or spec.architecture.params)
    return Quant(", ".join(kinds), say("as the files store it"), bits, bits, bits, "all", spec.source)
