"""The formulas of what the numbers of 2023 come to today.

A figure named `today` is the row's own; `today_…` say the same of another maker, model or GPU. Both sides
of a ratio are of one year, and where the answers scatter, they are its range.
"""

from __future__ import annotations

from ...catalog.numbers_2023 import stand_in
from ...catalog.text_counts import counted_ratio, text_ratio
from ...formulas import memory, parameters, ratios, training
from ...messages import joined, say
from . import lookups
from .formulas_2023 import TRAINING_FLOPS, api_to_own, ratio
from .inputs import Formula, Lookup, Spread, Term, make_formula


def price(role: str, side: str) -> Lookup:
    return Lookup(lookups.price_of, (role, side))


def blended_ratio(name: str, dearer: tuple[Term, Term], cheaper: tuple[Term, Term], note: str) -> Formula:
    """Two models at the same mix of prompt and output; each is its prices for (prompt, output)."""
    return make_formula(
        name,
        "×",
        ratios.blended_cost_ratio,
        note,
        input_usd_per_mtok=dearer[0],
        output_usd_per_mtok=dearer[1],
        base_input_usd_per_mtok=cheaper[0],
        base_output_usd_per_mtok=cheaper[1],
        output_percent="output_percent",
    )


def both(role: str) -> tuple[Lookup, Lookup]:
    return price(role, "input"), price(role, "output")


def models(name: str, dearer: str, cheaper: str) -> Formula:
    return blended_ratio(name, both(dearer), both(cheaper), between(dearer, cheaper))


def holder_name(role: str) -> str:
    return stand_in(role).model


def between(dearer: str, cheaper: str) -> str:
    """Which two models are set against each other."""
    return say("{dearer} to {cheaper}", dearer=holder_name(dearer), cheaper=holder_name(cheaper))


def shape(field: str, role: str = "open_model") -> Lookup:
    return Lookup(lookups.shape_of, (role, field))


def gqa(name: str, heads: str = "n_kv_heads", role: str = "open_model") -> Formula:
    """Bytes of the cache for each token of the model in a role."""
    return make_formula(
        name,
        "bytes/token",
        memory.kv_bytes_per_token,
        holder_name(role),
        n_layers=shape("n_layers", role),
        n_kv_heads=shape(heads, role),
        head_dim=shape("head_dim", role),
        kv_bytes_per_element="kv_bytes_per_element",
    )


def bytes_per_param(bits: Term) -> Formula:
    return make_formula("bytes_per_param", "bytes/parameter", memory.bytes_per_param, bits_per_param=bits)


def weights(bits: Term, n_params: Term, name: str = "weights_bytes") -> Formula:
    return make_formula(
        name, "bytes", memory.weights_bytes, n_params=n_params, bytes_per_param=bytes_per_param(bits)
    )


PARAMS = Lookup(lookups.params_of, ("open_model",))
QUANT_BITS = Lookup(lookups.bits_of, ("quantised",))
OPEN_MODEL_WEIGHTS = weights("bits_16", PARAMS)
_TRAINING = make_formula(
    "today",
    "USD",
    training.training_usd,
    say("on {gpu}: by the arithmetic", gpu=holder_name("gpu")),
    gpu_hours=make_formula(
        "gpu_hours",
        "GPU-h",
        training.gpu_hours_for_flops,
        flops=TRAINING_FLOPS,
        peak_flops_per_s=Lookup(lookups.gpu_flops_of, ("gpu",)),
        mfu="mfu",
    ),
    usd_per_gpu_hour=Lookup(lookups.gpu_rent_of, ("gpu",)),
)


def _fine_tuned(name: str, tuned: str, base: str) -> Formula:
    """A fine-tuned model to its base; `tuned` begins the keys of its prices, which litellm lists."""
    return blended_ratio(
        name,
        (f"{tuned}_input_usd", f"{tuned}_output_usd"),
        (Lookup(lookups.model_price, (base, "input")), Lookup(lookups.model_price, (base, "output"))),
        base,
    )


def _checkpoint(name: str, role: str) -> Formula:
    return weights("bits_16", Lookup(lookups.params_of, (role,)), name)


def request_usd(name: str, output: str) -> Formula:
    """A call that asks for ideas, at the flagship."""
    return make_formula(
        name,
        "USD",
        ratios.request_usd,
        holder_name("openai_flagship"),
        input_tokens="ideas_input_tokens",
        output_tokens=output,
        input_usd_per_mtok=price("openai_flagship", "input"),
        output_usd_per_mtok=price("openai_flagship", "output"),
    )


def _tuning_usd(name: str) -> Formula:
    """The rent to tune a 6B by LoRA."""
    flops = make_formula(
        "flops", "FLOP", training.lora_training_flops, n_params="tuned_params", n_tokens="tuned_tokens"
    )
    hours = make_formula(
        "gpu_hours",
        "GPU-h",
        training.gpu_hours_for_flops,
        flops=flops,
        peak_flops_per_s=Lookup(lookups.gpu_flops_of, ("gpu",)),
        mfu="mfu",
    )
    return make_formula(
        name,
        "USD",
        training.training_usd,
        say("a 6B by LoRA on {gpu}", gpu=holder_name("gpu")),
        gpu_hours=hours,
        usd_per_gpu_hour=Lookup(lookups.gpu_rent_of, ("gpu",)),
    )


_LARGEST_TO_SMALL = say(
    "OpenAI, top to small: {flagship} and {largest} to {small}",
    flagship=holder_name("openai_flagship"),
    largest=holder_name("openai_largest"),
    small=holder_name("openai_small"),
)
_COUNTED = Lookup(counted_ratio, ("today", "en", "2026"), "today")

FORMULAS_TODAY: dict[str, tuple[Term, ...]] = {
    "be_concise_saving": (
        Lookup(lookups.noted_input, ("concise_percent", say("GPT-3.5 and 4, 2024")), "today"),
        request_usd("ten_ideas_usd", "ten_ideas_tokens"),
        request_usd("five_ideas_usd", "five_ideas_tokens"),
    ),
    "tokens_per_word": (
        _COUNTED,
        Lookup(counted_ratio, ("counted_2023", "en", "2023")),
        Lookup(counted_ratio, ("counted_2019", "en", "2019")),
        Lookup(text_ratio, ("today_code", "python", "2026")),
        Lookup(text_ratio, ("code_2019", "python", "2019")),
        Lookup(counted_ratio, ("today_japanese", "ja", "2026")),
    ),
    "gpt4_to_gpt35_cost": (
        Spread(
            "today",
            "×",
            {
                "newest": models("newest", "openai_flagship", "openai_small"),
                "largest": models("largest", "openai_largest", "openai_small"),
            },
            _LARGEST_TO_SMALL,
        ),
        models("today_largest", "openai_largest", "openai_small"),
        models("today_anthropic", "anthropic_flagship", "anthropic_small"),
    ),
    "generation_to_embedding_cost": (
        ratio(
            "today",
            price("openai_small", "output"),
            price("embedding", "input"),
            joined(": ", say("OpenAI, small"), between("openai_small", "embedding")),
        ),
        ratio(
            "today_flagship",
            price("openai_flagship", "output"),
            price("embedding", "input"),
            between("openai_flagship", "embedding"),
        ),
        models("anthropic_to_openai", "anthropic_flagship", "openai_flagship"),
        models("cohere_to_openai", "cohere_flagship", "openai_flagship"),
    ),
    "embedding_to_self_hosted_cost": (
        api_to_own(
            "today",
            price("embedding", "input"),
            "tei_usd",
            "tei_tokens_per_s",
            "busy_percent",
            say("A100, busy 10–100 %: {model} to BGE-M3", model=holder_name("embedding")),
        ),
        make_formula(
            "even_busy_percent",
            "%",
            ratios.even_busy_percent,
            say("below this share of the day the API is cheaper"),
            usd_per_hour="tei_usd",
            tokens_per_s="tei_tokens_per_s",
            api_usd_per_mtok=price("embedding", "input"),
        ),
    ),
    "fine_tuned_to_base_cost": (
        Spread(
            "today",
            "×",
            {
                "gpt_4_1": _fine_tuned("gpt_4_1", "ft_gpt41", "gpt-4.1"),
                "gpt_4_1_mini": _fine_tuned("gpt_4_1_mini", "ft_gpt41_mini", "gpt-4.1-mini"),
                "gpt_4o_mini": _fine_tuned("gpt_4o_mini", "ft_gpt4o_mini", "gpt-4o-mini"),
                "o4_mini": _fine_tuned("o4_mini", "ft_o4_mini", "o4-mini"),
            },
            say("OpenAI, 4 models: gpt-4.1 to o4-mini, the last that it tunes"),
        ),
    ),
    "self_hosted_fine_tuned_to_base_cost": (
        make_formula(
            "today",
            "×",
            parameters.with_adapter_ratio,
            say("LoRA, not merged: {model}", model=holder_name("open_model")),
            n_params=PARAMS,
            adapter_params="lora_params",
        ),
    ),
    "training_13b_cost": (_TRAINING,),
    "fine_tuning_to_training_cost": (
        make_formula(
            "today",
            "×",
            training.tuning_share,
            say("LoRA, 10M tokens: to 1.4T of training"),
            tuned_tokens="tuned_tokens",
            training_tokens="training_tokens",
        ),
        _tuning_usd("today_tuning_usd"),
    ),
    "gpu_memory": (
        Lookup(lookups.sold_memory_of, ("gpu", "small_gpu", "large_gpu"), "today"),
        Lookup(lookups.gpu_memory_of, ("gpu",), "today_by_driver"),
        Lookup(lookups.gpu_rent_of, ("a10g",), "today_a10g_usd"),
        Lookup(lookups.gpu_rent_of, ("a100",), "today_a100_usd"),
    ),
    "serving_bytes_per_param": (
        make_formula(
            "today",
            "bytes/parameter",
            memory.bytes_per_param,
            say("a {quant} file: {model}", model=holder_name("open_model"), quant=holder_name("quantised")),
            bits_per_param=QUANT_BITS,
        ),
    ),
    "embedding_model_memory": (
        Spread(
            "today",
            "bytes",
            {
                "bge_m3": _checkpoint("bge_m3", "embedding_checkpoint"),
                "e5_large": _checkpoint("e5_large", "embedding_checkpoint_e5"),
                "bge_base": _checkpoint("bge_base", "embedding_checkpoint_base"),
                "minilm": _checkpoint("minilm", "embedding_checkpoint_small"),
            },
            say("MiniLM to BGE-M3: 16 bits"),
        ),
        make_formula(
            "shared_gpu_bytes",
            "bytes",
            memory.sum_bytes,
            say("{model} in 16 bits and BGE-M3, on one GPU of 24 GB", model=holder_name("open_model")),
            weights=OPEN_MODEL_WEIGHTS,
            embedding=_checkpoint("embedding", "embedding_checkpoint"),
        ),
    ),
    "batching_throughput": (Lookup(lookups.batching_speedup, ("open_model", "gpu"), "today"),),
    "kv_memory_per_token_13b": (gqa("today", role="open_model_13b"),),
    "tokens_per_japanese_char": (Lookup(counted_ratio, ("today", "ja", "2026"), "today"),),
}
