"""Text is text: whatever a name holds, no output moves a cursor, turns a line or becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.utils.capture import capture_output

from ipython_llmnumbers import count_tokens, estimate_cost, gpu_fit
from ipython_llmnumbers.errors import LLMNumbersError, UsageError
from ipython_llmnumbers.messages import escaped, said, say, speaking
from ipython_llmnumbers.notebooks.ipython_syntax import annotate

NASTY = (
    "\x1b]0;pwn\x07\x1b[31m\x9b1m\u202egpj\u2066\x7f\ud800\u2028 <img src=x onerror=alert(1)> | `a` [x](y:1)"
)
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
ALLOWED_TAGS = {
    *("div", "table", "caption", "thead", "tbody", "tr", "th", "td", "b", "small", "span", "br", "wbr"),
    *("details", "summary"),
}


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, {name for name, _ in attrs}))


def check(*texts):
    for text in texts:
        assert not FORBIDDEN.search(text), ascii(text)


def check_estimate(estimate):
    """Every way in which an estimate is shown."""
    for language in ("en", "ja"):
        with speaking(language):
            shown = estimate._repr_mimebundle_()
            explained = estimate.explain()
            check(str(estimate), repr(estimate), *explained._repr_mimebundle_().values())
        written = shown.get("text/markdown", "")  # of what is long there is none
        check(shown["text/plain"], shown["text/html"], written)
        tags = Tags()
        tags.feed(shown["text/html"])
        assert {tag for tag, _ in tags.found} <= ALLOWED_TAGS
        assert not {name for _, names in tags.found for name in names if name.startswith("on")}
        assert "<img" not in written.replace("\\<img", "")


def test_a_text_is_escaped_as_python_writes_it():
    assert escaped("a\x1b[31m\u202e\n\ud800") == r"a\x1b[31m\u202e\n\ud800"
    assert escaped("日本語 👩‍💻 é") == "日本語 👩‍💻 é"
    assert said("a\x07") == said(say("{x}", x="a\x07")) == r"a\x07"


@given(st.text())
def test_nothing_that_is_said_moves_a_cursor(text):
    check(escaped(text), said(text), str(say("{a}: {b}", a=text, b=say("{c}", c=text))))
    error = UsageError("{x} is wrong", x=text)
    check(str(error), "".join(error._render_traceback_()))
    assert "\n" not in str(error)


@pytest.fixture
def nasty_table(user_table):
    name = NASTY.encode("unicode_escape").decode().replace("\\x", "\\u00").replace("\\ud800", "")
    user_table.write_text(
        f'[[prices]]\nmodel = "house"\nprovider = "{name}"\nsource = "{name}"\nurl = "{name}"\n'
        'input_usd_per_mtok = 1\ntokenizer = "llama3"\nchecked = 2026-11-20\n'
        f'[[gpus]]\nname = "Card {name}"\nmemory_gib = 48\nsource = "{name}"\nchecked = 2026-11-20\n',
        encoding="utf-8",
    )


@pytest.mark.usefixtures("nasty_table")
def test_the_user_s_table():
    check_estimate(estimate_cost("hi", "house", output_tokens=3))
    check_estimate(gpu_fit("llama-3.1-8b", gpu="Card gpj"))


def test_prompts_and_token_views():
    check_estimate(estimate_cost(NASTY, "gpt-4o"))
    check_estimate(count_tokens(NASTY, "gpt-4o", ids=True))
    check_estimate(count_tokens([NASTY, "b"], "gpt-4o", label=NASTY))


WORDS = [
    f"-m {NASTY!r}",
    f"--out {NASTY!r}",
    f"--{NASTY}",
    f"--on {NASTY!r} hi",
    f"-v {NASTY}",
    f"--json {NASTY!r} x",
]


@pytest.mark.parametrize("magic", ["llmcost", "tokens", "gpufit", "llmnumbers"])
@pytest.mark.parametrize("words", [*WORDS, NASTY, f"-m gpt-4o --file '{NASTY}'", "--gpu '" + NASTY + "' 8B"])
def test_refusals(shell, magic, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a file may have such a name
    with capture_output() as captured:
        result = shell.run_cell(f"%{magic} {words}")
    check(captured.stdout, captured.stderr)
    assert captured.stderr == ""
    if isinstance(result.error_in_exec, LLMNumbersError):
        assert captured.stdout.count("\n") == 1


def test_columns_of_a_table(shell):
    pandas = pytest.importorskip("pandas")
    # Beside pyarrow, pandas keeps names as Arrow's texts, which hold no half of a character, unless told.
    names = pandas.Index([NASTY, "\u202egpj.exe", "ok\n| x"], dtype=object)
    shell.user_ns["df"] = pandas.DataFrame([["a b", "c d", "e f"]], columns=names)
    with capture_output() as captured:
        shell.run_cell("%llmcost -v df")
    check(captured.stdout)
    assert captured.stdout.count("\n") == 1


def test_a_notebook(tmp_path):
    cells = [
        nbformat.v4.new_code_cell(f"ask({NASTY.replace(chr(0xD800), '')!r})"),
        nbformat.v4.new_code_cell("(" * 10 + NASTY.replace("\ud800", "")),
    ]
    path = tmp_path / "in \x1b[31m\u202e.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    check_estimate(annotate(str(path), str(tmp_path / "out.ipynb"), "gpt-4o"))
    copy = nbformat.read(tmp_path / "out.ipynb", 4)
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            check(cell.source)
