"""The quiz: the same questions for a seed, no answer before the guess, points by order of magnitude."""

from __future__ import annotations

import re

import pytest
from IPython.utils.capture import capture_output
from ipython_llmnumbers.estimates.numbers.quiz import make_quiz, score_quiz

from ipython_llmnumbers import numbers
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.render.figure_text import value_text
from ipython_llmnumbers.render.layouts import lay_out
from ipython_llmnumbers.render.renderers.markdown import markdown


def test_a_seed_draws_the_same_questions_and_another_seed_others() -> None:
    subjects = [part.subject for part in make_quiz(5, seed=7).parts]
    assert subjects == [part.subject for part in make_quiz(5, seed=7).parts]
    assert subjects != [part.subject for part in make_quiz(5, seed=8).parts]
    assert len(set(subjects)) == 5


def test_without_a_seed_one_is_drawn_and_shown() -> None:
    quiz = make_quiz(3)
    assert str(quiz.request["seed"]) in str(quiz)


def test_no_answer_is_seen_before_the_guess() -> None:
    quiz = make_quiz(24, seed=0)
    bundle = quiz._repr_mimebundle_()
    unfolded = re.sub(r"<details>.*</details>", "", bundle["text/html"])
    for part in quiz.parts:
        assert part.details.question in re.sub("&[a-z0-9#]+;", "'", bundle["text/html"]).replace("''", "'")
        for shown in (bundle["text/plain"], markdown(lay_out(quiz)), unfolded):
            assert "source:" not in shown
            assert value_text(part["answer"]) not in shown.replace(part.details.question, "")
    assert bundle["text/html"].count("<summary>Answer ") == 24


# The scale of the module's docstring, on the tokens of a word (1.3).
@pytest.mark.parametrize(
    ("guess", "points"), [(1.3, 3), (1.5, 3), (2, 2), (2.6, 2), (3, 1), (13, 1), (0.13, 1), (14, 0), (0.1, 0)]
)
def test_points_are_by_order_of_magnitude(guess: float, points: int) -> None:
    index = [part.subject for part in make_quiz(24, seed=0).parts].index("tokens_per_word") + 1
    score = score_quiz(24, 0, {index: guess})
    assert score.parts[0]["points"].value == points == score["total_points"].value


def points_of(key: str, guess: float) -> int:
    """The points for one guess, as the score of all has them too."""
    index = [part.subject for part in make_quiz(24, seed=0).parts].index(key) + 1
    score = score_quiz(24, 0, {index: guess})
    points = score.parts[0]["points"].value
    assert score["total_points"].value == points
    return points


# "3 points within a factor of 1.25, 2 within a factor of 2, 1 within a factor of 10", as the quiz says: a
# guess at each limit and one a hundredth past it, above the answer and below.
@pytest.mark.parametrize(
    ("factor", "points"), [(1, 3), (1.25, 3), (1.26, 2), (2, 2), (2.01, 1), (10, 1), (10.1, 0), (1e6, 0)]
)
@pytest.mark.parametrize(("key", "answer"), [("tokens_per_word", 1.3), ("gpt4_to_gpt35_cost", 50)])
def test_the_points_on_each_side_of_each_limit(key: str, answer: float, factor: float, points: int) -> None:
    assert points_of(key, answer * factor) == points
    assert points_of(key, answer / factor) == points


# What may be anything from 40 to 90 % is right there, and off by the way from the nearer end.
@pytest.mark.parametrize(
    ("guess", "points"), [(40, 3), (65, 3), (90, 3), (112, 3), (114, 2), (32, 3), (31, 2), (181, 1), (19, 1)]
)
def test_the_points_of_an_answer_that_is_a_range(guess: float, points: int) -> None:
    assert points_of("be_concise_saving", guess) == points


def test_other_gpus_of_the_document_are_not_the_one_that_is_asked_for() -> None:
    # V100 16 GB, A10G 24 GB, A100 80 GB: the question is for the second.
    assert [points_of("gpu_memory", gb) for gb in (24, 16, 80)] == [3, 2, 1]


def test_the_points_of_several_questions_are_added() -> None:
    asked = [part.subject for part in make_quiz(24, seed=0).parts]
    guesses = {
        "tokens_per_word": 1.3,
        "gpt4_to_gpt35_cost": 100,
        "gpu_memory": 100,
        "batching_throughput": 1e6,
    }
    score = score_quiz(24, 0, {asked.index(key) + 1: guess for key, guess in guesses.items()})
    assert {part.subject: part["points"].value for part in score.parts} == {
        "tokens_per_word": 3,
        "gpt4_to_gpt35_cost": 2,
        "gpu_memory": 1,
        "batching_throughput": 0,
    }
    assert score["total_points"].value == 6


def test_a_guess_is_in_the_units_of_its_question() -> None:
    """24 for the A10G's GB, 1 for the MB of a token: what the questions ask for."""
    subjects = [part.subject for part in make_quiz(24, seed=0).parts]
    right = {
        "gpu_memory": 24,
        "kv_memory_per_token_13b": 1,
        "embedding_model_memory": 1,
        "be_concise_saving": 45,
    }
    score = score_quiz(24, 0, {subjects.index(key) + 1: guess for key, guess in right.items()})
    assert score["total_points"].value == 12


def test_the_score_shows_guess_answer_and_derivation(shell) -> None:
    with capture_output() as captured:
        shell.run_cell("%llmnumbers --quiz 3 --seed 3")
        shell.run_cell("score = %llmnumbers --answers 1000000 2:7 3:2\nprint(score)")
    shown = captured.stdout + "".join(str(output) for output in captured.outputs)
    assert "9 of 9 points  quiz 3" in shown
    formula = numbers("training_13b_cost")["recomputed"].formula
    assert f"= {formula}" in shown
    assert "https://arxiv.org/abs/2302.13971" in shown


def test_answers_know_their_quiz_by_its_seed_in_a_fresh_notebook(shell) -> None:
    score = shell.run_line_magic("llmnumbers", "--quiz 3 --seed 3 --answers 1:1e6 2:7.3x 3:2")
    assert score["total_points"].value == 9
    assert shell.run_line_magic("llmnumbers", "--answer 1M --quiz 1 --seed 3")["total_points"].value == 3


def test_the_number_of_questions_may_be_left_out(shell) -> None:
    assert len(shell.run_line_magic("llmnumbers", "--quiz").parts) == 5
    assert len(shell.run_line_magic("llmnumbers", "--quiz --seed 4").parts) == 5
    assert len(shell.run_line_magic("llmnumbers", "--quiz=7").parts) == 7


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--quiz 3 --set words=1", "--set has no part in --quiz"),
        ("--quiz 3 --sliders", "--sliders has no part in --quiz"),
        ("--quiz 3 --currency JPY --rate 150@2026-11-24", "--currency has no part in --quiz"),
        ("--annotate a.ipynb", "--annotate is %llmcost --annotate now"),
        ("--quiz 3 --seed 1 --answers 1e999", "'1e999' is not a number"),
    ],
)
def test_options_of_something_else_are_refused(shell, line, words):
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic("llmnumbers", line)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
