"""The lessons as they are written, and the words around them: Markdown and `labels.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from ..toml_tables import read_lines, read_table


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
    labels: Mapping[str, str] = read_table("classroom/labels.toml")[language]
    return labels
