"""The lessons as they are written, and the words around them: Markdown and `labels.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from ..toml_tables import read_lines, read_table

_LABELS = "classroom/labels.toml"


def lesson_lines(name: str, language: str) -> list[str]:
    """The source of a lesson: Markdown, with the parts, cells and audiences in comments.

    >>> lesson_lines("numbers", "en")[1]
    '# The numbers every LLM developer should know'
    """
    return read_lines(f"classroom/{name}.{language}.md")


def lesson_labels(language: str) -> Mapping[str, str]:
    """The words that the papers of a lesson have in common.

    >>> lesson_labels("ja")["grading_title"]
    '採点表'
    """
    return {key: text for key, text in read_table(_LABELS)[language].items() if isinstance(text, str)}


def unit_label(unit: str, language: str) -> str:
    """How a number is written with its unit, as a template.

    >>> unit_label("×", "ja"), unit_label("GB", "en")
    ('{number}倍', '{number} GB')
    """
    label: str = read_table(_LABELS)[language]["units"].get(unit, f"{{number}} {unit}".strip())
    return label
