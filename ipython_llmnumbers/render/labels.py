"""The words for figures, by name. A figure without a row is shown by its name, spaced."""

from __future__ import annotations

_LABELS = {
    "input_tokens": "Input tokens",
    "output_tokens": "Output tokens",
    "input_usd": "Input cost",
    "output_usd": "Output cost",
    "total_usd": "Total per call",
    "usd_per_mtok": "Price",
    "tokens_per_word": "Tokens per word",
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
