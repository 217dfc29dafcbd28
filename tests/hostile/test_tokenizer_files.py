"""A tokenizer.json of a stranger's: its settings change no count; it neither hangs nor crashes a cell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from builders import tokenizer_json

from ipython_llmnumbers import count_tokens
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.probes.tokenizers import local_files
from ipython_llmnumbers.probes.tokenizers.local_files import FileTokenizer

pytest.importorskip("tokenizers")


@pytest.fixture
def written(tmp_path):
    def write(**changes):
        path = tmp_path / "tokenizer.json"
        path.write_text(tokenizer_json(**changes))
        return path

    return write


TRUNCATION = {"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0}
PADDING = {
    "strategy": {"Fixed": 128},
    "direction": "Right",
    "pad_to_multiple_of": None,
    "pad_id": 0,
    "pad_type_id": 0,
    "pad_token": "a",
}


def test_a_file_that_cuts_and_fills_up_counts_the_text_as_it_is(written):
    """all-MiniLM-L6-v2 ships a truncation to 128 tokens (martin-conur/quackformers#83)."""
    tokens = count_tokens("a" * 30, str(written(truncation=TRUNCATION, padding=PADDING)))["tokens"]
    assert tokens.value == 30
    assert "the file asks to cut at 1; the model does not see the rest" in tokens.note


def test_a_file_that_cuts_nothing_says_nothing(written):
    assert "asks to cut" not in count_tokens("a" * 30, str(written()))["tokens"].note


def replace_all(content, times):
    step = {"type": "Replace", "pattern": {"String": "a"}, "content": content}
    return {"type": "Sequence", "normalizers": [step] * times}


def test_a_file_that_never_ends_is_ended(written, monkeypatch):
    """Thirty letters become thirty billion by four replacements."""
    monkeypatch.setattr(local_files, "_LEAST_S", 1.0)
    with pytest.raises(LLMNumbersError, match="no answer within 1 s") as caught:
        count_tokens("a" * 30, str(written(normalizer=replace_all("a" * 1_000, 3))))
    assert "\n" not in str(caught.value)


def test_a_pattern_that_backtracks_for_ever_is_one_line(written):
    pattern = {"type": "Split", "pattern": {"Regex": "((a+)+)+$"}, "behavior": "Isolated", "invert": False}
    with pytest.raises(LLMNumbersError, match="not a tokenizer that can be used"):
        count_tokens("a" * 30 + "!", str(written(pre_tokenizer=pattern)))


@pytest.mark.parametrize(
    "changes",
    [
        {"model": {"type": "nosuch"}},
        {
            "pre_tokenizer": {
                "type": "Split",
                "pattern": {"Regex": "("},
                "behavior": "Isolated",
                "invert": False,
            }
        },
        {"decoder": 7},
        {"added_tokens": [{"id": -1}]},
        {"truncation": {**TRUNCATION, "max_length": -1}},
        {"normalizer": json.loads("[" * 300 + "]" * 300)},
    ],
)
def test_a_file_that_is_no_tokenizer_is_one_line(written, changes):
    with pytest.raises(LLMNumbersError, match="not a tokenizer that can be used") as caught:
        count_tokens("a", str(written(**changes)))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.skipif(not hasattr(os, "kill") or sys.platform == "win32", reason="no signals here")
def test_a_process_that_died_is_started_again(written):
    tokenizer = FileTokenizer(written())
    assert tokenizer.encode("ab") == [0, 1]
    os.kill(tokenizer._process.pid, signal.SIGKILL)
    tokenizer._process.wait()
    assert tokenizer.encode("ba") == [1, 0]
    assert tokenizer.token_bytes(1) == b"b"


@pytest.mark.skipif(sys.platform == "win32", reason="no signals here")
def test_a_process_that_is_held_is_left(written, monkeypatch):
    monkeypatch.setattr(local_files, "_LEAST_S", 1.0)
    tokenizer = FileTokenizer(written())
    os.kill(tokenizer._process.pid, signal.SIGSTOP)
    with pytest.raises(LLMNumbersError, match="no answer within 1 s"):
        tokenizer.encode("a")
    assert tokenizer.encode("ab") == [0, 1]


def test_the_process_ends_with_its_notebook(written):
    """Also where the notebook's is killed: its input closes."""
    script = (
        "import sys, os\n"
        "from pathlib import Path\n"
        "from ipython_llmnumbers.probes.tokenizers.local_files import FileTokenizer\n"
        "tokenizer = FileTokenizer(Path(sys.argv[1]))\n"
        "print(tokenizer._process.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    command = [sys.executable, "-c", script, str(written())]
    # The child inherits no output of ours, or this would wait for it.
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.stdout.strip().isdecimal()
    assert run.stderr == ""


def test_a_user_s_module_is_not_the_standard_library_s(written, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    (tmp_path / "base64.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    assert count_tokens("ab", str(written()))["tokens"].value == 2


def test_nothing_of_a_library_s_crash_is_printed(written, capfd):
    with pytest.raises(LLMNumbersError):
        count_tokens("a", str(written(decoder=7)))
    assert capfd.readouterr() == ("", "")
