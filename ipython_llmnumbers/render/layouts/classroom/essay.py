"""A text of one's own under the vocabularies and prices of three years: one line for each."""

from __future__ import annotations

from ....estimates.classroom.details import EssayEstimate, EssayYear
from ....figures import Figure
from ....messages import said, tell
from ...figure_text import point_text, value_text
from ...formats import count
from ...labels import label
from ...layout import Answer, Layout, Meters, Table, joined_facts


def essay(estimate: EssayEstimate) -> Layout:
    """The price of 1,000 characters of today, then what it was."""
    priced = [_priced(part) for part in estimate.parts]
    rows = tuple(
        (
            str(part.details.year) if part.details.year else label("today"),
            part.details.model,
            value_text(part.figure("input_tokens")),
            point_text(part.figure("input_usd_per_mtok")),
            point_text(price),
        )
        for part, price in zip(estimate.parts, priced, strict=True)
    )
    heads = (
        tell("Vocabulary of"),
        tell("Model"),
        label("input_tokens"),
        label("usd_per_mtok"),
        tell("1,000 characters"),
    )
    table = Table("", heads, rows, right=frozenset({2, 3, 4}), meters=Meters.of("", priced))
    chars = count(estimate.figure("chars").value or 0)
    about = joined_facts(
        tell("for 1,000 characters of your text"),
        estimate.parts[-1].details.model,
        tell("{n} characters", n=chars),
    )
    tokenizers = dict.fromkeys(part.details.tokenizer for part in estimate.parts)
    line = tell("Tokenizers: {names}", names=", ".join(map(said, tokenizers)))
    return Layout((table,), (line,), estimate.notes, answer=Answer(point_text(priced[-1]), about))


def _priced(part: EssayYear) -> Figure:
    """In the user's currency where there is one."""
    local: Figure | None = part.get("local_per_1k_chars")
    return local if local is not None else part.figure("usd_per_1k_chars")
