"""`%llmcost --auto on` in a real shell: which cells get a line, what it says, and that it goes."""

from __future__ import annotations

import pytest
from IPython.utils.capture import capture_output

ASK = "ask = 'Summarise the following article in three bullet points.'"

CALL = """if False:
    openai.chat.completions.create(model='gpt-4', messages=[{'role': 'user', 'content': 'hello there'}])
"""


@pytest.fixture
def auto(shell):
    with capture_output():
        shell.run_cell("%llmcost --auto on")
    return shell


def line_after(shell, cell):
    """The text of the line that a cell is followed by; None where there is none."""
    with capture_output() as captured:
        shell.run_cell(cell)
    lines = [output.data["text/plain"] for output in captured.outputs if "text/html" in output.data]
    assert len(lines) <= 1
    return lines[0] if lines else None


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        (ASK, "1 prompt · 11 tokens · $0.0000275 input · gpt-5.4 (default)"),
        (CALL, "1 prompt · 9 tokens · $0.00027 input · gpt-4"),  # 2 and the frame
        ("%%ai chatgpt\nhello there", "1 prompt · 2 tokens"),
        ("n = 3\nask = f'Summarise the text below in {n} points.'", "1 prompt · at least 10 tokens"),
        ("a = 'one two three four five'\nb = 'six seven eight nine ten'", "2 prompts · 10 tokens"),
        ("%%time\n" + ASK, "1 prompt · 11 tokens"),
        ("ask = '次の文章を三つの要点にまとめてください。'", "1 prompt · 14 tokens"),
        ("1 / 0; " + ASK, "1 prompt · 11 tokens"),
        ("ask = '<b>one</b> two three four five'", "1 prompt"),
    ],
)
def test_a_cell_with_prompts_is_followed_by_a_line(auto, cell, line):
    shown = line_after(auto, cell)
    assert shown is not None
    assert shown.startswith(line)


@pytest.mark.parametrize(
    "cell",
    [
        "1 + 1",
        "title = 'a short title'",
        "title = '短い題名'",
        "def f():\n    'A docstring of more than five words, which nobody sends.'",
        "%%llmcost -m gpt-4o\nSummarise the following article in three bullet points.",
        "%%bash\necho one two three four five six",
        "x = (",
        "",
    ],
)
def test_other_cells_are_left_alone(auto, cell):
    assert line_after(auto, cell) is None


def test_a_literal_is_read_and_never_run(auto):
    auto.run_cell("ran = []")
    line_after(auto, "ask = lambda: f'one two three four five {ran.append(1)}'")
    assert auto.user_ns["ran"] == []


def test_it_is_off_until_asked_for_and_after_off_and_after_unloading(shell):
    assert line_after(shell, ASK) is None
    before = list(shell.events.callbacks["post_run_cell"])
    with capture_output():
        shell.run_cell("%llmcost --auto on")
        shell.run_cell("%llmcost --auto on")
    assert len(shell.events.callbacks["post_run_cell"]) == len(before) + 1
    assert line_after(shell, ASK)
    with capture_output():
        shell.run_cell("%llmcost --auto off")
    assert line_after(shell, ASK) is None
    with capture_output():
        shell.run_cell("%llmcost --auto on")
        shell.run_line_magic("reload_ext", "ipython_llmnumbers")
    assert shell.events.callbacks["post_run_cell"] == before


def test_the_default_model_counts_and_a_wrong_word_is_refused(auto):
    auto.run_cell("%config LLMNumbers.model = 'gpt-4'")
    assert line_after(auto, ASK).endswith("gpt-4 (default)")
    with capture_output() as captured:
        auto.run_cell("%llmcost --auto maybe")
    assert "--auto 'maybe': write --auto on or --auto off" in captured.stdout


def test_a_broken_table_of_prices_is_one_line_and_the_cell_s_result_stays(auto, user_table):
    user_table.write_text("[[prices]\n")
    with capture_output() as captured:
        result = auto.run_cell(ASK + "\n7")
    assert result.result == 7
    assert "not valid TOML" in captured.stdout
    assert "Traceback" not in captured.stdout + captured.stderr
