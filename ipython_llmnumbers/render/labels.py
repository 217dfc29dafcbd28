"""The words for figures, by name: those of the tables here, and those behind them in `formula_labels.py`."""

from __future__ import annotations

from ..messages import said, say, spoken, tell
from .formula_labels import INPUT_LABELS

LABELS = {
    "input_tokens": say("Input tokens"),
    "text_tokens": say("– text"),
    "frame_tokens": say("– frames of messages"),
    "tool_tokens": say("– tools"),
    "call_tokens": say("– tools' calls and results"),
    "thinking_tokens": say("– earlier thinking"),
    "answer_format_tokens": say("– format of the answer"),
    "image_tokens": say("– images"),
    "document_tokens": say("– PDFs"),
    "audio_tokens": say("– sound"),
    "video_tokens": say("– video"),
    "uncounted_tokens": say("– not counted"),
    "input_tokens_mean": say("– mean of a call"),
    "input_tokens_p50": say("– median"),
    "input_tokens_p95": say("– 95th percentile"),
    "input_tokens_max": say("– longest"),
    "tokens_mean": say("Mean"),
    "tokens_p50": say("Median"),
    "tokens_p95": say("95th percentile"),
    "tokens_max": say("Longest"),
    "fresh_tokens": say("– not cached"),
    "cached_tokens": say("– read from the cache"),
    "cache_write_tokens": say("– written to the cache"),
    "cache_write_1h_tokens": say("– written for an hour"),
    "cached_audio_tokens": say("– sound from the cache"),
    "audio_output_tokens": say("– sound of the answer"),
    "cached_image_tokens": say("– images from the cache"),
    "image_output_tokens": say("– images of the answer"),
    "video_output_tokens": say("– video of the answer"),
    "citation_tokens": say("– citations beside it"),
    "web_searches": say("Web searches"),
    "file_searches": say("Searches in files"),
    "code_runs": say("Runs of code"),
    "drawn_images": say("Pictures by a tool"),
    "web_searches_usd": say("Fee for web searches"),
    "file_searches_usd": say("Fee for searches in files"),
    "code_runs_usd": say("Fee for runs of code"),
    "drawn_images_usd": say("Fee for pictures by a tool"),
    "fresh_usd": say("– not cached"),
    "cached_usd": say("– read from the cache"),
    "cache_write_usd": say("– written to the cache"),
    "cache_write_1h_usd": say("– written for an hour"),
    "audio_usd": say("– sound"),
    "cached_audio_usd": say("– sound from the cache"),
    "text_output_usd": say("– text of the answer"),
    "image_input_usd": say("– images"),
    "video_input_usd": say("– video"),
    "cached_image_usd": say("– images from the cache"),
    "image_output_usd": say("– images of the answer"),
    "video_output_usd": say("– video of the answer"),
    "reasoning_usd": say("– thinking"),
    "citation_usd": say("– citations"),
    "concise_output_usd": say("Output cost, concise"),
    "window_percent": say("Of the context window"),
    "input_limit_percent": say("Of the longest input"),
    "output_tokens": say("Output tokens"),
    "input_usd": say("Input cost"),
    "output_usd": say("Output cost"),
    "requests_usd": say("Fee for each request"),
    "tokens_usd": say("Cost of the tokens"),
    "max_output_tokens": say("Output tokens, at most"),
    "max_output_usd": say("Output, at most"),
    "saved_input_tokens": say("Input, saved answer"),
    "saved_output_tokens": say("Output, saved answer"),
    "difference_percent": say("Difference"),
    "total_usd": say("Total per call"),
    "recorded_calls": say("Calls, recorded"),
    "recorded_usd": say("Total, recorded"),
    "estimated_input_tokens": say("Input tokens, estimated"),
    "estimated_usd": say("Input cost, estimated"),
    "usd_difference_percent": say("Difference of the cost"),
    "duration_s": say("Time"),
    "first_text_s": say("To first text"),
    "output_tokens_per_s": say("Output tokens/s"),
    "turns_input_tokens": say("Input tokens, all turns"),
    "turns_output_tokens": say("Output tokens, all turns"),
    "last_turn_tokens": say("– of the last turn"),
    "turns_usd": say("Total, all turns"),
    "all_turns_usd": say("Total, all conversations"),
    "turns_cached_usd": say("– with what came before read from the cache"),
    "cost_ratio": say("Cost ratio"),
    "usd_per_mtok": say("Price"),
    "tokens_per_word": say("Tokens per word"),
    "rule_tokens_per_word": say("– the rule of thumb"),
    "tokens_per_char": say("Tokens per character"),
    "chars": say("Characters"),
    "weights_bytes": say("Weights"),
    "tower_bytes": say("– of them what sees"),
    "draft_bytes": say("– of them the draft"),
    "lora_bytes": say("– of them adapters"),
    "kv_cache_bytes": say("KV cache"),
    "overhead_bytes": say("Overhead"),
    "total_bytes": say("Needed"),
    "free_bytes": say("Free"),
    "max_context_tokens": say("Largest context"),
    "max_batch_size": say("Largest batch"),
    "kv_space_bytes": say("Space for the cache"),
    "left_bytes": say("Left"),
    "kv_bytes_per_token": say("KV cache per token"),
    "adapters_bytes": say("Adapters"),
    "gradients_bytes": say("Gradients"),
    "optimizer_bytes": say("Optimizer"),
    "gathered_bytes": say("Gathered"),
    "activations_bytes": say("Activations"),
    "recomputed_bytes": say("Recomputed"),
    "logits_bytes": say("Logits"),
    "reference_bytes": say("Reference model"),
    "generation_bytes": say("Generation"),
    "moment_bytes": say("Worst moment"),
    "peak_bytes": say("Peak"),
    "flops": say("Operations"),
    "gpu_hours": say("GPU-hours"),
    "training_usd": say("Rent"),
    "days": say("Days"),
    "scaled_days": say("Days as a real run"),
    "scaled_gpu_hours": say("As a real run"),
    "scaled_usd": say("Its rent"),
    "share_of_pretraining": say("Share of making it"),
    "tokens_per_s": say("Tokens/s together"),
    "sequence_tokens_per_s": say("Tokens/s each"),
    "step_s": say("Step"),
    "read_weights_bytes": say("Weights read"),
    "prefill_tokens_per_s": say("Prompt tokens/s"),
    "batching_speedup": say("Against one"),
    "usd_per_hour": say("Rent"),
    "own_usd_per_mtok": say("A million tokens"),
    "api_usd_per_mtok": say("By API"),
    "cost_against_api": say("Own to API"),
    "published": say("2023, published"),
    "recomputed": say("From its inputs"),
    "recomputed_8k": say("The same, 8k version"),
    "recomputed_by_flops": say("By the arithmetic"),
    "today": say("Today"),
    "today_anthropic": say("Today, Anthropic"),
    "today_desk": say("Today, for a desk"),
    "today_flagship": say("Today, flagship"),
    "today_japanese": say("Today, Japanese"),
    "today_largest": say("Today, the largest"),
    "today_quantised": say("Today, quantised"),
    "today_small": say("Today, small model"),
    "here": say("Here"),
    "worked": say("Worked out"),
    "answer": say("Answer"),
}


def label(name: str) -> str:
    """What a figure is called on the screen.

    >>> label("kv_cache_bytes"), label("n_kv_heads"), label("part_2")
    ('KV cache', 'N kv heads', 'Part 2')

    The rest are names out of a model's file: of its tensors, and of the types that they have.

    >>> label("ffn_gate_exps"), label("q4_k_bytes")
    ('Ffn gate exps', 'Q4 k bytes')
    """
    known = LABELS.get(name) or INPUT_LABELS.get(name)
    if known:
        return said(known)
    of_dollars = {name.replace("local", "usd"), name.removesuffix("_local")} - {name}
    for each in of_dollars & (LABELS.keys() | INPUT_LABELS.keys()):
        return tell("{what}, converted", what=label(each))
    base, _, last = name.rpartition("_")
    if base and last == "bytes":
        return tell("{type} bytes", type=_spaced(base))
    if last.isdecimal() and base in INPUT_LABELS:
        return tell("{what} {number}", what=INPUT_LABELS[base], number=last)
    return _spaced(name)


def _spaced(name: str) -> str:
    """A name of a file: spaced like a word of English; as it is where another language is spoken."""
    return name.replace("_", " ").capitalize() if spoken() == "en" else name
