"""How long the next answer will be, told from recorded ones; `--out` may then be left out."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from recorded_calls import every_entry
from recorded_cells import asking_shell, run

from ipython_llmnumbers.estimates.answer_lengths import AnswerLengths
from ipython_llmnumbers.usage.ledger.lengths import recorded_answers
from ipython_llmnumbers.usage.ledger.templates import template_hash

TRACE = Path(__file__).parent / "data" / "answer_lengths.csv"
ROWS = [tuple(map(int, line.split(","))) for line in TRACE.read_text().splitlines() if line[:1] != "#"]
# The calls of one application, which all have some 1,000 tokens of context.
ALIKE = tuple(answer for context, answer in ROWS if 850 <= context <= 1250)
ALL = tuple(answer for _, answer in ROWS)


@pytest.mark.slow
@pytest.mark.parametrize("lengths", [ALL, ALIKE], ids=["all calls", "one application"])
@pytest.mark.parametrize("n", [20, 30, 50, 100, 200])
def test_nine_of_ten_next_answers_lie_in_the_range(lengths, n):
    """Recorded lengths of a public trace: n answers tell the range, and one more is held against it."""
    draw = random.Random(n)
    trials = 4_000
    held = 0
    for _ in range(trials):
        *seen, following = draw.sample(lengths, n + 1)
        told = AnswerLengths(tuple(seen))
        assert told.is_range
        held += told.low <= following <= told.high
    assert 0.88 <= held / trials <= 0.92


def test_few_answers_tell_the_least_and_the_most_with_their_number():
    figure = AnswerLengths((80, 50, 60)).figure(1)
    assert (figure.low, figure.value, figure.high) == (50, 60, 80)
    assert "least and the most of 3" in figure.note
    one = AnswerLengths((60,)).figure(1)
    assert (one.value, one.has_range, one.approximate) == (60, False, True)
    nineteen, twenty = (AnswerLengths(tuple(range(n))) for n in (19, 20))
    assert (nineteen.low, nineteen.high, nineteen.is_range) == (0, 18, False)
    assert (twenty.is_range, "90 %" in twenty.figure(1).note) == (True, True)
    ten = AnswerLengths((80, 50, 60)).figure(10)
    assert (ten.low, ten.value, ten.high) == (500, 600, 800)


def test_only_whole_answers_count_and_the_newest_first():
    call = next(entry for entry in every_entry() if entry.state == "complete")
    calls = [replace(call, output_tokens=n) for n in range(1, 251)]
    calls += [replace(call, state="cut", output_tokens=9_999), replace(call, model=None, listed_as=None)]
    told = recorded_answers(calls).of("gpt-4o")
    assert told is not None
    assert told.lengths == tuple(range(1, 201))
    assert recorded_answers(calls).of("gpt-4.1") is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Translate {text} to French.", True),
        ("Translate  to\n French.", True),
        ("Translate to French", False),
        ("translate to French.", False),
    ],
)
def test_a_template_is_known_without_what_is_filled_in(text, same):
    assert (template_hash(text, b"key") == template_hash("Translate {x} to French.", b"key")) == same


CELL = """%%llmcost --run
import os
for who in os.environ["WHO"].split():
    asked = [{"role": "user", "content": f"Greet {who} warmly."}]
    client.chat.completions.create(model="gpt-4o", messages=asked)
"""


@pytest.fixture
def asking(shell, monkeypatch):
    monkeypatch.setenv("WHO", "Ann Bob")
    with asking_shell(shell) as asking:
        yield asking


@pytest.mark.parametrize("keep", ["memory", "file"])
def test_a_recorded_prompt_needs_no_out(asking, tmp_path, keep):
    if keep == "file":
        run(asking, f"%config LLMNumbers.ledger = {str(tmp_path / 'ledger.db')!r}")
    provider = asking.user_ns["provider"]
    for output in (40, 60):
        usage = {"prompt_tokens": 100, "completion_tokens": output, "total_tokens": 100 + output}
        with provider.behaving(usage=usage):
            run(asking, CELL)
    asking.user_ns["who"] = "Eve"
    estimate = asking.run_cell_magic("llmcost", "-m gpt-4o -t", "Greet {who} warmly.")
    output = estimate["output_tokens"]
    assert (output.low, output.value, output.high) == (40, 50, 60)
    assert "4 recorded answers" in output.note
    rate = Decimal(10) / 10**6
    assert estimate["total_usd"].low == estimate["input_usd"].value + 40 * rate
    assert estimate["total_usd"].high == estimate["input_usd"].value + 60 * rate
    # Another prompt, another model, and what the user says himself.
    assert asking.run_cell_magic("llmcost", "-m gpt-4o", "Greet nobody.")["output_tokens"].value is None
    other = asking.run_cell_magic("llmcost", "-m gpt-4.1 -t", "Greet {who} warmly.")
    assert other["output_tokens"].value is None
    given = asking.run_cell_magic("llmcost", "-m gpt-4o --out 7 -t", "Greet {who} warmly.")
    assert (given["output_tokens"].value, given["output_tokens"].origin) == (7, "given")


def test_the_source_of_the_next_run_is_estimated_with_its_answers(asking):
    run(asking, CELL)
    ledger = asking.run_line_magic("llmcost", "--ledger")
    first = ledger.by("cell")[-1]
    assert first["expected_usd"].is_at_least
    run(asking, CELL)
    second = asking.run_line_magic("llmcost", "--ledger").by("cell")[-1]
    # The source fills in what only the run knows, so that the input is the least still.
    assert second["expected_usd"].value > first["expected_usd"].value
    assert float(second["expected_usd"].value - first["expected_usd"].value) == pytest.approx(50 * 10 / 10**6)


def test_two_prompts_of_one_model_each_learn_from_their_own_answers(asking):
    lines = [
        f'client.chat.completions.create(model="gpt-4o", messages=[{{"role": "user", "content": "{text}"}}])'
        for text in ("Greet Ann.", "Greet Bob.")
    ]
    run(asking, "%%llmcost --run\n" + "\n".join(lines))
    told = asking.run_cell_magic("llmcost", "-m gpt-4o", "Greet Bob.")
    assert told["output_tokens"].value == 50
    # In a loop: each answer is that of the prompt whose words were sent.
    lines = [line.replace("Greet", "Thank") for line in lines]
    loop = 'import os\nfor _ in os.environ["WHO"].split():\n    '
    run(asking, "%%llmcost --run\n" + loop + "; ".join(lines))
    told = asking.run_cell_magic("llmcost", "-m gpt-4o", "Thank Bob.")["output_tokens"]
    assert "2 recorded answers" in told.note
