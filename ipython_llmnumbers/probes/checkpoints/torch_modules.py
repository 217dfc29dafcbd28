"""A model that lies in the notebook's memory: its parameters and buffers, counted without torch.

The object's own code runs, and may do anything: whatever it raises is one line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ...errors import UsageError
from ...messages import say
from .read import Checkpoint
from .tensors import Tensor

# As many as a file may have; a generator need not end.
_MOST_TENSORS = 300_000
_MOST_PARAMS, _MOST_WIDTH = 2**50, 64


def module_checkpoint(name: str, value: object) -> Checkpoint:
    """What an object has: parameters and buffers as torch's modules do, a `config` as transformers' do.

    Raises:
        UsageError: it has neither, or its own code fails.
    """
    where = say("the variable {name}", name=name)
    if isinstance(value, Mapping):
        return Checkpoint(name, where, dict(value))
    try:
        config = _config(value)
        tensors = tuple(_tensors(value))
    except Exception as error:
        raise UsageError(
            "{name}: its own code fails ({kind}); give its config.json, or a path to its files",
            name=name,
            kind=type(error).__name__,
        ) from None
    if len(tensors) > _MOST_TENSORS:
        raise UsageError("{name} has more than {n:,} parameters and buffers", name=name, n=_MOST_TENSORS)
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
    seen: dict[int, tuple[object, Tensor]] = {}
    for name, tensor in islice(_listed(value), _MOST_TENSORS + 1):
        try:
            shape = tuple(int(size) for size in tensor.shape)
            width = int(tensor.element_size())
            kind = str(tensor.dtype).rpartition(".")[2]
        except (AttributeError, TypeError, ValueError, OverflowError):
            continue
        count = math.prod(shape)
        if min(shape, default=0) < 0 or count > _MOST_PARAMS or not 0 < width <= _MOST_WIDTH:
            continue
        # The tensor is kept, too: without it another may take its place in memory, and its number.
        seen[id(tensor)] = tensor, Tensor(str(name), shape, kind, count * width)
    return [each for _, each in seen.values()]


def _listed(value: object) -> Iterator[tuple[Any, Any]]:
    for method in ("named_parameters", "named_buffers"):
        listed = getattr(value, method, None)
        if callable(listed):
            yield from listed()
