"""The formulas of what the numbers come to today, and of the numbers that came since.

A figure named `today` is the row's own; `today_…` say the same of another maker, model or GPU.
`WORKED` are examples to put one's own inputs in, where `today` is not that already.
"""

from __future__ import annotations

from ...catalog.numbers_2023 import stand_in
from ...formulas import cost, kv, memory, ratios, tokens, training
from ...messages import joined, say
from . import lookups
from .formulas_2023 import KV_BYTES_PER_TOKEN, SELF_HOSTED_USD, ratio
from .inputs import Formula, Lookup, Term, make_formula


def price(role: str, side: str) -> Lookup:
    return Lookup(lookups.price_of, (role, side))


def blended_ratio(name: str, dearer: tuple[Term, Term], cheaper: tuple[Term, Term], note: str) -> Formula:
    """Two models at the same mix of prompt and output; each is its prices for (prompt, output)."""
    return make_formula(
        name,
        "×",
        ratios.blended_cost_ratio,
        note,
        dearer_prompt_usd_per_mtok=dearer[0],
        dearer_output_usd_per_mtok=dearer[1],
        cheaper_prompt_usd_per_mtok=cheaper[0],
        cheaper_output_usd_per_mtok=cheaper[1],
        output_percent="output_percent",
    )


def both(role: str) -> tuple[Lookup, Lookup]:
    return price(role, "input"), price(role, "output")


def discount(name: str, full: Term, reduced: Term, note: str) -> Formula:
    return make_formula(name, "%", ratios.discount_percent, note, full_usd=full, reduced_usd=reduced)


def _models(name: str, dearer: str, cheaper: str) -> Formula:
    return blended_ratio(name, both(dearer), both(cheaper), _to(dearer, cheaper))


def _sides(name: str, role: str, dearer: str, cheaper: str) -> Formula:
    return ratio(name, price(role, dearer), price(role, cheaper), _name(role))


def _discount(name: str, role: str, side: str) -> Formula:
    return discount(name, price(role, "input"), price(role, side), _name(role))


def _name(role: str) -> str:
    return stand_in(role).model


def _to(dearer: str, cheaper: str) -> str:
    """Which two models are set against each other."""
    return say("{dearer} to {cheaper}", dearer=_name(dearer), cheaper=_name(cheaper))


def _shape(field: str) -> Lookup:
    return Lookup(lookups.shape_of, ("open_model", field))


def _gqa(name: str, heads: str) -> Formula:
    return make_formula(
        name,
        "bytes/token",
        memory.kv_bytes_per_token,
        _name("open_model"),
        n_layers=_shape("n_layers"),
        n_kv_heads=_shape(heads),
        head_dim=_shape("head_dim"),
        kv_bytes_per_element="kv_bytes_per_element",
    )


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


def _bytes_per_param(bits: Term) -> Formula:
    return make_formula("bytes_per_param", "bytes/parameter", memory.bytes_per_param, bits_per_param=bits)


def _weights(bits: Term, n_params: Term, name: str = "weights_bytes") -> Formula:
    return make_formula(
        name, "bytes", memory.weights_bytes, n_params=n_params, bytes_per_param=_bytes_per_param(bits)
    )


def _roofline(name: str, gpu: str, bits: Term) -> Formula:
    return make_formula(
        name,
        "tokens/s",
        ratios.roofline_tokens_per_s,
        joined(
            ", ",
            _name("open_model"),
            say("16 bits") if bits == "bits_16" else _name("quantised"),
            _name(gpu),
        ),
        bandwidth_bytes_per_s=Lookup(lookups.gpu_bandwidth_of, (gpu,)),
        weights_bytes=_weights(bits, _PARAMS),
    )


def _price_fall(name: str) -> Formula:
    return make_formula(
        name,
        "× per year",
        ratios.price_fall_per_year,
        say("GPT-4 to GPT-4.1 mini: the same score"),
        then_prompt_usd_per_mtok="gpt4_8k_prompt_usd",
        then_output_usd_per_mtok="gpt4_8k_output_usd",
        now_prompt_usd_per_mtok="gpt41_mini_prompt_usd",
        now_output_usd_per_mtok="gpt41_mini_output_usd",
        days_between="days_between",
    )


_PARAMS = Lookup(lookups.params_of, ("open_model",))
_QUANT_BITS = Lookup(lookups.bits_of, ("quantised",))
OPEN_MODEL_WEIGHTS = _weights("bits_16", _PARAMS)
_TRAINING = make_formula(
    "today",
    "USD",
    training.training_usd,
    say("on {gpu} by the arithmetic", gpu=_name("gpu")),
    gpu_hours=make_formula(
        "gpu_hours",
        "GPU-h",
        training.gpu_hours_for_flops,
        flops=make_formula(
            "flops", "FLOP", training.training_flops, n_params="training_params", n_tokens="training_tokens"
        ),
        peak_flops_per_s=Lookup(lookups.gpu_flops_of, ("gpu",)),
        mfu="mfu",
    ),
    usd_per_gpu_hour=Lookup(lookups.gpu_rent_of, ("gpu",)),
)

FORMULAS_TODAY: dict[str, tuple[Term, ...]] = {
    "tokens_per_word": (
        make_formula(
            "today",
            "tokens/word",
            tokens.tokens_per_word,
            note=say("English"),
            tokens=Lookup(lookups.sample_tokens, ("english",)),
            words=Lookup(lookups.sample_words, ("english",)),
        ),
        make_formula(
            "today_japanese",
            "tokens/character",
            tokens.tokens_per_char,
            note=say("Japanese, which sets no spaces between words"),
            tokens=Lookup(lookups.sample_tokens, ("japanese",)),
            chars=Lookup(lookups.sample_chars, ("japanese",)),
        ),
    ),
    "gpt4_to_gpt35_cost": (
        _models("today", "openai_flagship", "openai_small"),
        _models("today_largest", "openai_largest", "openai_small"),
        _models("today_anthropic", "anthropic_flagship", "anthropic_small"),
    ),
    "generation_to_embedding_cost": (
        ratio(
            "today",
            price("openai_small", "output"),
            price("embedding", "input"),
            _to("openai_small", "embedding"),
        ),
        ratio(
            "today_flagship",
            price("openai_flagship", "output"),
            price("embedding", "input"),
            _to("openai_flagship", "embedding"),
        ),
    ),
    "embedding_to_self_hosted_cost": (
        ratio(
            "today",
            price("embedding", "input"),
            SELF_HOSTED_USD,
            say("{model} to the machine of 2023: below 1 self-hosting there loses", model=_name("embedding")),
        ),
    ),
    "fine_tuned_to_base_cost": (_models("today", "fine_tuned", "fine_tuned_base"),),
    "training_13b_cost": (_TRAINING,),
    "gpu_memory": (
        Lookup(lookups.gpu_memory_of, ("gpu",), "today"),
        Lookup(lookups.gpu_memory_of, ("small_gpu",), "today_desk"),
        Lookup(lookups.gpu_memory_of, ("large_gpu",), "today_largest"),
    ),
    "serving_bytes_per_param": (
        make_formula(
            "today",
            "bytes/parameter",
            memory.bytes_per_param,
            f"{_name('open_model')}, {_name('quantised')}",
            bits_per_param=_QUANT_BITS,
        ),
    ),
    "batching_throughput": (
        make_formula(
            "today",
            "×",
            ratios.memory_bound_batch,
            note=say("at most, on {gpu}: up to this batch another sequence is nearly free", gpu=_name("gpu")),
            peak_flops_per_s=Lookup(lookups.gpu_flops_of, ("gpu",)),
            bandwidth_bytes_per_s=Lookup(lookups.gpu_bandwidth_of, ("gpu",)),
            bytes_per_param=_bytes_per_param("bits_16"),
        ),
    ),
    "kv_memory_per_token_13b": (_gqa("today", "n_kv_heads"),),
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
        Lookup(lookups.long_context_of, ("openai_flagship",)),
        _sides("today_anthropic", "anthropic_small", "long_input", "input"),
        Lookup(lookups.long_context_of, ("anthropic_small",), "long_context_tokens_anthropic"),
    ),
    "reasoning_tokens": (
        make_formula(
            "today",
            "×",
            ratios.billed_to_visible,
            say("an example of OpenAI's guide"),
            reasoning_tokens="reasoning_example_tokens",
            visible_tokens="visible_example_tokens",
        ),
    ),
    "kv_memory_per_token_gqa": (_gqa("today", "n_kv_heads"), _gqa("unshared", "n_heads")),
    "kv_memory_per_token_mla": (_mla("today"),),
    "quantised_weights": (
        make_formula(
            "today",
            "×",
            ratios.weights_shrink,
            f"{_name('open_model')}, {_name('quantised')}",
            full_bits_per_param="bits_16",
            bits_per_param=_QUANT_BITS,
        ),
        _weights(_QUANT_BITS, _PARAMS),
    ),
    "price_fall_per_year": (_price_fall("today"),),
    "decode_tokens_per_s": (
        _roofline("today", "gpu", "bits_16"),
        _roofline("today_quantised", "gpu", _QUANT_BITS),
        _roofline("today_desk", "small_gpu", _QUANT_BITS),
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
    "serving_bytes_per_param": _weights("serving_bits_per_param", "serving_7b_params", "worked"),
    "quantised_weights": _weights(_QUANT_BITS, _PARAMS, "worked"),
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
            "kv_memory_per_token_gqa": _gqa("kv_bytes_per_token", "n_kv_heads"),
            "kv_memory_per_token_mla": _mla("kv_bytes_per_token"),
        }.items()
    },
}
