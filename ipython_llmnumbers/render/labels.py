"""The words for figures, by name. A figure without a row is shown by its name, spaced."""

from __future__ import annotations

_LABELS = {
    "input_tokens": "Input tokens",
    "text_tokens": "– text",
    "frame_tokens": "– frames of messages",
    "tool_tokens": "– tools",
    "image_tokens": "– images",
    "input_tokens_mean": "– mean of a call",
    "input_tokens_p50": "– median",
    "input_tokens_p95": "– 95th percentile",
    "input_tokens_max": "– longest",
    "tokens_mean": "Mean",
    "tokens_p50": "Median",
    "tokens_p95": "95th percentile",
    "tokens_max": "Longest",
    "fresh_tokens": "– not cached",
    "cached_tokens": "– read from the cache",
    "cache_write_tokens": "– written to the cache",
    "fresh_usd": "– not cached",
    "cached_usd": "– read from the cache",
    "cache_write_usd": "– written to the cache",
    "concise_output_usd": "Output cost, concise",
    "window_percent": "Of the context window",
    "output_tokens": "Output tokens",
    "input_usd": "Input cost",
    "output_usd": "Output cost",
    "total_usd": "Total per call",
    "cost_ratio": "Cost ratio",
    "usd_per_mtok": "Price",
    "tokens_per_word": "Tokens per word",
    "rule_tokens_per_word": "– the rule of thumb",
    "tokens_per_char": "Tokens per character",
    "chars": "Characters",
    "weights_bytes": "Weights",
    "kv_cache_bytes": "KV cache",
    "overhead_bytes": "Overhead",
    "total_bytes": "Needed",
    "free_bytes": "Free",
    "max_context_tokens": "Largest context",
    "kv_bytes_per_token": "KV cache per token",
    "published": "2023, published",
    "recomputed": "From its inputs",
    "recomputed_8k": "The same, 8k version",
    "recomputed_by_flops": "By the arithmetic",
    "today": "Today",
    "today_anthropic": "Today, Anthropic",
    "today_desk": "Today, for a desk",
    "today_flagship": "Today, flagship",
    "today_japanese": "Today, Japanese",
    "today_largest": "Today, the largest",
    "today_quantised": "Today, quantised",
    "today_small": "Today, small model",
    "here": "Here",
    "worked": "Worked out",
    "answer": "Answer",
}


def label(name: str) -> str:
    """What a figure is called on the screen.

    >>> label("kv_cache_bytes"), label("gpu_hours")
    ('KV cache', 'Gpu hours')
    """
    return _LABELS.get(name) or name.replace("_", " ").capitalize()
