"""Which engine counts a corpus fastest, by what each needs to load: see `counting_engines.toml`."""

from __future__ import annotations

from collections.abc import Callable

from ..toml_tables import read_table


def fastest_engine(vocabulary: str, mb_per_process: float, is_installed: Callable[[str], bool]) -> str:
    """The engine that pays for so many megabytes; empty where it is splintr.

    >>> fastest_engine("o200k_base", 1, lambda _: True), fastest_engine("o200k_base", 50, lambda _: True)
    ('', 'toktok')
    """
    for row in read_table("tokenization/counting_engines.toml")["engines"]:
        is_paid = mb_per_process >= row["pays_from_mb"]
        if is_paid and vocabulary in row["vocabularies"] and is_installed(row["name"]):
            return str(row["name"])
    return ""


def faster_engines(vocabulary: str) -> tuple[str, ...]:
    """All that know a vocabulary, beside splintr.

    >>> faster_engines("llama3")
    ()
    """
    rows = read_table("tokenization/counting_engines.toml")["engines"]
    return tuple(row["name"] for row in rows if vocabulary in row["vocabularies"])
