"""An answer of each kind that a class has, beside the quiz and its score."""

from __future__ import annotations

from ipython_llmnumbers.estimates.classroom.class_answers import read_class
from ipython_llmnumbers.estimates.classroom.codes import hand_in
from ipython_llmnumbers.estimates.classroom.essay import estimate_essay
from ipython_llmnumbers.estimates.classroom.exercises import check_exercise
from ipython_llmnumbers.estimates.classroom.guesses import read_guesses
from ipython_llmnumbers.estimates.classroom.paper import draw_paper


def classroom(folder):
    """A code, a class of one, two exercises and an essay."""
    code = hand_in(draw_paper(2, 0), read_guesses("90 50..60"), "Aiko")
    path = folder / "codes.txt"
    path.write_text(code.details.code, encoding="utf-8")
    yield code
    yield read_class(str(path))
    yield check_exercise("ex2", "5", n_hints=2)
    yield check_exercise("ex4", "66.7")
    yield estimate_essay("Guess before you look.")
