"""A tensor as a file's header tells of it."""

from __future__ import annotations

import math

from ...records import dataclass


@dataclass(frozen=True, slots=True)
class Tensor:
    """Name, shape, type and bytes; the data stays in the file."""

    name: str
    shape: tuple[int, ...]
    kind: str
    bytes: int

    @property
    def params(self) -> int:
        return math.prod(self.shape)
