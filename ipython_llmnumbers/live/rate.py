"""How much may come in a time."""

from __future__ import annotations

import time


class TokenBucket:
    """How much may still come: `burst` at once, `per_s` each second."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._per_s, self._burst = per_s, burst
        self._left, self._at = float(burst), time.monotonic()

    def take(self, n: int = 1) -> bool:
        """Take so much, if it is there."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < n:
            return False
        self._left -= n
        return True
