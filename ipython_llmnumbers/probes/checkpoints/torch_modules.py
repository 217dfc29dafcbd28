"""A model that lies in the notebook's memory: its parameters and buffers, counted without torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...errors import UsageError
from ...messages import say
from .read import Checkpoint
from .tensors import Tensor


def module_checkpoint(name: str, value: object) -> Checkpoint:
    """What an object has: parameters and buffers as torch's modules do, a `config` as transformers' do.

    Raises:
        UsageError: it has neither.
    """
    where = say("the variable {name}", name=name)
    if isinstance(value, Mapping):
        return Checkpoint(name, where, dict(value))
    config = _config(value)
    tensors = tuple(_tensors(value))
    if config is None and not tensors:
        raise UsageError(
            "{name} is a {kind}; give a torch module, a transformers model or a config",
            name=name,
            kind=type(value).__name__,
        )
    return Checkpoint(name, where, config, tensors)


def _config(value: object) -> Mapping[str, Any] | None:
    holder = getattr(value, "config", value)
    convert = getattr(holder, "to_dict", None)
    found = convert() if callable(convert) else None
    return found if isinstance(found, Mapping) and found.get("model_type") else None


def _tensors(value: object) -> list[Tensor]:
    """Every parameter and buffer once, as tied ones are one."""
    seen: dict[int, Tensor] = {}
    for method in ("named_parameters", "named_buffers"):
        listed = getattr(value, method, None)
        if not callable(listed):
            continue
        for name, tensor in listed():
            try:
                shape = tuple(int(size) for size in tensor.shape)
                width = int(tensor.element_size())
                kind = str(tensor.dtype).rpartition(".")[2]
            except (AttributeError, TypeError, ValueError):
                continue
            seen[id(tensor)] = Tensor(str(name), shape, kind, math.prod(shape) * width)
    return list(seen.values())
