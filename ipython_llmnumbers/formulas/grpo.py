"""What GRPO needs beside a training step: the completions are made by the model that is trained.

Names as in `memory`. Every function grows or shrinks steadily with each input, so that a
range can be carried through it.
"""

from __future__ import annotations


def own_generation_bytes(kv_cache_bytes: int, whole_bytes: int, weights_bytes: int) -> int:
    """Bytes while the policy itself generates: the cache, and the weights of other GPUs that it gathers.

    TRL gathers them for generation unless `ds3_gather_for_generation` is off (trl/trainer/grpo_config.py).

    >>> own_generation_bytes(2_684_354_560, 16_060_522_496, 16_060_522_496) / 2**30  # the cache alone
    2.5
    """
    return kv_cache_bytes + max(0, whole_bytes - weights_bytes)


def colocated_bytes(utilization: float, visible_bytes: int, whole_bytes: int, sequence_bytes: int) -> int:
    """Bytes of a vLLM on the training GPU: its share, and at the least its weights and one sequence.

    vLLM takes `utilization` of the GPU at start, whatever it needs; with less than its weights and the
    cache of a sequence it does not start.

    >>> colocated_bytes(0.3, 80 * 2**30, 16_060_522_496, 1_073_741_824) / 2**30
    24.0
    """
    return int(max(utilization * visible_bytes, whole_bytes + sequence_bytes))


def in_turn_bytes(step_bytes: int, generation_bytes: int) -> int:
    """Bytes at the worst moment if training and generating take turns.

    >>> in_turn_bytes(6_425, 9_000)  # MB
    9000
    """
    return max(step_bytes, generation_bytes)


def at_once_bytes(step_bytes: int, generation_bytes: int) -> int:
    """Bytes at the worst moment if the generator keeps its memory while the model is trained.

    >>> at_once_bytes(6_425, 24_000)  # MB
    30425
    """
    return step_bytes + generation_bytes


def completion_logits_bytes(
    output_tokens: int, micro_batch: int, vocab_size: int, bytes_per_logit: float
) -> int:
    """Bytes of the logits of what was generated, at the worst moment of the way back.

    Unsloth counts two 16-bit copies of 8 completions of 20k tokens (unsloth.ai/blog/grpo):

    >>> round(completion_logits_bytes(20 * 1024, 8, 128_256, 2 * 2) / 2**30, 1)
    78.3
    """
    return int(output_tokens * micro_batch * vocab_size * bytes_per_logit)
