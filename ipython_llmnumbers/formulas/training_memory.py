"""What training needs in memory, on one GPU: weights, gradients, optimizer, activations, logits.

Names as in `memory`. Every function grows or shrinks steadily with each input, so that a
range can be carried through it.
"""

from __future__ import annotations


def lora_params(adapted_width: int, rank: int) -> int:
    """Parameters of adapters: each adapted matrix gets two thin ones of `rank`, as long as its two sides.

    `adapted_width` is the sum of both sides over the adapted matrices. Source: LoRA,
    arXiv 2106.09685, section 4.1; LitGPT counts 4,194,304 on Llama 2 7B's queries and values.

    >>> lora_params(32 * 2 * (4096 + 4096), rank=8)
    4194304
    """
    return adapted_width * rank


def optimizer_bytes_per_param(moments: int, bytes_per_moment: float, master_bytes: int) -> float:
    """Bytes that the optimizer keeps of a parameter: its moments, and a 32-bit copy in mixed precision.

    >>> optimizer_bytes_per_param(moments=2, bytes_per_moment=4, master_bytes=4)  # Adam, mixed precision
    12
    """
    return moments * bytes_per_moment + master_bytes


def state_bytes(trained_params: int, bytes_per_param: float, shards: int) -> int:
    """Bytes of gradients, or of the optimizer, on one GPU of the `shards` that divide them (ZeRO).

    Source: ZeRO, arXiv 1910.02054, section 5: of 16 bytes, stages 1, 2 and 3 divide 12, 14 and 16.

    >>> state_bytes(7_500_000_000, 12, 64)  # figure 1 of the paper: 7.5B, 64 GPUs
    1406250000
    """
    return int(trained_params * bytes_per_param / shards)


def sharded_bytes(whole_bytes: int, shards: int) -> int:
    """One GPU's part of weights that the GPUs divide among them.

    >>> sharded_bytes(141_107_412_992, 8)
    17638426624
    """
    return whole_bytes // shards


def activation_numbers(projected: int, multiplied: int, activated: int, normed: int) -> int:
    """Numbers that all layers keep of one token for the way back.

    What every matrix gives (`projected`), what attention and a gated product feed to the last
    matrix of their part (`multiplied`), what a gate's activation gives (`activated`), and what
    the norms give (`normed`). Counted as arXiv 2205.05198 does in section 4.1.

    >>> h, f = 4096, 11_008  # Llama 2 7B, one layer
    >>> activation_numbers(5 * h + 2 * f, h + f, f, 2 * h)
    76800
    """
    return projected + multiplied + activated + normed


def activation_bytes_per_token(
    activation_numbers: int,
    bytes_per_element: int,
    normed: int,
    norm_bytes: int,
    attention_scores: int,
    attention_bytes: int,
) -> int:
    """Bytes that all layers keep of one token.

    A norm that is computed in 32 bits keeps `norm_bytes` more of each number. Attention without
    a fused kernel keeps `attention_bytes`, 5, of each score (equation 1 of the paper), one with
    a fused kernel (FlashAttention) none.

    >>> activation_bytes_per_token(76_800, 2, 8192, 4, 0, 0)  # Llama 2 7B, one layer
    186368
    """
    return activation_numbers * bytes_per_element + normed * norm_bytes + attention_scores * attention_bytes


def attention_scores(n_layers: int, n_heads: int, seq_tokens: int) -> int:
    """Scores of one token in all layers: one for each head and each token it looks at.

    >>> attention_scores(32, 32, 2048)
    2097152
    """
    return n_layers * n_heads * seq_tokens


def kept_activations_bytes(activation_bytes_per_token: int, seq_tokens: int, micro_batch: int) -> int:
    """Bytes of the activations of every layer, which wait for the way back.

    >>> kept_activations_bytes(32 * 186_368, 1304, 1)  # Llama 2 7B; LitGPT measured 7.77e9 for a sample
    7776763904
    """
    return activation_bytes_per_token * seq_tokens * micro_batch


def checkpoints_bytes(
    n_layers: int, hidden_size: int, bytes_per_element: int, seq_tokens: int, micro_batch: int
) -> int:
    """Bytes where only each layer's input waits, and the rest is computed again.

    Source: arXiv 2205.05198, section 4.2.2: `2sbh` a layer.

    >>> checkpoints_bytes(28, 3072, 2, 4096, 2) // 2**20  # MiB, Llama 3.2 3B
    1344
    """
    return n_layers * hidden_size * bytes_per_element * seq_tokens * micro_batch


def recomputed_layer_bytes(
    activation_bytes_per_token: int, n_layers: int, seq_tokens: int, micro_batch: int
) -> int:
    """Bytes of the one layer that is computed again while its input waited.

    >>> recomputed_layer_bytes(28 * 131_072, 28, 4096, 2) // 2**20  # MiB
    1024
    """
    return activation_bytes_per_token * seq_tokens * micro_batch // n_layers


def logits_bytes(
    seq_tokens: int, micro_batch: int, vocab_size: int, bytes_per_logit: int, chunks: int
) -> int:
    """Bytes of the logits, and of their 32-bit copy and its gradient, which chunks divide.

    In torchtune's table chunks of an eighth save 8.1 GiB on 8,192 tokens of 128,256 words: 7 of
    the 8 bytes that this counts beside the logits themselves.

    >>> (logits_bytes(4096, 2, 128_256, 2, 1) - logits_bytes(4096, 2, 128_256, 2, 8)) / 2**30
    6.849609375
    """
    return int(seq_tokens * micro_batch * vocab_size * (bytes_per_logit + 8 / chunks))


def largest_gradient_bytes(vocab_size: int, hidden_size: int, bytes_per_gradient: int) -> int:
    """Bytes of the largest single gradient, the embeddings': all there is where the optimizer steps
    while the way back goes on.

    >>> largest_gradient_bytes(128_256, 4096, 2) // 2**20  # MiB
    1002
    """
    return vocab_size * hidden_size * bytes_per_gradient


def mean_bytes_per_param(whole_bytes: int, n_params: int) -> float:
    """Bytes of a parameter where they are not all of one type.

    >>> mean_bytes_per_param(16_060_522_496, 8_030_261_248)
    2.0
    """
    return whole_bytes / n_params


def gathered_bytes(live_params: int, bytes_per_param: float) -> int:
    """Bytes of the weights that are whole for a moment where the GPUs divide them.

    >>> gathered_bytes(1_000_000_000, 2)
    2000000000
    """
    return int(live_params * bytes_per_param)


def peak_bytes(
    weights_bytes: int,
    adapters_bytes: int,
    gathered_bytes: int,
    optimizer_bytes: int,
    moment_bytes: int,
    reference_bytes: int = 0,
) -> int:
    """Bytes at the worst moment of a step: what is there throughout, and what comes and goes.

    A frozen copy of the model to compare with (`reference_bytes`) is there throughout.

    >>> peak_bytes(6_425, 0, 0, 12_851, 6_425)  # MB, Llama 3.2 3B, checkpoints
    25701
    """
    return weights_bytes + adapters_bytes + reference_bytes + gathered_bytes + optimizer_bytes + moment_bytes


def moment_bytes(
    gradients_bytes: int,
    activations_bytes: int,
    recomputed_bytes: int,
    logits_bytes: int,
    gradients_kept: float,
) -> int:
    """Bytes of a step that come and go, at its worst moment.

    On the way back gradients grow while activations are given up, so the worst moment is at
    one of its ends; where gradients are kept (1) from the step before, they are there all along.

    >>> moment_bytes(6_425, 1_409, 871, 3_152, 0)  # MB, Llama 3.2 3B, checkpoints: the gradients
    6425
    """
    on_the_way = activations_bytes + max(recomputed_bytes, logits_bytes)
    at_one_end, at_once = max(gradients_bytes, on_the_way), min(gradients_bytes, on_the_way)
    return int(at_one_end + gradients_kept * at_once)


def training_overhead_bytes(runtime_bytes: int, peak_bytes: int, unused_share: float) -> int:
    """Bytes beside the tensors: the runtime, and what the allocator holds and cannot use.

    >>> training_overhead_bytes(500_000_000, 20_000_000_000, 0.05)
    1500000000
    """
    return int(runtime_bytes + peak_bytes * unused_share)


def training_total_bytes(peak_bytes: int, overhead_bytes: int) -> int:
    """Bytes that must be free on each GPU.

    >>> training_total_bytes(20_000_000_000, 1_500_000_000)
    21500000000
    """
    return peak_bytes + overhead_bytes


# GRPO: the completions are made by the model that is trained, or by an engine beside it.


def own_generation_bytes(kv_cache_bytes: int, whole_bytes: int, weights_bytes: int) -> int:
    """Bytes while the policy itself generates: the cache, and the weights of other GPUs that it gathers.

    TRL gathers them for generation unless `ds3_gather_for_generation` is off (trl/trainer/grpo_config.py).

    >>> own_generation_bytes(2_684_354_560, 16_060_522_496, 16_060_522_496) / 2**30  # the cache alone
    2.5
    """
    return kv_cache_bytes + max(0, whole_bytes - weights_bytes)


def colocated_bytes(
    utilization: float, visible_bytes: int, whole_bytes: int, tp: int, sequence_bytes: int
) -> int:
    """Bytes of a vLLM on the training GPU: its share, and at the least its weights and one sequence.

    vLLM takes `utilization` of the GPU at start, whatever it needs; with less than its part of the weights
    and the cache of a sequence it does not start.

    >>> colocated_bytes(0.3, 80 * 2**30, 16_060_522_496, 1, 1_073_741_824) / 2**30
    24.0
    """
    return int(max(utilization * visible_bytes, whole_bytes / tp + sequence_bytes))


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
