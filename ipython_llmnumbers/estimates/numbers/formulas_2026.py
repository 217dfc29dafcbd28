"""The formulas of the numbers of late 2026, which stand behind the first screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...catalog.numbers_2023 import input_figure
from ...catalog.text_counts import counted_ratio, parallel_tokens
from ...formulas import conversation, cost, media, memory, parameters, ratios, speed, tokens, training
from ...messages import say
from . import lookups
from .formulas_today import QUANT_BITS, gqa, holder_name, price
from .inputs import Formula, Lookup, Spread, Term, make_formula


def _language(name: str, language: str, year: str = "2026") -> Formula:
    return make_formula(
        name,
        "×",
        tokens.tokens_ratio,
        say("one sentence"),
        tokens=Lookup(parallel_tokens, (language, year)),
        first_tokens=Lookup(parallel_tokens, ("en", year)),
    )


def _page(name: str, pdf: str, pasted: str, note: str) -> Formula:
    return make_formula(name, "×", tokens.tokens_ratio, note, tokens=pdf, first_tokens=pasted)


def _own(figure: str, batch: int, name: str = "") -> Lookup:
    """A figure of our own speed of the open model on the GPU, for a batch."""
    return Lookup(lookups.own_speed, ("open_model", "gpu", figure, str(batch)), name)


def _own_usd(name: str, batch: int) -> Formula:
    return make_formula(
        name,
        "USD/Mtok",
        speed.own_usd_per_mtok,
        say("batch {n}", n=batch),
        usd_per_hour=Lookup(lookups.gpu_rent_of, ("gpu",)),
        tokens_per_s=_own("tokens_per_s", batch),
    )


def _questions(name: str, role: str) -> Formula:
    return make_formula(
        name,
        "USD",
        ratios.requests_usd,
        holder_name(role),
        requests="asked_requests",
        input_tokens="asked_input_tokens",
        output_tokens="asked_output_tokens",
        input_usd_per_mtok=price(role, "input"),
        output_usd_per_mtok=price(role, "output"),
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


def _window(name: str, unit: str, per_unit: Term) -> Formula:
    return make_formula(
        name,
        unit,
        tokens.units_in_window,
        holder_name("openai_flagship"),
        window_tokens=Lookup(lookups.window_of, ("openai_flagship",)),
        tokens_per_unit=per_unit,
    )


def _loop(name: str, function: Callable[..., Any], cache: Mapping[str, Term], note: str = "") -> Formula:
    """The input of an agent's steps; with what a cache charges."""
    return Formula(name, "tokens", function, {**_LOOP, **cache}, note)


_CACHE_RATIOS: dict[str, Term] = {
    "write_ratio": Lookup(lookups.price_ratio_of, ("openai_flagship", "cache_write")),
    "read_ratio": Lookup(lookups.price_ratio_of, ("openai_flagship", "cached_input")),
}
_LOOP: dict[str, Term] = {
    "steps": "agent_steps",
    "first_tokens": "agent_first_tokens",
    "added_tokens": "agent_added_tokens",
}

FORMULAS_2026: dict[str, tuple[Term, ...]] = {
    "language_token_tax": (
        _language("today", "ja"),
        _language("today_german", "de"),
        _language("japanese_2023", "ja", "2023"),
    ),
    "agent_to_chat_tokens": (
        Lookup(lookups.noted_input, ("agent_ratio", say("Anthropic's own agents")), "today"),
        Lookup(input_figure, ("multi_agent_ratio",), "several_agents"),
    ),
    "agent_loop_tokens": (
        _loop("today", conversation.loop_tokens, {}, say("3,000 tokens: and 1,500 a step")),
        _loop("cached", conversation.cached_loop_tokens, _CACHE_RATIOS),
    ),
    "cache_repaying_reads": (
        make_formula(
            "today",
            "calls",
            cost.repaying_reads,
            holder_name("openai_flagship"),
            input_usd_per_mtok=price("openai_flagship", "input"),
            write_usd_per_mtok=price("openai_flagship", "cache_write"),
            read_usd_per_mtok=price("openai_flagship", "cached_input"),
        ),
    ),
    "tool_tokens": (
        make_formula(
            "today",
            "tokens",
            tokens.added_tokens,
            say("Claude, get_weather"),
            tokens_with="tool_with_tokens",
            tokens_without="tool_without_tokens",
        ),
    ),
    "page_tokens": (
        Spread(
            "today",
            "×",
            {
                "claude": _page("claude", "pdf_page_tokens", "pasted_page_tokens", "Claude 5.5"),
                "gemini": _page("gemini", "pdf_page_gemini_tokens", "pasted_page_gemini_tokens", "Gemini 3"),
            },
            "Gemini 3, Claude 5.5",
        ),
        "pdf_page_tokens",
        "pdf_page_gemini_tokens",
        "pasted_page_tokens",
        "image_tokens",
    ),
    "audio_tokens_per_minute": (
        make_formula(
            "today",
            "tokens",
            media.sound_tokens,
            "Gemini",
            seconds="a_minute",
            tokens_per_s="audio_tokens_per_s",
        ),
    ),
    "reading_tokens_per_s": (
        make_formula(
            "today",
            "tokens/s",
            tokens.reading_tokens_per_s,
            say("English non-fiction"),
            words_per_minute="words_per_minute",
            tokens_per_word="rule_tokens_per_word",
        ),
    ),
    "fluent_tokens_per_s": (
        make_formula(
            "today",
            "tokens/s",
            speed.tokens_per_s_of_gap,
            "MLPerf, Llama-2-70B Interactive",
            ms_per_token="fluent_ms_per_token",
        ),
        "fluent_ttft_ms",
    ),
    "prefill_to_decode_speed": (
        make_formula(
            "today",
            "×",
            speed.prefill_to_decode,
            say("{model} on {gpu}", model=holder_name("open_model"), gpu=holder_name("gpu")),
            prefill_tokens_per_s=_own("prefill_tokens_per_s", 1),
            tokens_per_s=_own("tokens_per_s", 1),
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
    "thousand_questions_usd": (
        Spread(
            "today",
            "USD",
            {
                "flagship": _questions("flagship", "openai_flagship"),
                "small": _questions("small", "openai_small"),
                "anthropic": _questions("anthropic", "anthropic_flagship"),
            },
            say(
                "{small} to {flagship}",
                small=holder_name("openai_small"),
                flagship=holder_name("anthropic_flagship"),
            ),
        ),
        _questions("today_small", "openai_small"),
        _questions("today_flagship", "openai_flagship"),
        _questions("today_anthropic", "anthropic_flagship"),
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
    "window_words": (
        _window("today", "words", "rule_tokens_per_word"),
        _window("japanese_chars", "characters", Lookup(counted_ratio, ("tokens_per_char", "ja", "2026"))),
        make_formula(
            "window_usd",
            "USD",
            cost.tokens_usd,
            holder_name("openai_flagship"),
            tokens=Lookup(lookups.window_of, ("openai_flagship",)),
            usd_per_mtok=price("openai_flagship", "long_input"),
        ),
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
