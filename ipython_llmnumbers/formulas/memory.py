"""What a dense decoder needs in memory. Bytes, tokens and parameters are plain numbers.

The names are those of a Hugging Face `config.json`, shortened the same way throughout:
`num_hidden_layers` is `n_layers`, `num_key_value_heads` is `n_kv_heads`. Every function
grows or shrinks steadily with each input, so that a range can be carried through it.
"""

from __future__ import annotations


def dense_params(
    n_layers: int,
    hidden_size: int,
    n_heads: int,
    n_kv_heads: int,
    head_dim: int,
    intermediate_size: int,
    vocab_size: int,
    tied_embeddings: int,
    qkv_bias: int,
    qk_norm: int,
) -> int:
    """Parameters of a Llama, Qwen or Mistral decoder, exactly; the last three inputs are 0 or 1.

    Queries and the output projection have every head, keys and values only the shared
    ones; the gated MLP has three matrices; each layer has two norms and the model one more.
    Source: the checkpoints themselves, as `modeling_llama.py`, `modeling_qwen2.py` and
    `modeling_qwen3.py` of transformers lay them out.

    >>> dense_params(32, 4096, 32, 8, 128, 14336, 128256, 0, 0, 0)  # Llama 3 8B
    8030261248
    """
    attention = 2 * hidden_size * n_heads * head_dim + 2 * hidden_size * n_kv_heads * head_dim
    bias = qkv_bias * (n_heads + 2 * n_kv_heads) * head_dim
    mlp = 3 * hidden_size * intermediate_size
    norms = 2 * hidden_size + qk_norm * 2 * head_dim
    embeddings_and_head = (2 - tied_embeddings) * vocab_size * hidden_size
    return n_layers * (attention + bias + mlp + norms) + embeddings_and_head + hidden_size


def linear_params(
    n_layers: int, hidden_size: int, n_heads: int, n_kv_heads: int, head_dim: int, intermediate_size: int
) -> int:
    """Parameters in the layers' matrices: the part that AWQ, GPTQ, FP8 and NF4 make smaller.

    >>> linear_params(80, 8192, 64, 8, 128, 28672)  # Llama 3 70B
    68451041280
    """
    attention = 2 * hidden_size * n_heads * head_dim + 2 * hidden_size * n_kv_heads * head_dim
    mlp = 3 * hidden_size * intermediate_size
    return n_layers * (attention + mlp)


def kept_params(n_params: int, linear_params: int) -> int:
    """Parameters that such a quantisation leaves as they are: embeddings, head, norms, biases.

    >>> kept_params(70_553_706_496, 68_451_041_280)  # Llama 3 70B
    2102665216
    """
    return n_params - linear_params


def bytes_per_param(bits_per_param: float) -> float:
    """Bytes for one parameter.

    >>> bytes_per_param(16)
    2.0
    """
    return bits_per_param / 8


def weights_bytes(n_params: int, bytes_per_param: float) -> int:
    """Bytes of the weights where each takes the same room: twice the parameters at 16 bits.

    >>> weights_bytes(13_000_000_000, 2)
    26000000000
    """
    return int(n_params * bytes_per_param)


def mixed_weights_bytes(
    linear_params: int, bytes_per_param: float, kept_params: int, kept_bytes_per_param: float
) -> int:
    """Bytes of the weights where the layers' matrices are quantised and the rest is not.

    >>> mixed_weights_bytes(68_451_041_280, 1, 2_102_665_216, 2)  # Llama 3 70B in FP8
    72656371712
    """
    return int(linear_params * bytes_per_param + kept_params * kept_bytes_per_param)


def shared_weights_bytes(
    n_params: int, kept_share: float, bytes_per_param: float, kept_bytes_per_param: float
) -> int:
    """The same where only the share that is not quantised, from 0 to 1, is known or assumed.

    >>> shared_weights_bytes(13_000_000_000, 0.025, 0.5, 2)
    6987500000
    """
    return int(n_params * (kept_share * kept_bytes_per_param + (1 - kept_share) * bytes_per_param))


def kv_bytes_per_token(n_layers: int, n_kv_heads: int, head_dim: int, kv_bytes_per_element: int) -> int:
    """Bytes that one token leaves in the KV cache; the 2 is one key and one value per head and layer.

    Source: "Efficiently Scaling Transformer Inference", https://arxiv.org/abs/2211.05102.

    >>> kv_bytes_per_token(32, 8, 128, 2)  # Llama 3 8B
    131072
    """
    return 2 * n_layers * n_kv_heads * head_dim * kv_bytes_per_element


def kv_cache_bytes(kv_bytes_per_token: int, context_tokens: int, batch_size: int) -> int:
    """Bytes of the KV cache: each sequence of the batch keeps its own context.

    >>> kv_cache_bytes(131_072, 8_192, 1) // 2**20  # MiB
    1024
    """
    return kv_bytes_per_token * context_tokens * batch_size


def reserved_bytes(free_bytes: int, reserve_share: float) -> int:
    """Bytes that an engine leaves unused on purpose, as a share of the free memory from 0 to 1.

    >>> reserved_bytes(80_000_000_000, 0.1)
    8000000000
    """
    return int(free_bytes * reserve_share)


def overhead_bytes(
    runtime_bytes: int, vocab_size: int, logit_rows: int, batch_size: int, reserved_bytes: int
) -> int:
    """Bytes beside weights and cache: the runtime, logits of 4 bytes per row and word, and the reserve.

    The logits are the largest activation of a dense model: llama.cpp's compute buffer
    with flash attention is `vocab_size × n_ubatch × 4`, and vLLM's peak follows the
    vocabulary in the same way, with more rows.

    >>> overhead_bytes(0, 128_256, 512, 1, 0)  # llama.cpp, Llama 3
    262668288
    """
    return runtime_bytes + 4 * vocab_size * max(logit_rows, batch_size) + reserved_bytes


def total_bytes(weights_bytes: int, kv_cache_bytes: int, overhead_bytes: int) -> int:
    """Bytes that must be free.

    >>> total_bytes(16_060_522_496, 1_073_741_824, 655_000_000)
    17789264320
    """
    return weights_bytes + kv_cache_bytes + overhead_bytes


def max_context_tokens(
    free_bytes: int, weights_bytes: int, overhead_bytes: int, kv_bytes_per_token: int, batch_size: int
) -> int:
    """Tokens per sequence that the remaining memory holds; 0 where the weights leave none.

    >>> max_context_tokens(24_000_000_000, 16_060_522_496, 655_000_000, 131_072, 1)
    55576
    >>> max_context_tokens(16_000_000_000, 16_060_522_496, 655_000_000, 131_072, 1)
    0
    """
    return max(0, free_bytes - weights_bytes - overhead_bytes) // (kv_bytes_per_token * batch_size)


def usable_context_tokens(fitting_context_tokens: int, model_context_tokens: int) -> int:
    """Tokens per sequence that both the memory and the model allow.

    >>> usable_context_tokens(55_576, 8_192)
    8192
    """
    return min(fitting_context_tokens, model_context_tokens)
