"""How many parameters a model has, from the shapes of its matrices."""

from __future__ import annotations


def matrix_params(rows: int, columns: int, count: int) -> int:
    """Parameters of alike matrices; a norm or a bias is a matrix of one row.

    >>> matrix_params(14_336, 4096, 32)  # the gates of Llama 3 8B
    1879048192
    """
    return rows * columns * count


def total_params(**parts: int) -> int:
    """Parameters of several kinds of matrices.

    >>> total_params(token_embd=525_336_576, output=525_336_576)
    1050673152
    """
    return sum(parts.values())


def active_params(params: int, expert_params: int, n_experts: int, n_experts_used: int) -> int:
    """Parameters that one token passes through, where it is sent to a few of the experts.

    Source: "Mixtral of Experts", https://arxiv.org/abs/2401.04088, section 2.1.

    >>> active_params(46_702_792_704, 45_097_156_608, 8, 2)  # Mixtral 8x7B
    12879925248
    """
    return params - expert_params + expert_params * n_experts_used // n_experts


def with_adapter_ratio(n_params: int, adapter_params: int) -> float:
    """How many times the weights of its base a model reads that has an adapter beside it.

    >>> round(with_adapter_ratio(8_030_261_248, 41_943_040), 4)
    1.0052
    """
    return (n_params + adapter_params) / n_params


def share_percent(part_params: int, n_params: int) -> float:
    """Of a hundred parameters, those of a part.

    >>> round(share_percent(37 * 10**9, 671 * 10**9), 2)
    5.51
    """
    return part_params / n_params * 100
