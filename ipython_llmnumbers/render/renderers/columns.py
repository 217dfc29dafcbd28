"""How wide the columns of a table in text are: they are folded where that makes the fewest lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .cells import cell_len
from .wrap import phrases, pieces, wrapped

# A text column is not made narrower than that as long as another can be: it would read badly.
_NARROW = 12
# A name or a number in two lines is as bad as so many more lines of text.
_TORN = 3


def column_widths(
    columns: Sequence[Sequence[str]], room: int, *, whole: frozenset[int], most: int
) -> list[int] | None:
    """The width of each column of cells, together at most `room`.

    None where a number or a word would be broken; only a word of a column that is not among the `whole` may
    be, if it is wider than `most`.

    >>> column_widths([["one", "two"], ["a long text", "short"]], 10, whole=frozenset(), most=20)
    [3, 7]
    """
    widths = [max(map(cell_len, column)) for column in columns]
    if sum(widths) <= room:
        return widths
    least, tidy = (
        [
            _widest(parts_of, column) if index in whole else min(_widest(parts_of, column), most)
            for index, column in enumerate(columns)
        ]
        for parts_of in (pieces, phrases)
    )
    if sum(least) > room:
        return None
    wide = [max(floor, min(width, _NARROW)) for floor, width in zip(tidy, widths, strict=True)]
    floors = next(floors for floors in (wide, tidy, least) if sum(floors) <= room)
    foldings = [list(_foldings(*each)) for each in zip(columns, floors, widths, strict=True)]
    heights: list[Sequence[int]] = [[1] * len(column) for column in columns]
    while (excess := sum(widths) - room) > 0:
        _, index, width, folded = min(
            (
                _cost(heights, index, folded, min(widths[index] - width, excess), is_whole=index in whole),
                index,
                width,
                folded,
            )
            for index, ways in enumerate(foldings)
            for width, folded in ways
            if width < widths[index]
        )
        heights[index] = folded
        widths[index] = max(width, widths[index] - excess)
    return widths


def _widest(parts_of: Callable[[str], list[str]], column: Sequence[str]) -> int:
    return max((cell_len(part) for cell in column for part in parts_of(cell)), default=0)


def _foldings(column: Sequence[str], floor: int, width: int) -> Iterator[tuple[int, list[int]]]:
    """The narrowest width for each way in which a column can be folded, and the lines of each cell there."""
    lines = [[cell_len(cell)] for cell in column]
    while width > floor:
        lines = [
            [cell_len(line) for line in wrapped(cell, width - 1).split("\n")] if max(now) >= width else now
            for cell, now in zip(column, lines, strict=True)
        ]
        width = max(min(max(map(max, lines)), width - 1), floor)
        yield width, [sum(-(-max(line, 1) // width) for line in cell) for cell in lines]


def _cost(
    heights: Sequence[Sequence[int]], index: int, folded: Sequence[int], gain: int, *, is_whole: bool
) -> tuple[float, int]:
    """How many more lines a table has for each cell that a column gives; of equal ones the larger gain."""
    before = sum(map(max, zip(*heights, strict=True)))
    after = sum(map(max, zip(*heights[:index], folded, *heights[index + 1 :], strict=True)))
    torn = _TORN * (sum(folded) - sum(heights[index])) if is_whole else 0
    return (after - before + torn) / gain, -gain
