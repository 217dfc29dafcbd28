"""The formulas of the 14 numbers of 2023: which function and which of the document's inputs make which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...catalog.text_counts import counted_ratio, text_ratio
from ...formulas import cost, memory, ratios, speed, tokens, training
from .inputs import Formula, Lookup, Term, make_formula


def ratio(name: str, usd: Term, base_usd: Term, note: str = "") -> Formula:
    """One price per million tokens to another."""
    return make_formula(name, "×", ratios.price_ratio, note, usd_per_mtok=usd, base_usd_per_mtok=base_usd)


def _costs(name: str, cost: Term, base: Term) -> Formula:
    return make_formula(name, "×", ratios.cost_ratio, cost_usd=cost, base_cost_usd=base)


def api_to_own(name: str, api: Term, rent: Term, speed: Term, busy: Term, note: str = "") -> Formula:
    """An API's price of a token to what it costs on a machine of one's own."""
    return make_formula(
        name,
        "×",
        ratios.api_to_own_cost,
        note,
        api_usd_per_mtok=api,
        usd_per_hour=rent,
        tokens_per_s=speed,
        busy_percent=busy,
    )


def _queries(name: str, n_queries: Term, seconds: Term) -> Formula:
    return make_formula(name, "queries/s", speed.queries_per_s, n_queries=n_queries, seconds=seconds)


def _gpt4_usd(window: str) -> Formula:
    return make_formula(
        f"gpt4_{window}_usd",
        "USD/Mtok",
        ratios.blended_usd_per_mtok,
        prompt_usd_per_mtok=f"gpt4_{window}_prompt_usd",
        output_usd_per_mtok=f"gpt4_{window}_output_usd",
        output_percent="output_percent",
    )


def _training(name: str, gpu_hours: Formula) -> Formula:
    return make_formula(name, "USD", training.training_usd, gpu_hours=gpu_hours, usd_per_gpu_hour="a100_usd")


def _shakespeare(name: str, function: Callable[..., Any], **rate: str) -> Formula:
    counted = make_formula("tokens", "tokens", function, words="shakespeare_words", **rate)
    return make_formula(name, "USD", cost.tokens_usd, tokens=counted, usd_per_mtok="davinci_training_usd")


def _speedup(name: str, batch: str) -> Formula:
    size, seconds = f"{batch}_queries", f"{batch}_s"
    return make_formula(
        name, "×", ratios.batching_speedup, batch_size=size, batch_s=seconds, single_s="single_query_s"
    )


SELF_HOSTED_USD = make_formula(
    "self_hosted_usd",
    "USD/Mtok",
    ratios.self_hosted_usd_per_mtok,
    usd_per_hour="g4dn_4xlarge_usd",
    tokens_per_s="g4dn_4xlarge_tokens_per_s",
)
_OWN_RUN = make_formula(
    "gpu_hours",
    "GPU-h",
    training.scaled_gpu_hours,
    gpu_hours="llama_13b_gpu_hours",
    trained_tokens="llama_13b_tokens",
    target_tokens="training_tokens",
)
TRAINING_FLOPS = make_formula(
    "flops", "FLOP", training.training_flops, n_params="training_params", n_tokens="training_tokens"
)
_RUN_BY_FLOPS = make_formula(
    "gpu_hours",
    "GPU-h",
    training.gpu_hours_for_flops,
    flops=TRAINING_FLOPS,
    peak_flops_per_s="a100_flops_per_s",
    mfu="mfu",
)
_WEIGHTS_BYTES_PER_PARAM = make_formula(
    "recomputed", "bytes/parameter", memory.bytes_per_param, bits_per_param="serving_bits_per_param"
)
KV_BYTES_PER_TOKEN = make_formula(
    "recomputed",
    "bytes/token",
    memory.kv_bytes_per_token,
    n_layers="llama_13b_layers",
    n_kv_heads="llama_13b_kv_heads",
    head_dim="llama_13b_head_dim",
    kv_bytes_per_element="kv_bytes_per_element",
)


def _kv_cache(name: str, batch_size: Term) -> Formula:
    return make_formula(
        name,
        "bytes",
        memory.kv_cache_bytes,
        kv_bytes_per_token=KV_BYTES_PER_TOKEN,
        context_tokens="output_512_tokens",
        batch_size=batch_size,
    )


# What stands beside `published`. A number that is missing here was published without inputs.
FORMULAS_2023: dict[str, tuple[Term, ...]] = {
    "tokens_per_word": (
        make_formula(
            "recomputed",
            "tokens/word",
            tokens.tokens_per_word,
            tokens="example_tokens",
            words="example_words",
        ),
        make_formula(
            "example_recomputed_tokens",
            "tokens",
            tokens.tokens_by_example,
            words="example_words",
            example_tokens="example_tokens",
            example_words="example_words",
        ),
    ),
    "gpt4_to_gpt35_cost": (
        ratio("recomputed", _gpt4_usd("32k"), "gpt35_turbo_usd"),
        ratio("recomputed_8k", _gpt4_usd("8k"), "gpt35_turbo_usd"),
        make_formula(
            "output_percent_at_published",
            "%",
            ratios.output_percent_at_ratio,
            ratio="gpt4_to_gpt35_cost",
            prompt_usd_per_mtok="gpt4_32k_prompt_usd",
            output_usd_per_mtok="gpt4_32k_output_usd",
            cheaper_usd_per_mtok="gpt35_turbo_usd",
        ),
    ),
    "generation_to_embedding_cost": (
        ratio("recomputed", "gpt35_turbo_usd", "embedding_usd"),
        "gpt4_to_embedding_cost",
        ratio("gpt4_to_embedding_recomputed", _gpt4_usd("32k"), "embedding_usd"),
    ),
    "embedding_to_self_hosted_cost": (
        api_to_own(
            "recomputed", "embedding_usd", "g4dn_4xlarge_usd", "g4dn_4xlarge_tokens_per_s", "full_percent"
        ),
        SELF_HOSTED_USD,
        "g4dn_4xlarge_usd",
    ),
    "fine_tuned_to_base_cost": (ratio("recomputed", "davinci_fine_tuned_usd", "davinci_base_usd"),),
    "training_13b_cost": (
        _training("recomputed", _OWN_RUN),
        _training("recomputed_by_flops", _RUN_BY_FLOPS),
        make_formula(
            "cited_65b_run_usd",
            "USD",
            training.cited_run_usd,
            days="cited_run_days",
            gpus="cited_run_gpus",
            usd_per_gpu_hour="a100_usd",
        ),
    ),
    "fine_tuning_to_training_cost": (
        _costs("recomputed", "fine_tuning_6b_usd", "training_13b_cost"),
        _costs("shakespeare_to_training", "shakespeare_usd", "training_13b_cost"),
        "fine_tuning_6b_usd",
        make_formula(
            "davinci_training_1k_usd",
            "USD",
            cost.tokens_usd,
            tokens="a_thousand_tokens",
            usd_per_mtok="davinci_training_usd",
        ),
        "shakespeare_usd",
        _shakespeare(
            "shakespeare_recomputed_usd",
            ratios.tokens_by_words_per_token,
            words_per_token="shakespeare_words_per_token",
        ),
        _shakespeare(
            "shakespeare_by_tokens_per_word_usd", ratios.tokens_of_words, tokens_per_word="tokens_per_word"
        ),
    ),
    "gpu_memory": (
        "v100_bytes",
        "a10g_bytes",
        "a100_40gb_bytes",
        "a100_80gb_bytes",
        "a10g_usd",
        "a100_usd",
    ),
    "serving_bytes_per_param": (
        _WEIGHTS_BYTES_PER_PARAM,
        "serving_7b_bytes",
        make_formula(
            "serving_7b_recomputed_bytes",
            "bytes",
            memory.weights_bytes,
            n_params="serving_7b_params",
            bytes_per_param=_WEIGHTS_BYTES_PER_PARAM,
        ),
    ),
    "batching_throughput": (
        _speedup("recomputed", "batch"),
        _speedup("pair_recomputed", "pair"),
        _queries("single_queries_per_s", "single_sequence", "single_query_s"),
        _queries("batch_queries_per_s", "batch_queries", "batch_s"),
    ),
    "kv_memory_per_token_13b": (
        KV_BYTES_PER_TOKEN,
        "output_512_bytes",
        _kv_cache("output_512_recomputed_bytes", "single_sequence"),
        "output_batch_bytes",
        _kv_cache("output_batch_recomputed_bytes", "output_batch_size"),
    ),
    "tokens_per_japanese_char": (
        Lookup(text_ratio, ("recomputed", "sample_ja", "2023"), "recomputed"),
        Lookup(counted_ratio, ("counted_2019", "ja", "2019")),
        Lookup(counted_ratio, ("counted_2023", "ja", "2023")),
    ),
}
