"""How many tokens named texts of several kinds are, under the vocabularies of 2019, 2023 and today.

One text is no fact about a language: what a word or a character takes is told as the whole of the texts, with
the range over them. The table is `text_counts.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..figures import Figure, measured
from ..messages import joined, say
from .toml_tables import read_table, source_of

_TABLE = "text_counts.toml"
# What a language is measured by.
_MEASURES = {"en": ("words", "tokens/word"), "ja": ("chars", "tokens/character")}


def counted_ratio(name: str, language: str, year: str) -> Figure:
    """Tokens to a word of English, or to a character of Japanese, with the range over the texts.

    `year` is that of the vocabulary: "2019", "2023" or "2026".

    >>> figure = counted_ratio("today", "en", "2026")
    >>> round(figure.low, 2), round(figure.value, 2), round(figure.high, 2)
    (1.11, 1.24, 1.78)
    """
    table = read_table(_TABLE)
    vocabulary, (measure, unit) = table["vocabularies"][year], _MEASURES[language]
    rows = [row for row in table["texts"] if row["language"] == language and row["is_prose"]]
    ratios = [row[vocabulary] / row[measure] for row in rows]
    whole = sum(row[vocabulary] for row in rows) / sum(row[measure] for row in rows)
    note = say(
        "{vocabulary}, {n} texts: {titles}",
        vocabulary=vocabulary,
        n=len(rows),
        titles=joined(", ", *(row["title"] for row in rows)),
    )
    return measured(name, whole, unit, _source(table), low=min(ratios), high=max(ratios), note=note)


def text_ratio(name: str, text: str, year: str) -> Figure:
    """Tokens to a word of one of the English texts, such as "python" or "mail".

    >>> round(text_ratio("today_code", "python", "2026").value, 2)
    2.13
    """
    table = read_table(_TABLE)
    row = next(row for row in table["texts"] if row["name"] == text)
    vocabulary, (measure, unit) = table["vocabularies"][year], _MEASURES[row["language"]]
    note = say("{vocabulary}: {title}", vocabulary=vocabulary, title=row["title"])
    return measured(name, row[vocabulary] / row[measure], unit, _source(table), note=note)


def parallel_tokens(language: str, year: str = "2026") -> Figure:
    """Tokens of the sentence that stands in several languages.

    >>> parallel_tokens("ja").value, parallel_tokens("en").value
    (19, 11)
    """
    table = read_table(_TABLE)
    row = next(row for row in table["parallel"] if row["language"] == language)
    vocabulary = table["vocabularies"][year]
    figure = measured("tokens", row[vocabulary], "tokens", _source(table), note=row["text"])
    return replace(figure, note=say("{vocabulary}: “{text}”", vocabulary=vocabulary, text=row["text"]))


def _source(table: Mapping[str, Any]) -> Any:
    return source_of(table, {"source": "counted"})
