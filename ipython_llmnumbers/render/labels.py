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
    "max_batch_size": "Largest batch",
    "kv_space_bytes": "Space for the cache",
    "left_bytes": "Left",
    "kv_bytes_per_token": "KV cache per token",
    "adapters_bytes": "Adapters",
    "gradients_bytes": "Gradients",
    "optimizer_bytes": "Optimizer",
    "gathered_bytes": "Gathered",
    "activations_bytes": "Activations",
    "recomputed_bytes": "Recomputed",
    "logits_bytes": "Logits",
    "moment_bytes": "Worst moment",
    "peak_bytes": "Peak",
    "flops": "Operations",
    "gpu_hours": "GPU-hours",
    "training_usd": "Rent",
    "scaled_gpu_hours": "As a real run",
    "scaled_usd": "Its rent",
    "share_of_pretraining": "Share of making it",
    "tokens_per_s": "Tokens/s together",
    "sequence_tokens_per_s": "Tokens/s each",
    "step_s": "Step",
    "read_weights_bytes": "Weights read",
    "prefill_tokens_per_s": "Prompt tokens/s",
    "batching_speedup": "Against one",
    "usd_per_hour": "Rent",
    "own_usd_per_mtok": "A million tokens",
    "api_usd_per_mtok": "By API",
    "cost_against_api": "Own to API",
}


def label(name: str) -> str:
    """What a figure is called on the screen.

    >>> label("kv_cache_bytes"), label("qkv_bias")
    ('KV cache', 'Qkv bias')
    """
    return _LABELS.get(name) or name.replace("_", " ").capitalize()
