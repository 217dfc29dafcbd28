"""What a model keeps of each sequence: keys and values, latents, windows, states.

Layers of one kind are one group; a group's bytes per token are added up where every token
is kept (`growing`), apart where only a window is (`sliding`), and a state or an encoder's
keys and values are `fixed`. Sources: the papers named at each, and the engines' own logs.
"""

from __future__ import annotations

from bisect import bisect_left


def attention_bytes_per_token(
    n_layers: int, n_kv_heads: int, key_dim: int, value_dim: int, kv_bits_per_element: float
) -> int:
    """Bytes of a token in layers of attention: a key and a value for each head.

    Source: "Efficiently Scaling Transformer Inference", https://arxiv.org/abs/2211.05102.

    >>> attention_bytes_per_token(32, 8, 128, 128, 16)  # Llama 3 8B
    131072
    """
    return int(n_layers * n_kv_heads * (key_dim + value_dim) * kv_bits_per_element / 8)


def latent_bytes_per_token(
    n_layers: int, kv_lora_rank: int, qk_rope_head_dim: int, kv_bits_per_element: float
) -> int:
    """Bytes of a token in layers of latent attention: one latent for all heads, and the rotary part.

    Source: "DeepSeek-V2", https://arxiv.org/abs/2405.04434, section 2.1.

    >>> latent_bytes_per_token(61, 512, 64, 16)  # DeepSeek-V3
    70272
    """
    return int(n_layers * (kv_lora_rank + qk_rope_head_dim) * kv_bits_per_element / 8)


def expanded_bytes_per_token(n_layers: int, expanded_dim: int, kv_bits_per_element: float) -> int:
    """Bytes of a token where an engine keeps the keys and values that the latent stands for.

    >>> expanded_bytes_per_token(61, 128 * (192 + 128), 16)  # 71 times the latent of DeepSeek-V3
    4997120
    """
    return int(n_layers * expanded_dim * kv_bits_per_element / 8)


def index_bytes_per_token(n_layers: int, index_head_dim: int) -> int:
    """Bytes of a token for the lightning indexer: a key in 8 bits, and a 32-bit scale for 128 numbers.

    Source: vLLM, `DeepseekV32IndexerCache` in vllm/model_executor/models/deepseek_v2.py.

    >>> index_bytes_per_token(61, 128)  # DeepSeek-V3.2
    8052
    """
    return n_layers * (index_head_dim + 4 * -(-index_head_dim // 128))


def state_bytes(n_layers: int, state_numbers: int, conv_numbers: int) -> int:
    """Bytes of a sequence in layers with a state, in 32 bits, and the tail of a convolution, in 16.

    >>> state_bytes(28, 8192 * 16, 8192 * 3)  # Jamba 1.5 Mini
    16056320
    """
    return n_layers * (4 * state_numbers + 2 * conv_numbers)


def sum_bytes_per_token(**groups: int) -> int:
    """Bytes of a token in layers of several kinds.

    >>> sum_bytes_per_token(full=24_576, sliding=24_576)  # gpt-oss-20b
    49152
    """
    return sum(groups.values())


def pooled_bytes_per_token(growing: int, sliding: int, window_share: float) -> int:
    """Bytes of a token where the layers with a window have a pool for that share of all tokens.

    >>> pooled_bytes_per_token(24_576, 24_576, 0.8)  # gpt-oss 20B in SGLang
    44236
    """
    return int(growing + window_share * sliding)


def heads_per_gpu(n_kv_heads: int, tp: int) -> int:
    """Heads whose keys and values one of `tp` GPUs keeps: at least one, as a head is not divided.

    >>> heads_per_gpu(8, 2), heads_per_gpu(8, 16)
    (4, 1)
    """
    return max(1, n_kv_heads // tp)


def rounded_tokens(context_tokens: int, block_tokens: int) -> int:
    """Tokens that an engine sets aside, as it gives out whole blocks.

    >>> rounded_tokens(2_000, 16), rounded_tokens(2_001, 16)
    (2000, 2016)
    """
    return -(-context_tokens // block_tokens) * block_tokens


def whole_blocks_tokens(fitting_tokens: int, block_tokens: int) -> int:
    """Tokens of the blocks that fit in whole.

    >>> whole_blocks_tokens(2_015, 16)
    2000
    """
    return fitting_tokens // block_tokens * block_tokens


def window_cells(sliding_window: int, n_ubatch: int) -> int:
    """Tokens that llama.cpp keeps of a window: those of a batch on top of it, in steps of 256.

    Source: llama.cpp, `llama_kv_cache_iswa` in src/llama-kv-cache-iswa.cpp.

    >>> window_cells(128, 512)  # gpt-oss
    768
    """
    return -(-(sliding_window + n_ubatch) // 256) * 256


def shared_cache_bytes(
    growing_bytes_per_token: int,
    sliding_bytes_per_token: int,
    sliding_window: int,
    n_ubatch: int,
    fixed_bytes: int,
    context_tokens: int,
    batch_size: int,
) -> int:
    """Bytes of a cache that all slots of llama.cpp share: one window for each, and one batch for all.

    Source: llama.cpp, `llama_kv_cache_iswa` in src/llama-kv-cache-iswa.cpp, with one stream (`kv_unified`).

    >>> shared_cache_bytes(10 * 8_192, 52 * 8_192, 1_024, 512, 0, 8_192, 2) // 2**20  # gemma-3-27b, MiB
    2320
    """
    cells = -(-context_tokens * batch_size // 256) * 256
    in_windows = min(cells, window_cells(sliding_window * batch_size, n_ubatch))
    return growing_bytes_per_token * cells + sliding_bytes_per_token * in_windows + fixed_bytes * batch_size


def sequence_bytes(
    growing_bytes_per_token: int,
    sliding_bytes_per_token: int,
    window_tokens: int,
    fixed_bytes: int,
    context_tokens: int,
) -> int:
    """Bytes that one sequence keeps.

    >>> sequence_bytes(24_576, 24_576, 128, 0, 32_768) // 2**20  # gpt-oss-20b, MiB
    771
    """
    kept_in_window = min(context_tokens, window_tokens)
    return growing_bytes_per_token * context_tokens + sliding_bytes_per_token * kept_in_window + fixed_bytes


def active_sequence_bytes(sequence_bytes: int, activation_bytes_per_token: int, context_tokens: int) -> int:
    """Bytes of a sequence with what reading it takes, where all sequences are read at once.

    >>> active_sequence_bytes(1_073_741_824, 102_400, 8_192)
    1912602624
    """
    return sequence_bytes + activation_bytes_per_token * context_tokens


def cache_bytes(sequence_bytes: int, batch_size: int) -> int:
    """Bytes of all sequences of a batch.

    >>> cache_bytes(808_452_096, 16)
    12935233536
    """
    return sequence_bytes * batch_size


def divided_bytes(fixed_bytes: int, tp: int) -> int:
    """Bytes of a state on each of `tp` GPUs, which share its heads.

    >>> divided_bytes(16_056_320, 2)
    8028160
    """
    return -(-fixed_bytes // tp)


def max_context_tokens(
    free_bytes: int,
    weights_bytes: int,
    overhead_bytes: int,
    batch_size: int,
    growing_bytes_per_token: int,
    sliding_bytes_per_token: int,
    window_tokens: int,
    fixed_bytes: int,
) -> int:
    """Tokens per sequence that the memory holds; 0 where there is room for none.

    Below the window every layer grows; past it only those without a window do.

    >>> max_context_tokens(24_000_000_000, 16_060_522_496, 655_000_000, 1, 131_072, 0, 0, 0)
    55576
    >>> max_context_tokens(16_000_000_000, 16_060_522_496, 655_000_000, 1, 131_072, 0, 0, 0)
    0
    """
    room = max(0, (free_bytes - weights_bytes - overhead_bytes) // batch_size - fixed_bytes)
    in_window = room // (growing_bytes_per_token + sliding_bytes_per_token)
    past_window = (room - sliding_bytes_per_token * window_tokens) // growing_bytes_per_token
    return max(min(in_window, window_tokens), past_window)


def max_windowed_context_tokens(
    free_bytes: int,
    weights_bytes: int,
    overhead_bytes: int,
    batch_size: int,
    sliding_bytes_per_token: int,
    window_tokens: int,
    fixed_bytes: int,
    block_tokens: int,
    model_context_tokens: int,
) -> int:
    """The same where no layer keeps every token: once the window and the states fit, any length does.

    >>> max_windowed_context_tokens(24_000_000_000, 14_483_464_192, 0, 1, 131_072, 4_096, 0, 16, 32_768)
    32768
    """
    room = (free_bytes - weights_bytes - overhead_bytes) // batch_size - fixed_bytes
    if room < sliding_bytes_per_token * min(window_tokens, model_context_tokens):
        return max(0, room) // max(1, sliding_bytes_per_token) // block_tokens * block_tokens
    return model_context_tokens


def max_shared_context_tokens(
    free_bytes: int,
    weights_bytes: int,
    overhead_bytes: int,
    batch_size: int,
    growing_bytes_per_token: int,
    sliding_bytes_per_token: int,
    sliding_window: int,
    n_ubatch: int,
    fixed_bytes: int,
) -> int:
    """Tokens per sequence of a cache that all slots share.

    >>> max_shared_context_tokens(2_320 * 2**20, 0, 0, 2, 10 * 8_192, 52 * 8_192, 1_024, 512, 0)
    8192
    """
    room = max(0, free_bytes - weights_bytes - overhead_bytes - fixed_bytes * batch_size)
    windows = window_cells(sliding_window * batch_size, n_ubatch)
    in_windows = room // (growing_bytes_per_token + sliding_bytes_per_token)
    past_windows = (room - sliding_bytes_per_token * windows) // growing_bytes_per_token
    cells = max(0, min(in_windows, windows), past_windows)
    return cells // 256 * 256 // batch_size


def max_shared_batch_size(
    free_bytes: int,
    weights_bytes: int,
    overhead_bytes: int,
    growing_bytes_per_token: int,
    sliding_bytes_per_token: int,
    sliding_window: int,
    n_ubatch: int,
    fixed_bytes: int,
    context_tokens: int,
) -> int:
    """Sequences of this context in a cache that all slots share.

    >>> max_shared_batch_size(2_320 * 2**20, 0, 0, 10 * 8_192, 52 * 8_192, 1_024, 512, 0, 8_192)
    2
    """
    room = max(0, free_bytes - weights_bytes - overhead_bytes)

    def is_too_much(batch_size: int) -> bool:
        cache = shared_cache_bytes(
            growing_bytes_per_token,
            sliding_bytes_per_token,
            sliding_window,
            n_ubatch,
            fixed_bytes,
            context_tokens,
            batch_size,
        )
        return cache > room

    most = room // (growing_bytes_per_token * context_tokens) + 1
    return bisect_left(range(1, most + 1), True, key=is_too_much)


def max_batch_size(
    free_bytes: int,
    weights_bytes: int,
    overhead_bytes: int,
    sequence_bytes: int,
    vocab_size: int,
    logit_rows: int,
    n_gpus: int = 1,
) -> int | None:
    """Sequences of this context that the memory holds, each with its own cache.

    Beside them are on each GPU `logit_rows` of 32-bit logits, or a row for each sequence if those are more.
    Unknown if a file names neither a cache nor a vocabulary, as an adapter's does.

    >>> max_batch_size(24_000_000_000, 16_060_522_496, 655_000_000, 1_073_741_824, 128_256, 0)
    6
    """
    room_bytes, row_bytes = max(0, free_bytes - weights_bytes - overhead_bytes), 4 * vocab_size * n_gpus
    if not sequence_bytes + row_bytes:
        return None
    if sequence_bytes:
        with_rows = max(0, room_bytes - row_bytes * logit_rows) // sequence_bytes
        if with_rows <= logit_rows:
            return with_rows
    return max(logit_rows, room_bytes // (sequence_bytes + row_bytes))
