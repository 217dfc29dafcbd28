"""Text, HTML and Markdown say the same, keep a user's text as text, and stay small."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from rich.cells import cell_len

from ipython_llmnumbers import (
    count_tokens,
    estimate_cost,
    gpu_fit,
    gpu_speed,
    gpu_train,
    numbers,
)
from ipython_llmnumbers.estimates.classroom.guesses import read_guesses
from ipython_llmnumbers.estimates.classroom.quiz import make_quiz, score_quiz
from ipython_llmnumbers.figures import Note, TokenPiece, derive, given
from ipython_llmnumbers.messages import speaking
from ipython_llmnumbers.render.layout import Layout, Table
from ipython_llmnumbers.render.layouts import lay_out
from ipython_llmnumbers.render.renderers.html import html
from ipython_llmnumbers.render.renderers.markdown import markdown
from ipython_llmnumbers.render.renderers.text import text
from ipython_llmnumbers.render.token_text import visible

PROMPT = "Summarise the text below in three sentences. " * 45  # about 2 kB

ESTIMATES = {
    "cost": lambda: estimate_cost(PROMPT, model="gpt-4o", output_tokens=300, calls=1000),
    "comparison": lambda: estimate_cost(PROMPT, model="gpt-4o,grok-4,Qwen/Qwen3-8B", calls=1000),
    "tokens": lambda: count_tokens(PROMPT, "gpt-4o"),
    "fit": lambda: gpu_fit("llama-3.1-8b", gpu="A100-80GB"),
    "fit without a GPU": lambda: gpu_fit("13B"),
    "numbers": numbers,
    "one number": lambda: numbers("gpt4_to_gpt35_cost"),
    "the longest number": lambda: numbers("kv_memory_per_token_13b", context_tokens=8192),
    "quiz": lambda: make_quiz(5, seed=3),
    "score": lambda: score_quiz(5, 3, read_guesses("1000000 7")),
}


class _Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.cells, self.tags, self.in_cell = [], set(), False

    def handle_starttag(self, tag, _attrs):
        self.tags.add(tag)
        if tag in ("td", "th"):
            self.cells.append("")
            self.in_cell = True

    def handle_data(self, data):
        if self.in_cell:
            self.cells[-1] += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.in_cell = False


@pytest.fixture(params=ESTIMATES.values(), ids=ESTIMATES)
def estimate(request):
    return request.param()


def test_every_value_in_the_html_is_in_the_text_and_the_markdown(estimate):
    layout = lay_out(estimate)
    layout = replace(layout, tables=tuple(table for table in layout.tables if not table.only_folds))
    parser = _Cells()
    parser.feed(html(layout))
    plain = re.sub(r"\s+", "", text(layout))
    marked = re.sub(r"[\s\\]+", "", markdown(layout))
    for cell in filter(None, parser.cells):
        for word in cell.split():
            assert word in plain
            assert word in marked


def test_only_tags_that_every_front_end_keeps(estimate):
    parser = _Cells()
    parser.feed(estimate._repr_mimebundle_()["text/html"])
    assert parser.tags <= {
        "div",
        "table",
        "caption",
        "b",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "small",
        "span",
        "br",
        "wbr",
        "details",
        "summary",
    }


def test_no_colour_is_set_for_text_and_no_mathjax_is_woken(estimate):
    drawn = estimate._repr_mimebundle_()["text/html"]
    assert not re.search(r"(?<!background-)color:", drawn)
    assert "mathjax_ignore" in drawn


def test_an_ordinary_output_stays_under_20_kB(estimate):
    bundle = estimate._repr_mimebundle_()
    assert len(bundle["text/html"].encode()) < 20_000
    assert len(json.dumps(bundle)) < 60_000


def test_a_notebook_grows_by_at_most_60_lines(estimate):
    """As Jupyter writes it: one space of indent, and each line of a text on its own (nbformat 4)."""

    def lines(*outputs):
        notebook = new_notebook(cells=[new_code_cell(outputs=list(outputs), id="a")])
        return nbformat.writes(notebook).count("\n")

    output = new_output("execute_result", data=estimate._repr_mimebundle_(), execution_count=1)
    assert lines(output) - lines() <= 60


def test_a_long_token_view_is_folded_and_says_so():
    bundle = count_tokens("word " * 100_000, "gpt-4o")._repr_mimebundle_()
    for drawn in bundle.values():
        assert f"and {100_001 - 200:,} more tokens" in drawn
        assert len(drawn) < 25_000


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "`` ``` `",
        "| a | b |",
        "$x$ and $y$",
        "**bold** _it_",
        "\x1b[31m",
        "[red]",
    ],
)
def test_a_user_s_text_is_never_markup(text):
    bundle = count_tokens(text, "gpt-4o")._repr_mimebundle_()
    assert "<script" not in bundle["text/html"]
    assert "\x1b" not in bundle["text/plain"]
    fence = re.search(r"^(`{3,})text\n(.*)\n\1$", bundle["text/markdown"], re.MULTILINE | re.DOTALL)
    assert fence
    assert fence[1] not in fence[2]
    joined = fence[2].replace("│", "").replace("·", " ").replace("␛", "\x1b")
    assert joined == text


def test_a_model_s_name_is_never_markup(user_table):
    user_table.write_text(
        '[[prices]]\nmodel = "<b>x</b>"\ninput_usd_per_mtok = 1\ntokenizer = "llama3"\nchecked = 2026-11-20\n'
    )
    html = estimate_cost("x", model="<b>x</b>")._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_a_character_that_several_tokens_make_is_shown_whole():
    """o200k_base cuts 輩 into three tokens, and each half of 👩‍💻 into two."""
    shown = count_tokens("a 輩 👩‍💻", "gpt-4o")._repr_mimebundle_()
    for drawn in shown.values():
        assert re.search("輩³.*👩².*⟨U\\+200D⟩.*💻²", drawn, re.DOTALL)
        assert "⟨F0" not in drawn
    assert shown["text/html"].count('<span title="') == 5  # the ids of each


def test_bytes_that_make_no_character_are_shown_as_they_are():
    assert visible(TokenPiece(0, b"\xf0\x9f")) == "⟨F0 9F⟩"
    assert visible(TokenPiece(0, "👩".encode())) == "👩"


def test_only_the_types_that_are_asked_for_are_drawn(monkeypatch):
    """IPython hands on what its caller asks for: DisplayFormatter.format, `include` and `exclude`."""
    estimate = count_tokens("hello world", "gpt-4o")
    both = estimate._repr_mimebundle_(exclude={"text/markdown"})
    assert set(both) == {"text/plain", "text/html"}
    monkeypatch.setattr("ipython_llmnumbers.render.draw_text", None)
    monkeypatch.setattr("ipython_llmnumbers.render.markdown", None)
    assert estimate._repr_mimebundle_(include={"text/html"}) == {"text/html": both["text/html"]}


def test_a_terminal_gets_colour_and_a_pipe_does_not(monkeypatch):
    estimate = count_tokens("hello world", "gpt-4o")
    assert "\x1b[" not in str(estimate)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert "\x1b[" in str(estimate)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in str(estimate)


def test_an_optimizer_that_is_elsewhere_is_shown_and_one_that_keeps_nothing_is_not():
    assert "in the CPU's memory" in str(gpu_train("llama-3.1-8b", gpu="T4", offload="optimizer"))
    assert "Optimizer" not in str(gpu_train("llama-3.1-8b", gpu="T4", optimizer="sgd", precision="bf16"))


def test_no_text_moves_the_cursor_or_becomes_markup():
    """A model's name out of another's notebook: escape sequences, halves of characters, Markdown and HTML."""
    name = "\x1b]0;title\x07\x9b31m\ud800 # &lt;b&gt;"
    figure = derive("total_usd", "USD", lambda usd: usd, usd=given("usd", 1, "USD", f"note {name}"))
    part = estimate_cost("hello", "gpt-4o", output_tokens=3)
    estimate = replace(part, subject=name, figures=(*part.figures, figure), notes=(Note(f"# {name}"),))
    shown = estimate._repr_mimebundle_()
    for said in (shown["text/plain"], shown["text/markdown"], str(estimate.explain())):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", said)
    assert r"\x1b]0;title\x07\x9b31m\ud800" in shown["text/plain"]
    assert "\\&lt;" in shown["text/markdown"]
    assert not re.search("^# ", shown["text/markdown"], re.MULTILINE)


def test_a_figure_by_itself_is_one_line_and_one_small_table():
    total = estimate_cost("hello", "gpt-4o", output_tokens=300)["total_usd"]
    shown = total._repr_mimebundle_()
    assert shown["text/plain"].splitlines()[0] == "$0.003002  Total per call · derived"
    assert "= input_usd + output_usd" in shown["text/plain"]
    assert shown["text/html"].count("<table") == 1
    assert len(shown["text/plain"].splitlines()) < 10
    given_one = given("calls", 3, "calls", "--calls 3")._repr_mimebundle_()
    assert given_one["text/plain"] == "3  Calls · given\n--calls 3"


def test_a_list_of_estimates_is_one_of_answers(estimate):
    assert "\n" not in repr(estimate)
    assert len(repr(estimate)) < 250
    assert repr(estimate).startswith(f"<{estimate.kind} of ")


def test_marimo_is_given_one_type(estimate):
    """Of a bundle of several it makes tabs (marimo's formatting protocol, `_mime_`)."""
    assert estimate._mime_() == ("text/html", estimate._repr_mimebundle_()["text/html"])


def test_the_cheapest_is_not_one_that_is_shut_down():
    comparison = estimate_cost("hello", "gpt-4o,gpt-4o-mini,text-davinci-003", on="2026-11-24")
    assert comparison.parts[-1].subject == "text-davinci-003"
    assert repr(comparison).startswith("<cost of 'gpt-4o, gpt-4o-mini, text-davinci-003': gpt-4o-mini ")


def test_the_totals_of_a_comparison_stand_on_one_scale():
    """GPT-4 costs some 180 times what GPT-4o mini does: both are read at the same decimal."""
    comparison = estimate_cost("hello", "gpt-4o,gpt-4o-mini,gpt-4", output_tokens=300, on="2026-11-24")
    (totals,) = lay_out(comparison).open_tables
    amounts = [row[1] for row in totals.rows]
    assert len({len(amount.partition(".")[2]) for amount in amounts}) == 1
    assert totals.meters.title == "$ per call"
    assert totals.meters.amounts == tuple(float(part["total_usd"].value) for part in comparison.parts)


def test_what_would_fit_stands_beside_the_verdict():
    shown = gpu_fit("llama-3.1-70b", gpu="RTX 4090")._repr_mimebundle_()
    for drawn in shown.values():
        assert drawn.index("does not fit") < drawn.index("it fits with") < drawn.index("Weights")


def test_a_compact_display_leaves_out_how_it_is_made(shell):
    full = shell.run_line_magic("llmcost", "-m gpt-4o --out 300 hello")
    shell.run_cell("%config LLMNumbers.display = 'compact'")
    compact = shell.run_line_magic("llmcost", "-m gpt-4o --out 300 hello")
    assert "Input cost" in str(full)
    assert str(compact).splitlines()[0] == str(full).splitlines()[0]
    for drawn in compact._repr_mimebundle_().values():
        assert not re.search("Input cost|Tokenizer|<details>", drawn)
    assert "shuts down" in str(compact)  # a warning is never left out
    fit = shell.run_line_magic("gpufit", "llama-3.1-8b --gpu RTX-4090")
    assert "█ Weights" in str(fit)
    assert compact.to_dict()["figures"] == full.to_dict()["figures"]


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("tokens --ids -m gpt-4o hello", "Ids: 24912"),
        ("llmcost --concise -m gpt-4o --out 300 hello", r"output \$0\.0003–0\.0018 if asked to be concise"),
        ("llmcost --vs gpt-4o-mini -m gpt-4o --out 300 hello", r"gpt-4o : gpt-4o-mini: 16\.\d+ ×"),
        ("llmcost --concise -m gpt-4o,gpt-4o-mini --out 300 hello", "Output, concise"),
        ("llmnumbers --quiz 2 --seed 7", "--answers '1:… 2:…'"),
    ],
)
def test_what_an_option_asked_for_stands_in_a_compact_display(shell, call, answer):
    shell.run_cell("%config LLMNumbers.display = 'compact'")
    estimate = shell.run_line_magic(*call.split(" ", 1))
    for drawn in (str(estimate), unescape(estimate._repr_mimebundle_()["text/html"])):
        assert re.search(answer, drawn), drawn


def test_another_word_for_how_much_is_shown_is_refused(shell, caplog):
    shell.run_cell("%config LLMNumbers.display = 'tiny'")
    assert "display 'tiny' is not one of full, compact" in caplog.text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "shift_jis"])
def test_a_display_is_printed_on_any_console(encoding):
    """Python's own rule for a console or a file that is not UTF-8 is an error."""
    code = (
        "from ipython_llmnumbers import *\n"
        "print(gpu_fit('llama-3.1-70b', gpu='T4'))\n"
        "print(count_tokens('日本語 é'), estimate_cost('x', 'gpt-4o'))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "does not fit" in done.stdout.decode(encoding)


KATAKANA = re.compile("[ァ-ヺー]{2,}")
NUMBERS = re.compile(r"[$¥€≈~]*\d[\d,.]*(?:–[$¥]?\d[\d,.]*)*")
WIDE = {
    "comparison in yen": lambda: estimate_cost(
        "hello",
        "gpt-4o-mini,gemini-2.5-pro,gpt-4o,claude-sonnet-4-5,ollama/llama3.1:8b",
        output_tokens=300,
        calls=1000,
        currency="JPY",
        rate="150@2026-11-24",
    ),
    "devices": lambda: gpu_fit("llama-3.1-8b"),
    "tokenizers": lambda: count_tokens("hello world", ["gpt-4o", "grok-4", "claude-opus-5-5"]),
    "training": lambda: gpu_train("llama-3.1-8b", method="qlora", gpu="RTX 4090", train_tokens=10**9),
    "speed": lambda: gpu_speed("llama-3.1-8b", gpu="H100"),
    "quiz": ESTIMATES["quiz"],
    "score": ESTIMATES["score"],
}


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("make", WIDE.values(), ids=WIDE)
def test_no_number_is_broken_and_no_line_too_long(make, language, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    with speaking(language):
        layout = replace(lay_out(make()), explained=())
        # Bars are left out where there is no room for them.
        layout = replace(layout, tables=tuple(replace(table, meters=None) for table in layout.tables))
        monkeypatch.setenv("COLUMNS", "1000")
        numbers_shown = Counter(NUMBERS.findall(text(layout)))
        for width in (60, 66, 72, 80, 100, 140):
            monkeypatch.setenv("COLUMNS", str(width))
            drawn = text(layout)
            assert not numbers_shown - Counter(NUMBERS.findall(drawn)), width
            assert all(cell_len(line) <= width for line in drawn.splitlines()), width


# JLREQ (W3C): a line of Japanese may end nearly anywhere; in a column it ends between words.
# 入力トー/クン and モデ/ル were seen.
@pytest.mark.parametrize("make", WIDE.values(), ids=WIDE)
def test_no_word_in_katakana_is_torn(make, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    with speaking("ja"):
        layout = replace(lay_out(make()), explained=())
        layout = replace(layout, tables=tuple(replace(table, meters=None) for table in layout.tables))
        monkeypatch.setenv("COLUMNS", "1000")
        words = Counter(KATAKANA.findall(text(layout)))
        for width in (80, 100, 140):
            monkeypatch.setenv("COLUMNS", str(width))
            assert not words - Counter(KATAKANA.findall(text(layout))), width


def test_a_table_is_folded_where_that_makes_the_fewest_lines(monkeypatch):
    """The middle one of three columns has a single long cell: that is folded, not the many of the others."""
    rows = tuple((f"a name of a row {n}", "1", f"and what it is of {n}") for n in range(9))
    table = Table(
        "",
        ("Name", "Value", "Of"),
        (*rows, ("the last", "a long and only value", "all")),
        right=frozenset({1}),
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "56")
    assert len(text(Layout((table,))).splitlines()) == 1 + 9 + 2
