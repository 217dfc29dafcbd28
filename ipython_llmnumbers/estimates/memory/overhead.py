"""What runs beside weights and cache on a device: an engine's own, or what lies between the engines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ...catalog.hardware.engines import Engine
from ...figures import Figure, Source, assumed, derive
from ...formulas import memory, overhead
from ...messages import say
from ..devices import Device
from .needs import Needs

_GIB = 2**30
# From this size on vLLM plans for 1,024 sequences at once instead of 256, but on an A100, which was slower
# with so many (get_batch_defaults in vllm/engine/arg_utils.py, pull request 17885).
_LARGE_GPU_BYTES = 70 * _GIB

# Logs of vLLM 0.11 on an H100, read for the runtime's share and for the activations.
_VLLM_LOGS = Source(
    say("vLLM 0.11 start-up logs on an H100"),
    "https://github.com/llm-d/llm-d-benchmark/blob/259334868c5075da530cc6c90b43fceb11b6e6a7"
    "/config_explorer/empirical-vllm-memory-results.md",
    date(2026, 11, 24),
)


@dataclass(frozen=True, slots=True)
class Overhead:
    """What an engine takes; `per_token` is the part that each token of a sequence adds to it.

    `at_rest` is the rest, without that part: the two make the largest context. `further`
    are figures of their own, such as what vLLM leaves for the cache.
    """

    total: Figure
    at_rest: Figure
    per_token: Figure | None = None
    further: tuple[Figure, ...] = ()


def overhead_on_gpu(needs: Needs, device: Device) -> Overhead:
    """The overhead of the request's engine on a GPU."""
    engine = needs.engine
    if engine is None:
        return _neutral(needs, device)
    match engine.name:
        case "vllm":
            return _vllm(needs, engine, device)
        case "llama.cpp":
            return _llama_cpp(needs, engine)
        case _:
            return _transformers(needs, engine)


def overhead_on_cpu(needs: Needs) -> Overhead:
    """What a program takes beside weights and cache where it runs on the CPU."""
    if needs.engine is not None and needs.engine.name == "llama.cpp":
        runtime = assumed(
            "runtime_bytes", _GIB // 10, "bytes", say("llama.cpp itself"), low=0, high=_GIB // 4
        )
        return _llama_cpp(needs, needs.engine, runtime)
    runtime = assumed(
        "runtime_bytes",
        _GIB // 2,
        "bytes",
        say("from llama.cpp's few to the libraries that PyTorch loads"),
        low=_GIB // 10,
        high=_GIB,
    )
    rows = assumed(
        "logit_rows", 512, "rows", say("512 in llama.cpp, to a whole prompt of 2,048"), low=512, high=2_048
    )
    reserve = assumed("reserved_bytes", 0, "bytes", say("engines on the CPU keep no reserve"))
    return _plain(needs, runtime, rows, reserve)


def _neutral(needs: Needs, device: Device) -> Overhead:
    """Without an engine named: least as llama.cpp does, most as vLLM does.

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
        say("CUDA context and libraries; smaller GPUs take less"),
        source=_VLLM_LOGS,
        low=int(0.3 * _GIB),
        high=int(1.2 * _GIB),
    )
    most = 10_200 if _is_large(device) else 2_550
    rows = assumed(
        "logit_rows",
        2_048,
        "rows",
        say("512 in llama.cpp, up to {most:,} in vLLM on a GPU of this size", most=most),
        source=_VLLM_LOGS,
        low=512,
        high=most,
    )
    return _plain(needs, runtime, rows, _reserve(device.free_bytes))


def _plain(needs: Needs, runtime: Figure, rows: Figure, reserve: Figure) -> Overhead:
    total = derive(
        "overhead_bytes",
        "bytes",
        memory.overhead_bytes,
        runtime_bytes=runtime,
        vocab_size=needs.spec.figure("vocab_size"),
        logit_rows=rows,
        batch_size=needs.batch_size,
        reserved_bytes=reserve,
    )
    return Overhead(total, total)


def _vllm(needs: Needs, engine: Engine, device: Device) -> Overhead:
    size = "" if _is_large(device) else "_small"
    utilization = needs.utilization or engine.figure("utilization")
    driver = engine.figure("driver_bytes")
    visible = derive(
        "visible_bytes",
        "bytes",
        overhead.visible_bytes,
        device_bytes=device.device_bytes,
        driver_bytes=driver,
    )
    activation = derive(
        "activation_bytes",
        "bytes",
        overhead.vllm_activation_bytes,
        vocab_size=needs.spec.figure("vocab_size"),
        logit_rows=engine.figure("logit_rows", suffix=size),
        batched_tokens=engine.figure("batched_tokens", suffix=size),
        hidden_size=needs.spec.figure("hidden_size"),
        intermediate_size=needs.width_figure(),
    )
    non_torch = engine.figure("non_torch_bytes", suffix="_tp" if needs.tp > 1 else "")
    total = derive(
        "overhead_bytes",
        "bytes",
        overhead.vllm_overhead_bytes,
        utilization=utilization,
        visible_bytes=visible,
        driver_bytes=driver,
        activation_bytes=activation,
        non_torch_bytes=non_torch,
        graph_bytes=engine.figure("graph_bytes"),
    )
    space = derive(
        "kv_space_bytes",
        "bytes",
        overhead.kv_space_bytes,
        note=say("what vLLM leaves for the cache; below 0 it does not start"),
        utilization=utilization,
        visible_bytes=visible,
        weights_bytes=needs.weights_bytes,
        activation_bytes=activation,
        non_torch_bytes=non_torch,
    )
    return Overhead(total, total, further=(activation, space))


def _llama_cpp(needs: Needs, engine: Engine, runtime: Figure | None = None) -> Overhead:
    flash = assumed("flash_attention", 1, "", say("on wherever it can be, since 2025 (flash-attn is auto)"))
    activation = derive(
        "activation_bytes",
        "bytes",
        overhead.llama_cpp_compute_bytes,
        note=say("the compute buffer"),
        vocab_size=needs.spec.figure("vocab_size"),
        hidden_size=needs.spec.figure("hidden_size"),
        n_heads=needs.spec.figure("n_heads"),
        n_ubatch=engine.figure("n_ubatch"),
        context_tokens=needs.context_tokens,
        flash_attention=flash,
    )
    return _summed(runtime or engine.figure("runtime_bytes"), activation)


def _transformers(needs: Needs, engine: Engine) -> Overhead:
    per_token = derive(
        "activation_bytes_per_token",
        "bytes/token",
        overhead.activation_bytes_per_token,
        hidden_size=needs.spec.figure("hidden_size"),
        intermediate_size=needs.width_figure(),
        prompt_share=engine.figure("prompt_share"),
    )
    runtime, unpacked = engine.figure("runtime_bytes"), _unpacked(needs)
    whole, at_rest = (
        _summed(
            runtime,
            derive(
                "activation_bytes",
                "bytes",
                overhead.transformers_activation_bytes,
                activation_bytes_per_token=per_token,
                context_tokens=tokens,
                batch_size=needs.batch_size,
                vocab_size=needs.spec.figure("vocab_size"),
            ),
            unpacked,
        )
        for tokens in (needs.context_tokens, assumed("context_tokens", 0, "tokens", say("without a prompt")))
    )
    return Overhead(whole.total, at_rest.total, per_token, whole.further)


def _unpacked(needs: Needs) -> Figure | None:
    """The largest matrix in 16 bits, where bitsandbytes unpacks each before it multiplies."""
    if needs.quant.name not in {"nf4", "nf4-dq"} or needs.spec.given_params is not None:
        return None
    linear = [each for each in needs.spec.architecture.matrices if each.is_linear]
    if not linear:
        return None
    largest = max(linear, key=lambda each: each.rows * each.columns)
    return derive(
        "dequantised_bytes",
        "bytes",
        overhead.dequantised_bytes,
        note=say("bitsandbytes unpacks a matrix before it multiplies"),
        rows=needs.spec.fact("rows", largest.rows, ""),
        columns=needs.spec.fact("columns", largest.columns, ""),
    )


def _summed(runtime: Figure, activation: Figure, unpacked: Figure | None = None) -> Overhead:
    nothing = assumed("dequantised_bytes", 0, "bytes", say("no matrix is unpacked"))
    total = derive(
        "overhead_bytes",
        "bytes",
        overhead.summed_overhead_bytes,
        runtime_bytes=runtime,
        activation_bytes=activation,
        dequantised_bytes=unpacked or nothing,
    )
    return Overhead(total, total, further=(activation,))


def _is_large(device: Device) -> bool:
    size = device.device_bytes.value
    return size is not None and size >= _LARGE_GPU_BYTES and "a100" not in device.name.casefold()


def _reserve(free_bytes: Figure) -> Figure:
    if free_bytes.value is None:
        return assumed("reserved_bytes", 0, "bytes", say("the free memory is unknown"))
    share = assumed(
        "reserve_share",
        0.0,
        "",
        say("vLLM leaves 8 to 10% unused (gpu_memory_utilization), llama.cpp and transformers nothing"),
        source=_VLLM_LOGS,
        high=0.1,
    )
    return derive(
        "reserved_bytes", "bytes", memory.reserved_bytes, free_bytes=free_bytes, reserve_share=share
    )
