"""What a model needs in memory, as figures: weights and KV cache, and the overhead on a device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..catalog.models import SHAPE_UNITS, ModelSpec
from ..catalog.quants import Quant
from ..figures import Figure, Source, assumed, derive
from ..formulas import memory

_GIB = 2**30
# What a conversation or a document of some ten pages takes; engines ask for far more by default.
DEFAULT_CONTEXT_TOKENS = 8_192

# Logs of vLLM 0.11 on an H100, read for the runtime's share and for the activations.
_VLLM_LOGS = Source(
    "vLLM 0.11 start-up logs on an H100",
    "https://github.com/llm-d/llm-d-benchmark/blob/259334868c5075da530cc6c90b43fceb11b6e6a7"
    "/config_explorer/empirical-vllm-memory-results.md",
    date(2026, 11, 24),
)
# From this size on vLLM plans for 1,024 sequences at once instead of 256 (get_batch_defaults
# in vllm/engine/arg_utils.py).
_LARGE_GPU_BYTES = 70 * _GIB


@dataclass(frozen=True, slots=True)
class Needs:
    """The figures of one request that no device changes."""

    spec: ModelSpec
    quant: Quant
    context_tokens: Figure
    batch_size: Figure
    params: Figure
    weights_bytes: Figure
    kv_bytes_per_token: Figure
    kv_cache_bytes: Figure


def needs_of(spec: ModelSpec, quant: Quant, context_tokens: Figure, batch_size: Figure) -> Needs:
    """Weights and KV cache of a model in one quantisation."""
    params = _params(spec)
    per_token = derive(
        "kv_bytes_per_token",
        "bytes/token",
        memory.kv_bytes_per_token,
        n_layers=spec.figure("n_layers"),
        n_kv_heads=spec.figure("n_kv_heads"),
        head_dim=spec.figure("head_dim"),
        kv_bytes_per_element=quant.kv_bytes_figure(),
    )
    cache = derive(
        "kv_cache_bytes",
        "bytes",
        memory.kv_cache_bytes,
        kv_bytes_per_token=per_token,
        context_tokens=context_tokens,
        batch_size=batch_size,
    )
    weights = _weights(spec, quant, params)
    return Needs(spec, quant, context_tokens, batch_size, params, weights, per_token, cache)


def default_context(spec: ModelSpec) -> Figure:
    """The context where none is asked for: 8,192 tokens, or the model's longest if that is less."""
    longest = spec.max_context_tokens
    if longest is not None and longest < DEFAULT_CONTEXT_TOKENS:
        note = f"the longest of {spec.name}; --context takes another"
        return assumed("context_tokens", longest, "tokens", note)
    return assumed("context_tokens", DEFAULT_CONTEXT_TOKENS, "tokens", "--context takes another")


def overhead_on_gpu(needs: Needs, free_bytes: Figure, device_bytes: int | None) -> Figure:
    """What an engine takes beside weights and cache: least as llama.cpp does, most as vLLM does.

    On the H100 of the logs 78.57 of 79.18 GiB were free at start, and the driver itself
    counts 79.65: 0.61 GiB for the context, up to 1.2 with the driver's own and libraries.
    The activations there (4.76 GiB for 128,256 words, 5.64 for 151,936) are 9,800 to
    10,200 rows of logits, a quarter of that where vLLM plans for a quarter of the
    sequences; llama.cpp's compute buffer is 512 rows (n_ubatch).
    """
    runtime = assumed(
        "runtime_bytes",
        int(0.61 * _GIB),
        "bytes",
        "CUDA context and libraries; smaller GPUs take less",
        source=_VLLM_LOGS,
        low=int(0.3 * _GIB),
        high=int(1.2 * _GIB),
    )
    is_large = device_bytes is not None and device_bytes >= _LARGE_GPU_BYTES
    most = 10_200 if is_large else 2_550
    rows = assumed(
        "logit_rows",
        2_048,
        "rows",
        f"512 in llama.cpp, up to {most:,} in vLLM on a GPU of this size",
        source=_VLLM_LOGS,
        low=512,
        high=most,
    )
    return _overhead(needs, runtime, rows, _reserve(free_bytes))


def overhead_on_cpu(needs: Needs) -> Figure:
    """What a program takes beside weights and cache where it runs on the CPU."""
    runtime = assumed(
        "runtime_bytes",
        _GIB // 2,
        "bytes",
        "from llama.cpp's few to the libraries that PyTorch loads",
        low=_GIB // 10,
        high=_GIB,
    )
    rows = assumed(
        "logit_rows", 512, "rows", "512 in llama.cpp, to a whole prompt of 2,048", low=512, high=2_048
    )
    reserve = assumed("reserved_bytes", 0, "bytes", "engines on the CPU keep no reserve")
    return _overhead(needs, runtime, rows, reserve)


def _overhead(needs: Needs, runtime: Figure, rows: Figure, reserve: Figure) -> Figure:
    return derive(
        "overhead_bytes",
        "bytes",
        memory.overhead_bytes,
        runtime_bytes=runtime,
        vocab_size=needs.spec.figure("vocab_size"),
        logit_rows=rows,
        batch_size=needs.batch_size,
        reserved_bytes=reserve,
    )


def _reserve(free_bytes: Figure) -> Figure:
    if free_bytes.value is None:
        return assumed("reserved_bytes", 0, "bytes", "the free memory is unknown")
    share = assumed(
        "reserve_share",
        0.0,
        "",
        "vLLM leaves 8 to 10% unused (gpu_memory_utilization), llama.cpp and transformers nothing",
        source=_VLLM_LOGS,
        high=0.1,
    )
    return derive(
        "reserved_bytes", "bytes", memory.reserved_bytes, free_bytes=free_bytes, reserve_share=share
    )


def _params(spec: ModelSpec) -> Figure:
    if spec.given_params is not None:
        return spec.given_params_figure()
    shape = {field: spec.figure(field) for field in SHAPE_UNITS}
    return derive("params", "parameters", memory.dense_params, note="", **shape)


def _weights(spec: ModelSpec, quant: Quant, params: Figure) -> Figure:
    bits = quant.bits_figure(spec.shape["hidden_size"])
    per_param = derive("bytes_per_param", "bytes/parameter", memory.bytes_per_param, bits_per_param=bits)
    name, unit = "weights_bytes", "bytes"
    if quant.scope == "all":
        return derive(name, unit, memory.weights_bytes, n_params=params, bytes_per_param=per_param)
    kept_bytes = assumed(
        "kept_bytes_per_param", 2, "bytes/parameter", f"{quant.name} leaves embeddings and head at 16 bits"
    )
    if spec.given_params is not None:
        return derive(
            name,
            unit,
            memory.shared_weights_bytes,
            n_params=params,
            kept_share=spec.kept_share_figure(),
            bytes_per_param=per_param,
            kept_bytes_per_param=kept_bytes,
        )
    fields = ("n_layers", "hidden_size", "n_heads", "n_kv_heads", "head_dim", "intermediate_size")
    linear = derive(
        "linear_params",
        "parameters",
        memory.linear_params,
        note="",
        **{field: spec.figure(field) for field in fields},
    )
    kept = derive(
        "kept_params",
        "parameters",
        memory.kept_params,
        n_params=params,
        linear_params=linear,
    )
    return derive(
        name,
        unit,
        memory.mixed_weights_bytes,
        linear_params=linear,
        bytes_per_param=per_param,
        kept_params=kept,
        kept_bytes_per_param=kept_bytes,
    )
