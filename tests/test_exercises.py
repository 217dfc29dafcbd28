"""The exercises check themselves: each has an answer that a command gives, a tolerance, and hints."""

from __future__ import annotations

import re

import pytest

from ipython_llmnumbers import count_tokens
from ipython_llmnumbers.catalog.classroom.exercises import exercise_keys, exercise_row
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.estimates.classroom.essay import estimate_essay
from ipython_llmnumbers.estimates.classroom.exercises import check_exercise, find_exercise
from ipython_llmnumbers.lessons.papers import Options, Papers, bare_answer
from ipython_llmnumbers.messages import speaking
from ipython_llmnumbers.render.token_text import whole_characters

KEYS = exercise_keys()
LANGUAGES = ("en", "ja")

ONE_USER = "--set context_tokens={context} --set batch_size=1"
# What a student types to find the answer, with the numbers of the exercise, and the figure to read.
COMMANDS = {
    "ex1": ("tokens", "-m gpt-4o {text}", "tokens"),
    "ex2": ("llmnumbers", "tokens_per_word --set words={words}", "worked"),
    "ex3": ("llmcost", "-m gpt-6.1-sol --out {answer} --calls {calls} {prompt}", "all_calls_usd"),
    "ex4": ("llmnumbers", "gpt4_to_gpt35_cost", "output_percent_at_published"),
    "ex5": ("llmnumbers", "training_13b_cost", "cited_65b_run_usd"),
    "ex6": ("llmnumbers", "serving_bytes_per_param --set params=13e9 --set bits_per_param={bits}", "worked"),
    "ex7": ("llmnumbers", "serving_bytes_per_param --set params={params}e9", "worked"),
    "ex8": (
        "llmnumbers",
        "kv_memory_per_token_13b --set context_tokens={context} --set batch_size=1",
        "worked",
    ),
    "ex9": (
        "llmnumbers",
        "kv_memory_per_token_mla --set context_tokens={context} --set batch_size=1",
        "worked",
    ),
    "ex10": ("tokens", "-m gpt-4o {text}", "tokens"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_a_command_of_the_lesson_gives_the_answer(shell, key: str, language: str) -> None:
    magic, line, figure = COMMANDS[key]
    papers = Papers(Options(language=language, minutes=90))
    lesson = "\n".join(papers.fill(cell) for cell in papers.lesson.cells)
    subject = line.split()[0] if magic == "llmnumbers" else ""
    assert f"%{magic} {subject}".strip() in lesson
    with speaking(language):
        for seed in (0, 1, 17):
            exercise = find_exercise(key, seed)
            estimate = shell.run_line_magic(magic, line.format(**exercise.drawn))
            value = estimate[figure].value
            assert value == exercise.answer().value
            in_unit = float(value) / exercise.row.unit_size
            assert check_exercise(key, f"{in_unit:.6g}", seed).details.is_right


# By hand: 1,200 × 1.3; 21 · 24 · 2048 · $5; 13e9 · 4.5 / 8; 70e9 · 2; 2 · 40 · 40 · 128 · 2 B · 32,768.
@pytest.mark.parametrize(
    ("key", "answer"),
    [("ex2", 1560), ("ex4", 66.667), ("ex5", 5_160_960), ("ex6", 7.3125), ("ex7", 140), ("ex8", 26.8435456)],
)
def test_an_answer_that_was_worked_by_hand(key: str, answer: float) -> None:
    assert check_exercise(key, str(answer)).details.is_right


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        ("1560", True),
        ("1,600", True),
        ("1.6千", True),
        ("1638", True),
        ("1639", False),
        ("1482", True),
        ("1481", False),
    ],
)
def test_the_tolerance_on_each_side(answer: str, is_right: bool) -> None:
    details = check_exercise("ex2", answer).details
    assert details.is_right is is_right
    assert is_right or details.is_too_large is (answer == "1639")


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("ex4", "2/3"),
        ("ex4", "3分の2"),
        ("ex5", "516万ドル"),
        ("ex5", "$5.2M"),
        ("ex6", "7.3 GB"),
        ("ex6", "7313MB"),
        ("ex7", "1400億バイト"),
        ("ex7", "140 gigabytes"),
        ("ex7", "140ギガバイト"),
        ("EX2", "1560"),
        ("2", "1560 tokens"),
        ("ex2:", "about 1,560"),
    ],
)
def test_an_answer_as_people_write_it(key: str, answer: str) -> None:
    assert check_exercise(key, answer).details.is_right


def test_students_have_numbers_of_their_own() -> None:
    for key in ("ex2", "ex3", "ex6", "ex7", "ex8"):
        texts = {find_exercise(key, student).text for student in range(1, 41)}
        assert len(texts) >= 3
        assert find_exercise(key, 17).text == find_exercise(key, 17).text
        right = bare_answer(find_exercise(key, 17))
        assert check_exercise(key, right, 17).details.is_right


def test_the_setting_is_the_student_s_number(shell, caplog) -> None:
    shell.run_cell("%config LLMNumbers.student = 17")
    try:
        asked = shell.run_line_magic("llmnumbers", "--check ex2 …").details
        assert (asked.seed, asked.text) == (17, find_exercise("ex2", 17).text)
        assert shell.run_line_magic("llmnumbers", "--check ex2 --seed 3 …").details.seed == 3
        shell.run_cell("%config LLMNumbers.student = 'seventeen'")
        assert "LLMNumbers.student 'seventeen' is not a whole number" in caplog.text
    finally:
        shell.run_cell("%config LLMNumbers.student = ''")


def test_each_wrong_answer_opens_a_hint(shell) -> None:
    def hints(line: str) -> tuple[str, ...]:
        return shell.run_line_magic("llmnumbers", line).details.hints

    assert hints("--check ex8 …") == ()
    assert [len(hints(f"--check ex8 {n}")) for n in (1, 2, 3, 4)] == [1, 2, 3, 3]
    assert len(hints("--check ex7 --hint")) == 1
    assert hints("--check ex8 26.8") == ()
    last = shell.run_line_magic("llmnumbers", "--check ex8 1")
    assert "--set context_tokens=32768 --set batch_size=1" in " ".join(str(last).split())


def test_the_answer_is_never_shown() -> None:
    for key in KEYS:
        exercise = find_exercise(key)
        right = bare_answer(exercise)
        wrong = check_exercise(key, "123456789", n_hints=3)
        stored = re.sub(r"123456789", "", str(wrong) + str(wrong.to_dict()))
        if len(right) > 3 and right not in exercise.text:
            assert right not in stored, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exercise_is_told_in_each_language(language: str) -> None:
    japanese = re.compile("[ぁ-んァ-ヶ一-龠]")
    for key in KEYS:
        row = exercise_row(key, language)
        assert len(row.hints) == 3
        for text in (row.asks, *row.hints):
            quoted = re.sub("「[^」]*」|“[^”]*”", "", text)
            assert bool(japanese.search(quoted)) is (language == "ja"), text


def test_the_japanese_sentences_hold_both_kinds_of_cut() -> None:
    """A character of two tokens and more, and a token of several characters: the lesson has them found."""
    for text in exercise_row("ex1", "ja").drawn["text"]:
        groups = whole_characters(count_tokens(text, model="gpt-4o").pieces)
        assert any(len(group) > 1 for group in groups), text
        assert any(len(b"".join(piece.data for piece in group).decode()) > 1 for group in groups), text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--check ex99 5", "unknown exercise 'ex99'; nearest: ex9"),
        ("--check ex2 many", "'many' is not a number above 0"),
        ("--check ex2 -- -5", "'-5' is not a number above 0"),
        ("--check ex2 0", "'0' is not a number above 0"),
        ("--check ex2 -5", "'-5' is not a number above 0"),
        ("--check ex3 600円", "the exercise asks for $"),
        ("--check ex7 140%", "the exercise asks for GB"),
        ("--check ex2 1,5", "'1,5' is not a number above 0"),
        ("--hint", "--hint belongs to --check"),
        ("--essay nothing_here", "no variable of that name"),
    ],
)
def test_what_is_refused(shell, line: str, words: str) -> None:
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic("llmnumbers", line)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_essay_under_three_years(shell) -> None:
    """Counts as tiktoken has them; the price of 1,000 characters does not depend on the length."""
    text = "先生は、測る前に予想するようにとクラスに言いました。"
    then, later, now = estimate_essay(text).parts
    assert (then.details.year, later.details.year, now.details.year) == (2019, 2023, None)
    assert (later["input_tokens"].value, now["input_tokens"].value) == (26, 19)
    assert (
        later["usd_per_1k_chars"].value
        == later["input_tokens"].value * later["input_usd_per_mtok"].value / 26_000
    )
    twice = estimate_essay(text * 2).parts[1]
    assert float(twice["usd_per_1k_chars"].value) == pytest.approx(
        float(later["usd_per_1k_chars"].value), rel=0.05
    )
    shell.user_ns["essay"] = text
    shown = str(shell.run_line_magic("llmnumbers", "--essay essay --currency JPY --rate 150@2026-11-24"))
    assert "¥" in shown
    with pytest.raises(LLMNumbersError, match="the essay is empty"):
        estimate_essay(" \n")
