"""Measured token ratios: what a tokenizer that is not at hand counts, relative to one that is.

`token_ratios.toml` holds, for each kind of text, the count of a tokenizer divided by that of
o200k_base on the same text, and for tokenizers that nobody has measured, how far the open ones
stand apart. `benchmarks/ratio_calibration.py` prints its numbers; `docs/tokens.md` tells how.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..figures import Figure, Source, published
from ..formulas.tokens import mixed_ratio
from .tables import read_table, source_of

# Below this many characters a text is too short to be told its kind, and its ratio strays further.
SHORT_CHARS = 200


def measured_ratio(kinds: Mapping[str, float], n_chars: int, column: str, source: Source) -> Figure:
    """The ratio of one measured tokenizer to o200k_base, for a text of these kinds, as a range.

    Args:
        kinds: shares of a text, as `probes.kinds.kinds` tells them; an empty text has none.
        n_chars: the length of the text.
        column: the tokenizer, as the table names it.
        source: where the measurement is stated.
    """
    table = read_table("token_ratios.toml")
    shares = list(kinds.values()) or [1.0]
    rows = [table["kinds"][kind][column] for kind in kinds or ("english",)]
    margin = table["short"]["margin"] if n_chars < SHORT_CHARS else 0.0
    low, middle, high = (
        mixed_ratio([row[at] for row in rows], shares, moved)
        for at, moved in enumerate((-margin, 0.0, margin))
    )
    told = ", ".join(f"{kind} {share:.0%}" if share < 1 else kind for kind, share in kinds.items())
    return published("ratio", middle, "", source, low=low, high=high, note=f"{column}, {told or 'no'} text")


def unmeasured_ratio(kinds: Mapping[str, float], n_chars: int) -> Figure:
    """How far a tokenizer that nobody has measured may stand outside of the open ones' counts."""
    table = read_table("token_ratios.toml")["open"]
    margins = [table["margins"].get(kind, table["margins"]["script"]) for kind in kinds]
    margin = mixed_ratio(margins, list(kinds.values()), margin=0)
    if n_chars < SHORT_CHARS:
        margin += table["short_margin"]
    source = source_of(read_table("token_ratios.toml"), table)
    note = (
        f"up to {margin:.0%} past the fewest and the most of {len(table['vocabularies'])} open vocabularies"
    )
    return published("ratio", 1.0, "", source, low=1 - margin, high=1 + margin, note=note)


def open_vocabularies() -> tuple[str, ...]:
    """The vocabularies whose counts of a text bound those of one that nobody has measured."""
    return tuple(read_table("token_ratios.toml")["open"]["vocabularies"])
