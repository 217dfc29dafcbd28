"""What training costs: GPU-hours from a run or from the arithmetic, and their price."""

from __future__ import annotations

from decimal import Decimal


def run_gpu_hours(n_gpus: int, days: int) -> int:
    """GPU-hours of a run, all GPUs busy throughout.

    LLaMA-65B (arXiv 2302.13971, section 2.4): 2048 GPUs for about 21 days; Table 15 counts 1,022,362.

    >>> run_gpu_hours(2048, 21)
    1032192
    """
    return n_gpus * days * 24


def calendar_days(gpu_hours: float, n_gpus: int) -> float:
    """Days of a run, all GPUs busy throughout: what they lose to each other is in the GPU-hours.

    DeepSeek-V3 (arXiv 2412.19437, section 1): 2,664,000 hours on 2,048 GPUs, "less than two months".

    >>> round(calendar_days(2_664_000, 2048), 1)
    54.2
    """
    return gpu_hours / n_gpus / 24


def scaled_gpu_hours(gpu_hours: int, trained_tokens: int, target_tokens: int) -> int:
    """GPU-hours for another number of tokens: the work per token of one model is constant.

    >>> scaled_gpu_hours(135_168, 1_000_000_000_000, 1_400_000_000_000)
    189235
    """
    return round(gpu_hours * target_tokens / trained_tokens)


def training_flops(n_params: int, n_tokens: int) -> int:
    """Operations to train a dense model.

    2 per parameter and token forward and 4 backward (Kaplan et al., arXiv 2001.08361, section 2.1);
    attention over the context is left out.

    >>> training_flops(13_000_000_000, 1_000_000_000_000) == 78 * 10**21
    True
    """
    return 6 * n_params * n_tokens


def gpu_hours_for_flops(flops: int, peak_flops_per_s: int, mfu: float) -> float:
    """GPU-hours at a share `mfu` of the peak ("model FLOPs utilization", arXiv 2204.02311, section 4.1).

    LLaMA-13B's 135,168 GPU-hours come out at 0.514:

    >>> round(gpu_hours_for_flops(78 * 10**21, 312 * 10**12, 0.514))
    135106
    """
    return flops / (peak_flops_per_s * mfu) / 3600


def training_usd(gpu_hours: float, usd_per_gpu_hour: Decimal) -> Decimal:
    """The rent of the GPUs.

    >>> training_usd(1000, Decimal("5"))
    Decimal('5000')
    """
    return Decimal(str(gpu_hours)) * usd_per_gpu_hour


def usd_per_gpu_hour(usd_per_hour: Decimal, n_gpus: int) -> Decimal:
    """The share of one GPU in the rent of a machine.

    >>> usd_per_gpu_hour(Decimal("21.96"), 8)
    Decimal('2.745')
    """
    return usd_per_hour / n_gpus


def lora_training_flops(n_params: int, n_tokens: int) -> int:
    """Operations where the weights are frozen: 2 forward, 2 backward; their own gradients are not made.

    >>> lora_training_flops(13_000_000_000, 1_000_000) == 52 * 10**15
    True
    """
    return 4 * n_params * n_tokens


def share_of_pretraining(n_tokens: int, pretraining_tokens: int) -> float:
    """The cost of tuning a model against that of making it: the price per token is the same, or less.

    >>> share_of_pretraining(10_000_000, 1_400_000_000_000) < 0.001
    True
    """
    return n_tokens / pretraining_tokens


def implied_mfu(flops: int, gpu_hours: int, peak_flops_per_s: int) -> float:
    """The share of the peak that a published run reached.

    LLaMA-13B (arXiv 2302.13971, Table 15):

    >>> round(implied_mfu(78 * 10**21, 135_168, 312 * 10**12), 3)
    0.514
    """
    return flops / (gpu_hours * 3600 * peak_flops_per_s)


def tuning_share(tuned_tokens: int, training_tokens: int) -> float:
    """The cost of tuning a model by LoRA against that of training it, both on the same GPUs.

    4 operations for each parameter and token against 6, so the size of the model cancels out.

    >>> tuning_share(10_000_000, 1_400_000_000_000) < 0.00001
    True
    """
    return 4 * tuned_tokens / (6 * training_tokens)


def cited_run_usd(days: float, gpus: int, usd_per_gpu_hour: Decimal) -> Decimal:
    """The rent of a run that is told by its days and its GPUs.

    The document's 21 days on 2,048 A100s at $5:

    >>> cited_run_usd(21, 2048, Decimal(5))
    Decimal('5160960')
    """
    return Decimal(str(days)) * 24 * gpus * usd_per_gpu_hour
