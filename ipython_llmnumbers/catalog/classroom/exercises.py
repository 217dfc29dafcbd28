"""The exercises of the lessons, in the language that is asked for: `exercises.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records import dataclass
from ..toml_tables import read_table


@dataclass(frozen=True, slots=True)
class ExerciseRow:
    """An exercise as its table has it; the head of the table says what each field is."""

    key: str
    computed: Mapping[str, str]
    unit: str
    tolerance: float
    asks: str
    hints: tuple[str, ...]
    drawn: Mapping[str, tuple[Any, ...]]
    unit_size: int = 1
    minutes: int = 45


def exercise_keys(minutes: int | None = None) -> tuple[str, ...]:
    """The keys of all exercises, or of those in a lesson of so many minutes.

    >>> exercise_keys(45)[:2]
    ('ex1', 'ex2')
    """
    rows = read_table("classroom/exercises.toml")["exercises"]
    return tuple(key for key, row in rows.items() if minutes is None or row.get("minutes", 45) <= minutes)


def exercise_row(key: str, language: str) -> ExerciseRow:
    """One exercise, in English where the language has no text of it; KeyError where there is none."""
    row = read_table("classroom/exercises.toml")["exercises"][key]
    drawn = {name: tuple(_in(language, values)) for name, values in row.get("drawn", {}).items()}
    texts = {"asks": _in(language, row["asks"]), "hints": tuple(_in(language, row["hints"]))}
    return ExerciseRow(key, **{**row, **texts, "drawn": drawn})


def _in(language: str, values: Any) -> Any:
    """What may differ by language."""
    return values.get(language, values["en"]) if isinstance(values, Mapping) else values
