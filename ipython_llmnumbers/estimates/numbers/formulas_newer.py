"""The formulas of the numbers that came after the document, and the examples to put one's own inputs in.

`WORKED` stand before a row's other formulas where `--set` looks for one that takes its inputs.
"""

from __future__ import annotations

from ...formulas import cost, kv, memory, ratios
from ...messages import say
from . import lookups
from .formulas_2023 import FORMULAS_2023, KV_BYTES_PER_TOKEN, ratio
from .formulas_today import PARAMS, QUANT_BITS, gqa, holder_name, price, weights
from .inputs import Formula, Lookup, Term, make_formula


def discount(name: str, full: Term, reduced: Term, note: str) -> Formula:
    return make_formula(name, "%", ratios.discount_percent, note, full_usd=full, reduced_usd=reduced)


def _sides(name: str, role: str, dearer: str, cheaper: str) -> Formula:
    return ratio(name, price(role, dearer), price(role, cheaper), holder_name(role))


def _discount(name: str, role: str, side: str) -> Formula:
    return discount(name, price(role, "input"), price(role, side), holder_name(role))


def _mla(name: str) -> Formula:
    return make_formula(
        name,
        "bytes/token",
        kv.latent_bytes_per_token,
        "DeepSeek-V3",
        n_layers="deepseek_v3_layers",
        kv_lora_rank="deepseek_v3_kv_lora_rank",
        qk_rope_head_dim="deepseek_v3_qk_rope_head_dim",
        kv_bits_per_element="kv_bits",
    )


def _roofline(name: str, gpu: str, bits: Term) -> Formula:
    return make_formula(
        name,
        "tokens/s",
        ratios.roofline_tokens_per_s,
        say(
            "on {gpu}: {model}, {bits}",
            gpu=holder_name(gpu),
            model=holder_name("open_model"),
            bits=say("16 bits") if bits == "bits_16" else holder_name("quantised"),
        ),
        bandwidth_bytes_per_s=Lookup(lookups.gpu_bandwidth_of, (gpu,)),
        weights_bytes=weights(bits, PARAMS),
    )


def _price_fall(name: str) -> Formula:
    return make_formula(
        name,
        "× per year",
        ratios.price_fall_per_year,
        say("to GPT-4.1 mini: from GPT-4, at the same score"),
        then_prompt_usd_per_mtok="gpt4_8k_prompt_usd",
        then_output_usd_per_mtok="gpt4_8k_output_usd",
        now_prompt_usd_per_mtok="gpt41_mini_prompt_usd",
        now_output_usd_per_mtok="gpt41_mini_output_usd",
        days_between="days_between",
    )


def _of_2023(key: str, name: str) -> Formula:
    """One of the document's formulas by its name."""
    return next(term for term in FORMULAS_2023[key] if isinstance(term, Formula) and term.name == name)


FORMULAS_NEWER: dict[str, tuple[Term, ...]] = {
    "cached_input_discount": (
        _discount("today", "openai_flagship", "cached_input"),
        _discount("today_anthropic", "anthropic_flagship", "cached_input"),
        _discount("today_small", "openai_small", "cached_input"),
        _sides("cache_write", "openai_flagship", "cache_write", "input"),
    ),
    "batch_discount": (
        _discount("today", "openai_flagship", "batch_input"),
        _discount("today_anthropic", "anthropic_flagship", "batch_input"),
    ),
    "output_to_input_cost": (
        _sides("today", "openai_flagship", "output", "input"),
        _sides("today_anthropic", "anthropic_flagship", "output", "input"),
    ),
    "long_context_cost": (
        _sides("today", "openai_flagship", "long_input", "input"),
        _sides("today_output", "openai_flagship", "long_output", "output"),
        Lookup(lookups.long_context_of, ("openai_flagship",)),
        _sides("today_anthropic", "anthropic_small", "long_input", "input"),
        Lookup(lookups.long_context_of, ("anthropic_small",), "long_context_tokens_anthropic"),
    ),
    "reasoning_tokens": (
        make_formula(
            "today",
            "×",
            ratios.billed_to_visible,
            say("OpenAI's example: in its guide"),
            reasoning_tokens="reasoning_example_tokens",
            visible_tokens="visible_example_tokens",
        ),
    ),
    "kv_memory_per_token_gqa": (gqa("today"), gqa("unshared", "n_heads")),
    "kv_memory_per_token_mla": (_mla("today"),),
    "quantised_weights": (
        make_formula(
            "today",
            "×",
            ratios.weights_shrink,
            f"{holder_name('open_model')}, {holder_name('quantised')}",
            full_bits_per_param="bits_16",
            bits_per_param=QUANT_BITS,
        ),
        weights(QUANT_BITS, PARAMS),
    ),
    "price_fall_per_year": (_price_fall("today"),),
    "decode_tokens_per_s": (
        _roofline("today", "gpu", "bits_16"),
        _roofline("today_quantised", "gpu", QUANT_BITS),
        _roofline("today_desk", "small_gpu", QUANT_BITS),
    ),
}

WORKED: dict[str, Formula] = {
    "tokens_per_word": make_formula(
        "worked",
        "tokens",
        ratios.tokens_of_words,
        words="example_words",
        tokens_per_word="tokens_per_word",
    ),
    "fine_tuning_to_training_cost": make_formula(
        "worked",
        "USD",
        cost.tokens_usd,
        tokens=make_formula(
            "tokens",
            "tokens",
            ratios.tokens_of_words,
            words="shakespeare_words",
            tokens_per_word="tokens_per_word",
        ),
        usd_per_mtok="davinci_training_usd",
    ),
    "serving_bytes_per_param": weights("serving_bits_per_param", "serving_7b_params", "worked"),
    "quantised_weights": weights(QUANT_BITS, PARAMS, "worked"),
    **{
        key: make_formula(
            "worked",
            "bytes",
            memory.kv_cache_bytes,
            kv_bytes_per_token=per_token,
            context_tokens="output_512_tokens",
            batch_size="output_batch_size",
        )
        for key, per_token in {
            "kv_memory_per_token_13b": KV_BYTES_PER_TOKEN,
            "kv_memory_per_token_gqa": gqa("kv_bytes_per_token"),
            "kv_memory_per_token_mla": _mla("kv_bytes_per_token"),
        }.items()
    },
}

# What the document's own formula gives for the same inputs, where it is another one.
WORKED_AS_IN_2023: dict[str, Formula] = {
    "tokens_per_word": _of_2023("tokens_per_word", "example_recomputed_tokens"),
    "gpt4_to_gpt35_cost": _of_2023("gpt4_to_gpt35_cost", "recomputed"),
    "training_13b_cost": _of_2023("training_13b_cost", "recomputed_by_flops"),
}
