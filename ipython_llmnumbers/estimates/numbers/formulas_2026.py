"""The formulas of the numbers of late 2026, which stand behind the first screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...catalog.numbers_2023 import input_figure
from ...catalog.text_counts import counted_ratio, parallel_tokens
from ...formulas import conversation, cost, media, ratios, speed, tokens
from ...messages import say
from . import lookups
from .formulas_machines import FORMULAS_OF_MACHINES
from .formulas_today import holder_name, price
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
    "window_words": (
        _window("today", "words", Lookup(lookups.rule_tokens_per_word, ())),
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
    **FORMULAS_OF_MACHINES,
}
