"""What an engine takes beside weights and cache. The constants are figures of `engines.toml`."""

from __future__ import annotations


def visible_bytes(device_bytes: int, driver_bytes: int) -> int:
    """Memory that a program sees: what the driver counts, less the driver's own.

    >>> visible_bytes(85_520_809_984, 503_316_480) / 2**30  # H100, which vLLM sees as 79.18 GiB
    79.1787109375
    """
    return device_bytes - driver_bytes


def vllm_activation_bytes(
    vocab_size: int, logit_rows: int, batched_tokens: int, hidden_size: int, intermediate_size: int
) -> int:
    """Peak of vLLM's trial run: the sampler's rows of 32-bit logits, or the widest layer if that is more.

    A small vocabulary leaves the layer: CodeLlama 7B took 0.77 GiB in vLLM 0.19.

    >>> vllm_activation_bytes(32_016, 3_950, 8_192, 4096, 11_008) / 2**30
    0.753...
    >>> vllm_activation_bytes(128_256, 9_960, 8_192, 4096, 14_336) / 2**30  # Llama 3 8B: 4.76 in the log
    4.7587...
    """
    layer = 2 * batched_tokens * (4 * hidden_size + 3 * intermediate_size)
    return max(4 * vocab_size * logit_rows, layer)


def vllm_batched_activation_bytes(
    planned_activation_bytes: int,
    planned_tokens: int,
    batched_tokens: int,
    hidden_size: int,
    intermediate_size: int,
) -> int:
    """The same peak with another number of tokens at once: each has a state and three widths of the network.

    Source: 2.84, 2.42 and 2.21 GiB with 8,192, 4,096 and 2,048 tokens, a 27B on an RTX 5090,
    https://github.com/vllm-project/vllm/issues/52872.

    >>> gib = 2**30
    >>> vllm_batched_activation_bytes(int(2.21 * gib), 2_048, 4_096, 5_120, 17_408) / gib
    2.428...
    """
    layer = 2 * batched_tokens * (4 * hidden_size + 3 * intermediate_size)
    more = 2 * (batched_tokens - planned_tokens) * (hidden_size + 3 * intermediate_size)
    return max(layer, planned_activation_bytes + more)


def used_bytes(device_bytes: int, free_bytes: int) -> int:
    """What others hold of a GPU.

    >>> used_bytes(25_769_803_776, 17_609_365_914) / 2**30  # 16.4 of 24 GiB are free
    7.59...
    """
    return max(0, device_bytes - free_bytes)


def kv_space_bytes(
    utilization: float,
    visible_bytes: int,
    free_bytes: int,
    weights_bytes: int,
    activation_bytes: int,
    non_torch_bytes: int,
    set_aside_bytes: int,
) -> int:
    """What vLLM leaves for the cache; below 0 it does not start. More than is free nobody leaves.

    Since 0.21 an estimate of the CUDA graphs is set aside first, as a lower utilization would do.

    Source: vLLM, `determine_available_memory` in vllm/v1/worker/gpu_worker.py.

    >>> gib = 2**30  # Llama 3.1 8B on an H100: 51.38 in the log
    >>> kv_space_bytes(0.9, 79.18 * gib, 78.57 * gib, 14.99 * gib, 4.76 * gib, 0.13 * gib, 0) / gib
    51.38...
    """
    taken = min(utilization * visible_bytes, free_bytes)
    return int(taken - weights_bytes - activation_bytes - non_torch_bytes - set_aside_bytes)


def vllm_overhead_bytes(
    utilization: float,
    visible_bytes: int,
    used_bytes: int,
    driver_bytes: int,
    activation_bytes: int,
    non_torch_bytes: int,
    graph_bytes: int,
    set_aside_bytes: int,
) -> int:
    """All that vLLM cannot give to weights and cache: its own, and the share that it leaves unused.

    CUDA graphs are made after the cache, out of the unused share, in which others' memory lies as well, or
    in what is set aside for them.
    """
    unused = max((1 - utilization) * visible_bytes - used_bytes, graph_bytes)
    return int(driver_bytes + unused + activation_bytes + non_torch_bytes + set_aside_bytes)


def prefill_graph_bytes(batched_tokens: int, graph_bytes: int) -> int:
    """What SGLang reserves for the graphs in which it reads prompts: one for each length of a list.

    The list grows in steps of 4 to 512 tokens, up to the tokens that are read at once. Source: SGLang,
    `generate_prefill_cuda_graph_batch_sizes` in srt/arg_groups/cuda_graph_hook.py.

    >>> prefill_graph_bytes(8_192, 8 * 2**20) // 2**20  # 58 lengths, https://github.com/sgl-project/sglang/pull/39713
    464
    """
    steps = ((4, 32), (16, 256), (32, 512), (64, 1_024), (256, 4_096), (512, batched_tokens))
    shapes, longest = 0, 0
    for step, last in steps:
        shapes += max(0, min(last, batched_tokens) - longest) // step
        longest = last
    return shapes * graph_bytes


def sglang_reserved_bytes(
    device_bytes: int, batched_tokens: int, graph_sequences: int, prefill_graph_bytes: int, tp: int
) -> int:
    """What SGLang plans to leave free for activations, CUDA graphs and buffers, by its rule of thumb.

    Source: SGLang since 0.5.3, `handle_gpu_memory_settings` in srt/arg_groups/memory_hook.py: 512 MiB,
    1.5 MiB for each token that is read at once, 2 for each sequence of the largest graph, 128 for each GPU;
    at the least 10 GiB on a GPU of more than 60.

    >>> sglang_reserved_bytes(85_520_809_984, 8_192, 256, 464 * 2**20, 1) / 2**20  # an H100
    13904.0
    """
    mib = 512 + 1.5 * max(batched_tokens, 2_048) + 2 * graph_sequences + 128 * tp
    least = 10 * 2**30 if device_bytes > 60 * 2**30 else 0
    return max(least, int(mib * 2**20) + prefill_graph_bytes)


def sglang_utilization(device_bytes: int, reserved_bytes: int, tower_share: float) -> float:
    """SGLang's `mem_fraction_static` where none is given, lower for a model that takes pictures.

    >>> sglang_utilization(85_520_809_984, 13_904 * 2**20, 1)  # an H100: 0.83, sglang pull request 39713
    0.83
    """
    return round(max(0.0, (device_bytes - reserved_bytes) / device_bytes), 3) * tower_share


def sglang_overhead_bytes(utilization: float, free_bytes: int, runtime_bytes: int) -> int:
    """The runtime, and what SGLang leaves free of the rest."""
    return int(runtime_bytes + (1 - utilization) * max(0, free_bytes - runtime_bytes))


def sglang_kv_space_bytes(utilization: float, free_bytes: int, runtime_bytes: int, weights_bytes: int) -> int:
    """What SGLang gives to the cache; below 0 it does not start.

    Source: SGLang, `_profile_available_bytes` in srt/mem_cache/kv_cache_configurator.py.

    >>> gib = 2**30  # Llama 3.1 8B on an H100, sglang pull request 4760: 54.04 in the log
    >>> sglang_kv_space_bytes(0.88, 79.65 * gib, 1.06 * gib, 15.11 * gib) / gib
    54.0...
    """
    return int(utilization * max(0, free_bytes - runtime_bytes) - weights_bytes)


def llama_cpp_compute_bytes(
    vocab_size: int,
    hidden_size: int,
    n_heads: int,
    n_ubatch: int,
    context_tokens: int,
    flash_attention: int,
) -> int:
    """llama.cpp's compute buffer: the logits of a batch, or its scores of attention if they are more.

    Without flash attention each head has a 32-bit score for each token of the batch and of
    the context, and the mask one more; four states of the batch are held beside them.

    >>> llama_cpp_compute_bytes(32_000, 4096, 32, 512, 2_048, 0) / 2**20  # Llama 2 7B: 164.01 in the log
    164.0
    >>> llama_cpp_compute_bytes(128_256, 4096, 32, 512, 8_192, 1) / 2**20  # Llama 3 8B: 258.50
    258.5
    """
    logits = 4 * n_ubatch * (vocab_size + hidden_size)
    scores = 4 * n_ubatch * ((n_heads + 1) * context_tokens + 4 * hidden_size)
    return logits if flash_attention else max(logits, scores)


def held_tokens(context_tokens: int, batch_size: int) -> int:
    """Tokens of all sequences in one cache.

    >>> held_tokens(8_192, 4)
    32768
    """
    return context_tokens * batch_size


def scores_bytes_per_token(n_heads: int, n_ubatch: int, flash_attention: int) -> int:
    """Bytes that a token of the context adds to llama.cpp's compute buffer; none with flash attention.

    >>> scores_bytes_per_token(28, 512, 0) * 32_768 / 2**30  # Qwen2.5 7B: 1.8 GiB in a log of Ollama 0.20.2
    1.8125
    """
    return 0 if flash_attention else 4 * n_ubatch * (n_heads + 1)


def activation_bytes_per_token(hidden_size: int, intermediate_size: int, prompt_share: float) -> int:
    """Bytes in 16 bits that a token takes while PyTorch reads the prompt through the widest layer.

    >>> activation_bytes_per_token(4096, 14_336, 1.0)  # Llama 3 8B
    102400
    """
    return int(prompt_share * 2 * (2 * hidden_size + 3 * intermediate_size))


def transformers_activation_bytes(
    activation_bytes_per_token: int, context_tokens: int, batch_size: int, vocab_size: int
) -> int:
    """The prompt in the widest layer, and one row of 32-bit logits for each sequence.

    >>> transformers_activation_bytes(102_400, 2_048, 1, 128_256) / 2**20  # MiB
    200.4892578125
    """
    return batch_size * (activation_bytes_per_token * context_tokens + 4 * vocab_size)


def dequantised_bytes(rows: int, columns: int) -> int:
    """The largest matrix in 16 bits, which bitsandbytes unpacks before it multiplies.

    >>> dequantised_bytes(11_008, 4096) / 2**20  # Llama 2 7B, MiB
    86.0
    """
    return 2 * rows * columns


def summed_overhead_bytes(runtime_bytes: int, activation_bytes: int, dequantised_bytes: int) -> int:
    """The runtime, the activations, and a matrix that is unpacked.

    >>> summed_overhead_bytes(536_870_912, 210_000_000, 0)
    746870912
    """
    return runtime_bytes + activation_bytes + dequantised_bytes


def encoder_bytes_per_token(hidden_size: int, intermediate_size: int, bytes_per_element: int) -> int:
    """Bytes of a token's states in the layer of an encoder: two states, and heads or the network in between.

    Queries, keys, values and their output are four states; the network holds its inner states before and
    after the activation. The same approach: https://github.com/alvarobartt/hf-mem/pull/67.

    >>> encoder_bytes_per_token(1024, 4096, 4)  # bge-large in fp32
    40960
    """
    return bytes_per_element * (2 * hidden_size + max(4 * hidden_size, 2 * intermediate_size))


def encoder_overhead_bytes(
    runtime_bytes: int, activation_bytes_per_token: int, context_tokens: int, batch_size: int
) -> int:
    """The runtime, and the states of all texts that are read at once.

    >>> encoder_overhead_bytes(0, 40_960, 512, 32) / 2**20  # MiB
    640.0
    """
    return runtime_bytes + activation_bytes_per_token * context_tokens * batch_size


def attention_scores_bytes(n_heads: int, context_tokens: int, batch_size: int, bytes_per_element: int) -> int:
    """Scores of eager attention, of each token for each other, in one allocation.

    Source: "Tried to allocate 128.00 GiB" for 32 texts, https://github.com/FlagOpen/FlagEmbedding/issues/807.

    >>> attention_scores_bytes(16, 8_192, 32, 4) / 2**30  # bge-m3 in fp32
    128.0
    """
    return n_heads * batch_size * context_tokens**2 * bytes_per_element


def unfilled_bytes(
    weights_bytes: int, kv_cache_bytes: int, n_layers: int, n_gpus: int, unfilled_share: float
) -> int:
    """Bytes that stay free on all GPUs but the last, as each holds whole layers; the share is of a layer.

    >>> unfilled_bytes(40 * 2**30, 0, 80, 2, 0.5) // 2**20  # MiB
    256
    """
    return int((n_gpus - 1) * unfilled_share * (weights_bytes + kv_cache_bytes) / n_layers)


def unfilled_when_full_bytes(
    free_bytes: int, overhead_bytes: int, n_layers: int, n_gpus: int, unfilled_share: float
) -> int:
    """The same where the model and its cache take all that an engine leaves: as many as fit with them.

    >>> unfilled_when_full_bytes(48 * 2**30, 7 * 2**30 + 512 * 2**20, 80, 2, 1.0) // 2**20  # MiB: 40 GiB fit
    512
    """
    per_byte = (n_gpus - 1) * unfilled_share / n_layers
    return int(max(0, free_bytes - overhead_bytes) * per_byte / (1 + per_byte))


def corrected_bytes(estimated_bytes: int, correction_bytes: int) -> int:
    """An estimate and what was measured beyond it on the same machine; below 0 where it was less.

    >>> corrected_bytes(1_000, -200)
    800
    """
    return estimated_bytes + correction_bytes


def beyond_bytes(measured_bytes: int, estimated_bytes: int) -> int:
    """How much more was measured than estimated; below 0 where it was less.

    >>> beyond_bytes(800, 1_000)
    -200
    """
    return measured_bytes - estimated_bytes


def kv_space_tokens(kv_space_bytes: int, kv_bytes_per_token: int) -> int:
    """Tokens that the space for the cache holds, where every layer keeps each of them.

    >>> kv_space_tokens(20_795_359_232, 131_072)  # vLLM's log of Llama 3.1 8B on an L40S: 158,656
    158656
    """
    return max(0, int(kv_space_bytes // kv_bytes_per_token))
