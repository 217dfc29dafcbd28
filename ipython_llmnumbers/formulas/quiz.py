"""The points of a quiz: amounts are scored by their ratio, percentages by their difference, ranges by both.

One figure under every question may earn a quarter at most: `scaled_points`.
"""

from __future__ import annotations

import math

MOST_POINTS = 3


def orders_of_magnitude_off(guess: float, low: float, high: float) -> float:
    """Powers of ten between a guess and the nearest end of the answer's range; 0 within it.

    >>> orders_of_magnitude_off(500, 50, 50)
    1.0
    >>> orders_of_magnitude_off(65, 40, 90)
    0.0
    """
    return max(0.0, math.log10(low / guess), math.log10(guess / high))


def percentage_points_off(guess: float, low: float, high: float) -> float:
    """Percentage points between a guess and the nearest end of the answer's range; 0 within it.

    >>> percentage_points_off(50, 95, 95), percentage_points_off(65, 40, 90)
    (45, 0)
    """
    return max(0, low - guess, guess - high)


def amount_points(orders_of_magnitude_off: float) -> int:
    """3 within a factor of 1.25, 2 within a factor of 2, 1 within half a power of ten, else none.

    >>> amount_points(0.05), amount_points(0.301), amount_points(0.5), amount_points(0.6)
    (3, 2, 1, 0)
    """
    return (
        (orders_of_magnitude_off < 0.097)
        + (orders_of_magnitude_off < 0.302)
        + (orders_of_magnitude_off <= 0.5)
    )


def percentage_points(percentage_points_off: float) -> int:
    """3 within 5 percentage points, 2 within 10, 1 within 20, else none.

    >>> percentage_points(5), percentage_points(45)
    (3, 0)
    """
    return (percentage_points_off <= 5) + (percentage_points_off <= 10) + (percentage_points_off <= 20)


def range_score(width: float, off: float) -> float:
    """The interval score of a range that shall hold the answer in 8 of 10 cases; the less, the better.

    The width, and 2 / 0.2 times how far the answer lies outside (Gneiting and Raftery 2007, equation 43): who
    states the range that they believe in scores best.

    >>> range_score(0.5, 0), range_score(0.5, 0.1)
    (0.5, 1.5)
    """
    return width + 10 * off


def amount_range_points(range_score: float) -> int:
    """A range of powers of ten: 3 to a factor of 2, 2 to a factor of 4, 1 to a factor of 10.

    >>> amount_range_points(0.3), amount_range_points(0.6), amount_range_points(1), amount_range_points(1.1)
    (3, 2, 1, 0)
    """
    return (range_score < 0.302) + (range_score < 0.603) + (range_score <= 1)


def percentage_range_points(range_score: float) -> int:
    """A range of percentages: 3 to a width of 10 points, 2 to 20, 1 to 40.

    >>> percentage_range_points(10), percentage_range_points(40), percentage_range_points(41)
    (3, 1, 0)
    """
    return (range_score <= 10) + (range_score <= 20) + (range_score <= 40)


def total_points(**points: int) -> int:
    """The points of all questions.

    >>> total_points(first=3, second=1)
    4
    """
    return sum(points.values())


def quarter_points(total_points: int, most_points: int) -> float:
    """The points of one answer written under every question: a quarter at most, also where it is right.

    >>> quarter_points(15, 15), quarter_points(2, 15)
    (3.75, 2)
    """
    return min(total_points, most_points / 4)


def scaled_points(total_points: int, constant_points: int, most_points: int) -> float:
    """The points, where the best single answer to every question is worth a quarter at most.

    `constant_points` is what that one earns. Where it is more than a quarter, it counts as a quarter, and
    what is reached beyond it as its share of the rest. A single question cannot tell them apart.

    >>> scaled_points(15, 6, 15), scaled_points(6, 6, 15), scaled_points(5, 3, 15)
    (15.0, 3.75, 5.0)
    """
    quarter = most_points / 4
    if not quarter < constant_points < most_points:
        return float(total_points)
    if total_points <= constant_points:
        return quarter * total_points / constant_points
    return quarter + (most_points - quarter) * (total_points - constant_points) / (
        most_points - constant_points
    )
