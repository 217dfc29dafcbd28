"""How far a guess is off, in orders of magnitude: what a developer needs is the right power of ten."""

from __future__ import annotations

import math


def orders_of_magnitude_off(guess: float, low: float, high: float) -> float:
    """Powers of ten between a guess and the nearest end of the answer's range; 0 within it.

    >>> orders_of_magnitude_off(500, 50, 50)
    1.0
    >>> orders_of_magnitude_off(65, 40, 90)
    0.0
    """
    return max(0.0, math.log10(low / guess), math.log10(guess / high))


def points(orders_of_magnitude_off: float) -> int:
    """3 within a factor of 1.25, 2 within a factor of 2, 1 within a factor of 10, else none.

    >>> points(0.05), points(0.301), points(1), points(1.2)
    (3, 2, 1, 0)
    """
    return (
        (orders_of_magnitude_off < 0.1) + (orders_of_magnitude_off < 0.302) + (orders_of_magnitude_off <= 1)
    )


def total_points(**points: int) -> int:
    """The points of all questions.

    >>> total_points(first=3, second=1)
    4
    """
    return sum(points.values())
