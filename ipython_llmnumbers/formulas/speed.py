"""How fast tokens come: what a step must read and compute, against what the GPUs can.

A step of decoding makes one token for each sequence. It reads the weights once, whatever
the number of sequences, and each sequence's cache; that is why sequences are batched.
Every function grows or shrinks steadily with each input.
"""

from __future__ import annotations

from decimal import Decimal


def experts_read(n_experts: int, n_experts_used: int, batch_size: int) -> float:
    """Experts of a layer that some token of the batch is sent to, where each choice is as likely.

    >>> experts_read(8, 2, 1), round(experts_read(8, 2, 8), 2)  # Mixtral
    (2.0, 7.2)
    """
    return n_experts * (1 - (1 - n_experts_used / n_experts) ** batch_size)


def read_weights_bytes(dense_bytes: int, experts_bytes: int, experts_read: float, n_experts: int) -> int:
    """Bytes of weights that a step reads: everything but experts, and the experts that are met.

    >>> read_weights_bytes(3_000_000_000, 90_000_000_000, 2, 8)
    25500000000
    """
    return int(dense_bytes + experts_bytes * experts_read / n_experts)


def layers_latency_s(
    n_layers: int, layer_latency_s: float, exchange_latency_s: float, routing_latency_s: float
) -> float:
    """Seconds of a step that no bandwidth makes shorter: kernels start, GPUs exchange, tokens are routed.

    >>> round(layers_latency_s(80, 30e-6, 40e-6, 0), 4)  # 70B on several GPUs
    0.0056
    """
    return n_layers * (layer_latency_s + exchange_latency_s + routing_latency_s)


def compute_s(tokens: float, active_params: int, tp: int, peak_flops_per_s: int, mfu: float) -> float:
    """Seconds to compute so many tokens: 2 operations for each parameter that a token meets.

    >>> round(compute_s(1024, 8_030_261_248, 1, 989 * 10**12, 0.5), 4)  # a prompt on an H100
    0.0333
    """
    return 2 * active_params * tokens / (tp * peak_flops_per_s * mfu)


def memory_s(
    read_weights_bytes: int, tp: int, kv_cache_bytes: int, bandwidth_bytes_per_s: int, efficiency: float
) -> float:
    """Seconds to read a GPU's share of the weights, and the cache that it holds.

    >>> round(memory_s(15_000_000_000, 1, 0, 3_350_000_000_000, 0.85), 5)  # Llama 3.1 8B on an H100
    0.00527
    """
    return (read_weights_bytes / tp + kv_cache_bytes) / (bandwidth_bytes_per_s * efficiency)


def ram_bandwidth_bytes_per_s(channels: int, megatransfers_per_s: int) -> int:
    """Bytes per second of a machine's RAM: each channel moves 8 bytes a transfer.

    >>> ram_bandwidth_bytes_per_s(2, 5_600) / 1e9  # two channels of DDR5-5600, GB/s
    89.6
    """
    return channels * 8 * megatransfers_per_s * 10**6


def ram_s(
    read_weights_bytes: int, kv_cache_bytes: int, ram_bandwidth_bytes_per_s: int, ram_efficiency: float
) -> float:
    """Seconds in which the CPU reads what a model keeps in RAM, as each token passes through it.

    >>> round(ram_s(7_000_000_000, 0, 102_400_000_000, 0.5), 3)  # half of a 24B in Q4_K_M
    0.137
    """
    return (read_weights_bytes + kv_cache_bytes) / (ram_bandwidth_bytes_per_s * ram_efficiency)


def link_s(read_weights_bytes: int, tp: int, link_bytes_per_s: int) -> float:
    """Seconds in which GPUs read weights that lie in RAM, each its part over a link of its own.

    >>> link_s(10 * 10**9, 1, 25 * 10**9)
    0.4
    """
    return read_weights_bytes / (tp * link_bytes_per_s)


def offloaded_read_bytes(offload_bytes: int, n_gpus: int, read_weights_bytes: int, weights_bytes: int) -> int:
    """Of the weights that GPUs keep in RAM, what a step reads: the share that it reads of all.

    >>> offloaded_read_bytes(5 * 10**9, 2, 4 * 10**9, 20 * 10**9) / 1e9
    2.0
    """
    return int(min(offload_bytes * n_gpus, weights_bytes) * read_weights_bytes / weights_bytes)


def read_on_gpus_bytes(read_weights_bytes: int, offload_bytes: int) -> int:
    """What a step reads of the weights on the GPUs: all that it does not read from RAM.

    >>> read_on_gpus_bytes(4 * 10**9, 2 * 10**9)
    2000000000
    """
    return max(0, read_weights_bytes - offload_bytes)


def laid_memory_s(**devices_s: float) -> float:
    """Seconds in which devices that work one after the other read what each of them holds.

    >>> round(laid_memory_s(gpu_0=0.013, ram=0.137), 3)
    0.15
    """
    return sum(devices_s.values())


def step_s(memory_s: float, layers_latency_s: float, compute_s: float, prompts_compute_s: float) -> float:
    """Seconds of one step, in which every sequence gets a token.

    Its tokens are computed while weights and caches are read; prompts that are read beside them, and what
    waits in each layer, come on top.

    >>> round(step_s(0.00527, 0.00096, 0.0001, 0.0005), 5)
    0.00673
    """
    return max(memory_s, compute_s) + prompts_compute_s + layers_latency_s


def step_prompt_tokens(batch_size: int, prompt_tokens: int, output_tokens: int) -> float:
    """Tokens of prompts that a step reads where new ones keep the batch full.

    >>> step_prompt_tokens(8, 1024, 512)
    16.0
    """
    return batch_size * prompt_tokens / output_tokens


def held_tokens(context_tokens: int, output_tokens: int) -> int:
    """Tokens that a sequence holds on average while its answer grows.

    >>> held_tokens(1536, 512)
    1280
    """
    return context_tokens - output_tokens // 2


def tokens_per_s(batch_size: int, step_s: float) -> float:
    """Tokens that all sequences get in a second.

    >>> tokens_per_s(8, 0.0074)
    1081.081081081081
    """
    return batch_size / step_s


def prefill_s(compute_s: float, layers_latency_s: float, prompt_link_s: float) -> float:
    """Seconds until a prompt is read and the answer can begin, on GPUs that do nothing else.

    >>> round(prefill_s(0.033, 0.001, 0), 3)
    0.034
    """
    return compute_s + layers_latency_s + prompt_link_s


def prompt_link_s(ram_bytes: int, prompt_tokens: int, n_ubatch: int, link_bytes_per_s: int) -> float:
    """Seconds in which the GPU gets the weights that lie in RAM, once for each micro-batch of a prompt.

    A prompt of gpt-oss-120b with 26 layers' experts in RAM was read at 380 tokens a second by 512 at once, at
    1,680 by 4,096 (an RTX 3090, https://github.com/ggml-org/llama.cpp/pull/15077 has the option).

    >>> round(4_096 / prompt_link_s(44 * 10**9, 4_096, 512, 22 * 10**9))  # tokens a second
    256
    """
    return -(-prompt_tokens // n_ubatch) * ram_bytes / link_bytes_per_s


def prefill_tokens_per_s(prompt_tokens: int, prefill_s: float) -> float:
    """Tokens of a prompt that are read in a second.

    >>> round(prefill_tokens_per_s(1024, 0.034))
    30118
    """
    return prompt_tokens / prefill_s


def machine_usd_per_hour(usd_per_gpu_hour: Decimal, n_gpus: int) -> Decimal:
    """The rent of all the GPUs that the model is divided among.

    >>> machine_usd_per_hour(Decimal("6.88"), 2)
    Decimal('13.76')
    """
    return usd_per_gpu_hour * n_gpus


def own_usd_per_mtok(usd_per_hour: Decimal, tokens_per_s: float) -> Decimal:
    """Dollars for a million tokens on a machine that is paid by the hour and never idle.

    >>> own_usd_per_mtok(Decimal("3.60"), 1000.0)
    Decimal('1.000000')
    """
    return usd_per_hour / 3600 / Decimal(str(tokens_per_s)) * 1_000_000


def cost_against_api(own_usd_per_mtok: Decimal, api_usd_per_mtok: Decimal) -> Decimal:
    """How many times the price of an API a token of one's own costs.

    >>> cost_against_api(Decimal("1.50"), Decimal("0.60"))
    Decimal('2.5')
    """
    return own_usd_per_mtok / api_usd_per_mtok


def prefill_to_decode(prefill_tokens_per_s: float, tokens_per_s: float) -> float:
    """How many times as fast a prompt is read as one answer is written.

    >>> round(prefill_to_decode(24_000, 157))
    153
    """
    return prefill_tokens_per_s / tokens_per_s


def tokens_per_s_of_gap(ms_per_token: float) -> float:
    """Tokens a second at so many milliseconds between two tokens.

    >>> tokens_per_s_of_gap(40)
    25.0
    """
    return 1000 / ms_per_token


def load_s(n_bytes: int, bytes_per_s: int) -> float:
    """Seconds to move so many bytes.

    >>> load_s(16 * 10**9, 125 * 10**6)  # over 1 Gbit/s
    128.0
    """
    return n_bytes / bytes_per_s


def answer_wh(output_tokens: int, tokens_per_s: float, watts: float) -> float:
    """Watt-hours of one answer on a GPU that draws so much, while it writes so many tokens a second for all.

    >>> round(answer_wh(300, 4_550, 700), 3), round(answer_wh(300, 157, 700), 2)
    (0.013, 0.37)
    """
    return output_tokens / tokens_per_s * watts / 3600


def queries_per_s(n_queries: int, seconds: float) -> float:
    """Queries a second of a batch that takes so long.

    >>> queries_per_s(25, 10)
    2.5
    """
    return n_queries / seconds
