"""Measured token ratios: what a tokenizer that is not at hand counts, relative to one that is.

`ratios.toml` holds, for each kind of text, the count of a tokenizer divided by that of
o200k_base on the same text, and for tokenizers that nobody has measured, how far the open ones
stand apart. `benchmarks/ratio_calibration.py` prints its numbers; `docs/tokens.md` tells how.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...figures import Figure, measured
from ...formulas.tokens import mixed_ratio
from ...messages import joined, say
from ..toml_tables import read_table, source_of

# The kinds of text by the keys of the table, which are those of `probes.kinds`.
_KINDS = {
    "arabic": say("arabic"),
    "chinese": say("chinese"),
    "code": say("code"),
    "cyrillic": say("cyrillic"),
    "encoded": say("encoded"),
    "english": say("english"),
    "greek": say("greek"),
    "japanese": say("japanese"),
    "korean": say("korean"),
    "latin": say("latin"),
    "markup": say("markup"),
    "numbers": say("numbers"),
    "other": say("other"),
}

# Below this many characters a text is too short to be told its kind, and its ratio strays further.
SHORT_CHARS = 200


def measured_ratio(kinds: Mapping[str, float], n_chars: int, column: str) -> Figure:
    """The ratio of one measured tokenizer to o200k_base, for a text of these kinds, as a range.

    Args:
        kinds: shares of a text, as `probes.kinds.kinds` tells them; an empty text has none.
        n_chars: the length of the text.
        column: the tokenizer, as the table names it.
    """
    table = read_table("tokenization/ratios.toml")
    shares = list(kinds.values()) or [1.0]
    rows = [table["kinds"][kind][column] for kind in kinds or ("english",)]
    margin = table["short"]["margin"] if n_chars < SHORT_CHARS else 0.0
    low, middle, high = (
        mixed_ratio([row[at] for row in rows], shares, moved)
        for at, moved in enumerate((-margin, 0.0, margin))
    )
    source = source_of(table, {"source": "measured"})
    return measured("ratio", middle, "", source, low=low, high=high, note=_of_text(kinds, column))


def unmeasured_ratio(kinds: Mapping[str, float], n_chars: int) -> Figure:
    """How far a tokenizer that nobody has measured may stand outside of the open ones' counts."""
    table = read_table("tokenization/ratios.toml")["open"]
    margins = [table["margins"].get(kind, table["margins"]["script"]) for kind in kinds]
    margin = mixed_ratio(margins, list(kinds.values()), margin=0)
    if n_chars < SHORT_CHARS:
        margin += table["short_margin"]
    source = source_of(read_table("tokenization/ratios.toml"), table)
    note = say(
        "up to {margin:.0%} past the fewest and the most of {n} open vocabularies",
        margin=margin,
        n=len(table["vocabularies"]),
    )
    return measured("ratio", 1.0, "", source, low=1 - margin, high=1 + margin, note=note)


def open_vocabularies() -> tuple[str, ...]:
    """The vocabularies whose counts of a text bound those of one that nobody has measured."""
    return tuple(read_table("tokenization/ratios.toml")["open"]["vocabularies"])


def _of_text(kinds: Mapping[str, float], column: str) -> str:
    """What a ratio is of: the tokenizer, and the text by its kinds."""
    if not kinds:
        return say("{tokenizer}, no text", tokenizer=column)
    told = [
        joined(" ", _KINDS[kind], f"{share:.0%}") if share < 1 else _KINDS[kind]
        for kind, share in kinds.items()
    ]
    return say("{tokenizer}, {kinds} text", tokenizer=column, kinds=joined(", ", *told))
