"""Which numbers a quiz asks for, and what is right there: `quiz.toml`."""

from __future__ import annotations

from typing import Literal

from ...records import dataclass
from ..toml_tables import read_table


@dataclass(frozen=True, slots=True)
class QuizRow:
    """A number that a quiz asks for; the head of the table says what each field is."""

    key: str
    kind: Literal["amount", "percentage", "share"]
    accepts: tuple[str, ...] = ()
    between: bool = False
    is_fall: bool = False


def quiz_rows() -> dict[str, QuizRow]:
    """The rows by the key of their number, in the table's order.

    >>> quiz_rows()["be_concise_saving"].kind
    'percentage'
    """
    rows = read_table("classroom/quiz.toml")["questions"]
    return {
        key: QuizRow(key, **{**row, "accepts": tuple(row.get("accepts", ()))}) for key, row in rows.items()
    }
