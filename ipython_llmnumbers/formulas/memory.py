"""What a model needs in memory. Bytes, tokens and parameters are plain numbers.

The names are those of a Hugging Face `config.json`, shortened the same way throughout:
`num_hidden_layers` is `n_layers`, `num_key_value_heads` is `n_kv_heads`. Every function
grows or shrinks steadily with each input, so that a range can be carried through it.
`kv.py` has the caches of other kinds than plain attention, `overhead.py` what engines add.
"""

from __future__ import annotations


def bytes_per_param(bits_per_param: float) -> float:
    """Bytes for one parameter.

    >>> bytes_per_param(16)
    2.0
    """
    return bits_per_param / 8


def weights_bytes(n_params: int, bytes_per_param: float) -> int:
    """Bytes of weights that all take the same room: twice the parameters at 16 bits.

    >>> weights_bytes(13_000_000_000, 2)
    26000000000
    """
    return int(n_params * bytes_per_param)


def shared_weights_bytes(
    n_params: int, kept_share: float, bytes_per_param: float, kept_bytes_per_param: float
) -> int:
    """Bytes of the weights where only the share that is not quantised, from 0 to 1, is assumed.

    >>> shared_weights_bytes(13_000_000_000, 0.025, 0.5, 2)
    6987500000
    """
    return int(n_params * (kept_share * kept_bytes_per_param + (1 - kept_share) * bytes_per_param))


def sum_bytes(**parts: int) -> int:
    """Bytes of several parts, each stored in its own type.

    >>> sum_bytes(experts=10_152_345_600, kept=3_608_919_168)  # gpt-oss-20b in MXFP4
    13761264768
    """
    return sum(parts.values())


def per_gpu_bytes(weights_bytes: int, replicated_bytes: int, tp: int) -> int:
    """Bytes of weights on each of `tp` GPUs: norms and routers are on all of them, the rest is divided.

    >>> per_gpu_bytes(72_656_371_712, 2_637_824, 2)  # Llama 3 70B in FP8
    36329504768
    """
    return replicated_bytes + -(-(weights_bytes - replicated_bytes) // tp)


def served_adapters_bytes(
    max_loras: int, max_lora_rank: int, whole_width: int, divided_width: int, vocab_width: int, tp: int
) -> int:
    """Bytes in 16 bits of the LoRA adapters that an engine keeps room for, all of the greatest rank.

    An adapter of a matrix is as wide as both its sides together. One of `tp` GPUs holds one side whole and
    its part of the other. Source: `create_lora_weights` in vllm/lora/layers/.

    >>> served_adapters_bytes(1, 16, 1_482_752, 1_138_688, 0, 1) // 2  # Llama 3 8B: 41,943,040 in PEFT
    41943040
    """
    return 2 * max_loras * max_lora_rank * (whole_width + vocab_width + -(-divided_width // tp))


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


def left_bytes(free_bytes: int, total_bytes: int) -> int:
    """Bytes that are still free beside the model; 0 where it does not fit.

    >>> left_bytes(24_000_000_000, 17_789_264_320)
    6210735680
    """
    return max(0, free_bytes - total_bytes)


def usable_bytes(device_bytes: int, usable_share: float) -> int:
    """Bytes of the machine's memory that a GPU without its own may use; the share is from 0 to 1.

    >>> usable_bytes(128 * 2**30, 0.75) // 2**30  # GiB
    96
    """
    return int(device_bytes * usable_share)


def usable_context_tokens(fitting_context_tokens: int, model_context_tokens: int) -> int:
    """Tokens per sequence that both the memory and the model allow.

    >>> usable_context_tokens(55_576, 8_192)
    8192
    """
    return min(fitting_context_tokens, model_context_tokens)


def kept_bytes(weights_bytes: int, outside_bytes: int, offload_bytes: int) -> int:
    """Weights that are left on a GPU which reads so many from RAM: embeddings and head stay in any case.

    Only layers are read from RAM: `make_layers` in vllm/model_executor/models/utils.py, which
    https://github.com/vllm-project/vllm/pull/6496 made so.

    >>> kept_bytes(16 * 2**30, 2 * 2**30, 10 * 2**30) // 2**30
    6
    >>> kept_bytes(16 * 2**30, 2 * 2**30, 100 * 2**30) // 2**30
    2
    """
    return max(outside_bytes, weights_bytes - offload_bytes)


def offloaded_bytes(weights_bytes: int, outside_bytes: int, offload_bytes: int) -> int:
    """Weights that a GPU reads from RAM: what is asked for, at most those of its layers.

    >>> offloaded_bytes(16 * 2**30, 2 * 2**30, 100 * 2**30) // 2**30
    14
    """
    return min(offload_bytes, max(0, weights_bytes - outside_bytes))


def pinned_bytes(host_bytes: int, n_gpus: int, pinned_factor: float) -> float:
    """What the RAM of a machine holds of weights that its GPUs read from there.

    >>> pinned_bytes(10 * 2**30, 4, 1) // 2**30
    40
    """
    return host_bytes * n_gpus * pinned_factor


def layers_share(whole: int, n_layers_here: int, n_layers: int) -> int:
    """The part of what all layers take alike that some of them take.

    >>> layers_share(320 * 2**20, 30, 80) // 2**20  # the cache of 30 of 80 layers, MiB
    120
    """
    return int(whole * n_layers_here / n_layers)


def least_tokens(**devices: int) -> int:
    """What the fullest of several devices has room for: tokens, or sequences.

    >>> least_tokens(gpu_0=40_960, ram=131_072)
    40960
    """
    return min(devices.values())


def vectors_bytes(n_vectors: int, dimensions: int, bytes_per_element: float) -> int:
    """Bytes of an index of vectors, without its graph.

    >>> vectors_bytes(1_000_000, 1_536, 4)
    6144000000
    """
    return int(n_vectors * dimensions * bytes_per_element)


def trained_to_served(training_bytes_per_param: int, serving_bytes_per_param: float) -> float:
    """How many times the memory of a weight to serve a weight in training takes.

    >>> trained_to_served(16, 2)
    8.0
    """
    return training_bytes_per_param / serving_bytes_per_param
