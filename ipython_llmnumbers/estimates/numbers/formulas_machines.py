"""The formulas of the numbers of late 2026 that are of machines: speed, memory, energy, training."""

from __future__ import annotations

from ...formulas import memory, parameters, speed, training
from ...messages import say
from . import lookups
from .formulas_today import QUANT_BITS, gqa, holder_name
from .inputs import Formula, Lookup, Spread, Term, make_formula


def _own(figure: str, batch: int) -> Lookup:
    """A figure of our own speed of the open model on the GPU, for a batch."""
    return Lookup(lookups.own_speed, ("open_model", "gpu", figure, str(batch)))


def _own_range(figure: str, batch: int) -> Lookup:
    """The same with its range."""
    return Lookup(lookups.own_speed_range, ("open_model", "gpu", figure, str(batch)))


def _own_usd(name: str, batch: int) -> Formula:
    return make_formula(
        name,
        "USD/Mtok",
        speed.own_usd_per_mtok,
        say("batch {n}", n=batch),
        usd_per_hour=Lookup(lookups.gpu_rent_of, ("gpu",)),
        tokens_per_s=_own("tokens_per_s", batch),
    )


def _cache(name: str, role: str) -> Formula:
    return make_formula(
        name,
        "bytes",
        memory.kv_cache_bytes,
        holder_name(role),
        kv_bytes_per_token=gqa("kv_bytes_per_token", role=role),
        context_tokens="long_context",
        batch_size="one_sequence",
    )


def _vectors(name: str, element: str) -> Formula:
    return make_formula(
        name,
        "bytes",
        memory.vectors_bytes,
        say("1,536 numbers each"),
        n_vectors="n_vectors",
        dimensions="vector_dimensions",
        bytes_per_element=element,
    )


def _energy(name: str, batch: int) -> Formula:
    return make_formula(
        name,
        "Wh",
        speed.answer_wh,
        say("our own speed, batch {n}", n=batch),
        output_tokens="answer_tokens",
        tokens_per_s=_own("tokens_per_s", batch),
        watts="h100_watts",
    )


def _load(name: str, bandwidth: str, note: str = "") -> Formula:
    return make_formula(name, "s", speed.load_s, note, n_bytes="loaded_bytes", bytes_per_s=bandwidth)


def _13b(name: str, bits: Term, note: str) -> Formula:
    per_param = make_formula(
        "bytes_per_param", "bytes/parameter", memory.bytes_per_param, bits_per_param=bits
    )
    return make_formula(
        name, "bytes", memory.weights_bytes, note, n_params="params_13b", bytes_per_param=per_param
    )


FORMULAS_OF_MACHINES: dict[str, tuple[Term, ...]] = {
    "prefill_to_decode_speed": (
        make_formula(
            "today",
            "×",
            speed.prefill_to_decode,
            say("{model} on {gpu}", model=holder_name("open_model"), gpu=holder_name("gpu")),
            prefill_tokens_per_s=_own_range("prefill_tokens_per_s", 1),
            tokens_per_s=_own_range("tokens_per_s", 1),
        ),
    ),
    "self_hosted_output_usd": (
        Spread(
            "today",
            "USD/Mtok",
            {"alone": _own_usd("alone", 1), "batch_256": _own_usd("batch_256", 256)},
            say("{model} on {gpu}, batch 256 to 1", model=holder_name("open_model"), gpu=holder_name("gpu")),
        ),
    ),
    "moe_active_percent": (
        make_formula(
            "today",
            "%",
            parameters.share_percent,
            "DeepSeek-V3",
            part_params="moe_active_params",
            n_params="moe_params",
        ),
    ),
    "kv_cache_128k": (
        Spread(
            "today",
            "bytes",
            {
                "of_8b": _cache("of_8b", "open_model"),
                "of_70b": _cache("of_70b", "open_model_70b"),
            },
            say("Llama-3.1, 8B and 70B"),
        ),
        _cache("today_largest", "open_model_70b"),
    ),
    "vector_index_bytes": (
        _vectors("today", "fp32_bytes"),
        _vectors("int8_index_bytes", "int8_bytes"),
        _vectors("binary_index_bytes", "bit_bytes"),
    ),
    "training_to_serving_memory": (
        make_formula(
            "today",
            "×",
            memory.trained_to_served,
            say("Adam in mixed precision"),
            training_bytes_per_param="adam_bytes_per_param",
            serving_bytes_per_param="served_bytes_per_param",
        ),
    ),
    "lora_percent": (
        make_formula(
            "today",
            "%",
            parameters.share_percent,
            say("{model}, rank 16", model=holder_name("open_model")),
            part_params="lora_params",
            n_params=Lookup(lookups.params_of, ("open_model",)),
        ),
    ),
    "energy_per_answer": (
        Lookup(lookups.published_range, ("gemini_wh", "chatgpt_wh", "Gemini, ChatGPT"), "today"),
        _energy("energy_alone", 1),
        _energy("energy_batch_64", 64),
    ),
    "load_seconds": (
        _load("today", "nvme_bytes_per_s", say("from an NVMe disk")),
        _load("network_s", "network_bytes_per_s"),
        _load("pcie_s", "pcie_bytes_per_s"),
        _load("hbm_s", "hbm_bytes_per_s"),
    ),
    "weights_13b_4bit": (
        _13b("recomputed", "q4_0_bits", say("Q4_0, 4.5 bits")),
        _13b("today", QUANT_BITS, say("a {quant} file", quant=holder_name("quantised"))),
    ),
    "training_days": (
        make_formula(
            "today",
            "days",
            training.calendar_days,
            say("LLaMA-13B on 2,048 A100s"),
            gpu_hours="llama_13b_gpu_hours",
            n_gpus="cited_run_gpus",
        ),
    ),
}
