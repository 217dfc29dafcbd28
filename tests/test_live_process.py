"""The process that counts live lines: what it answers, and how it ends, is ended and is started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from ipython_llmnumbers.live.child import MOST_REQUEST_BYTES, Child
from ipython_llmnumbers.live.line_process import MOST_MEMORY_BYTES

from .hostile.builders import tokenizer_json

COMMAND = [sys.executable, "-m", "ipython_llmnumbers", "line"]
GOOD = {"text": "%%llmcost -m gpt-4o\nhello world"}
TWO_TOKENS = ["2 tokens", "$0.000005 input", "gpt-4o", "under 0.1 % of the 128,000-token window"]
TOO_LONG = {"parts": ["too long to count while typing; run the cell"], "level": "info"}
# How long to wait for what must end; it ends in a fraction of that.
PATIENCE_S = 60

pytestmark = pytest.mark.slow


def answers_to(*requests, arguments=(), **options):
    """What the process answers before it ends: parsed, one for each line of its stdout."""
    lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in requests]
    run = subprocess.run(
        [*COMMAND, *arguments], input=b"\n".join(lines), capture_output=True, timeout=PATIENCE_S, **options
    )
    assert run.returncode == 0, run.stderr.decode()
    return [json.loads(line) for line in run.stdout.splitlines()]


def explosion(folder):
    """A tokenizer.json with which thirty letters become thirty billion; `hang` is a cell that names it."""
    step = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 1_000}
    normalizer = {"type": "Sequence", "normalizers": [step] * 3}
    (folder / "tokenizer.json").write_text(tokenizer_json(normalizer=normalizer))
    return {"text": f"%%tokens -m {folder}/tokenizer.json\n" + "a" * 30}


def gone(processes):
    """Whether all of them end within the patience; that nobody has reaped them yet does not matter."""

    def is_gone(process):
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return wait_until(lambda: all(map(is_gone, processes)))


def wait_until(condition):
    end = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


# -- what it answers ----------------------------------------------------------------------


def test_each_line_has_one_answer_in_order_with_its_id():
    requests = [{"id": n, **GOOD} for n in (3, "b", None)]
    found = answers_to(*requests, {"id": 4, "text": "print(1)"}, GOOD)
    assert [answer["id"] for answer in found] == [3, "b", None, 4, None]
    assert found[0]["lines"] == [{"parts": TWO_TOKENS, "level": "info"}]
    assert found[3] == {"id": 4, "lines": []}
    assert found[4]["lines"] == found[0]["lines"]


def test_the_documented_talk_is_what_is_said():
    page = Path(__file__).parent.parent / "docs" / "frontends.md"
    if not page.is_file():
        pytest.skip("no docs beside these tests")
    talk = page.read_text("utf-8").partition("<!-- a test runs this -->")[2].split("```")[1].splitlines()
    asked = [line[2:].encode() for line in talk if line.startswith("> ")]
    answered = [json.loads(line[2:]) for line in talk if line.startswith("< ")]
    assert len(answered) == 4
    assert answers_to(*asked) == answered


MALFORMED = [
    (b"", "not JSON (line 1, column 1: Expecting value)"),
    (b"\xff", "not JSON (byte 0 is not UTF-8)"),
    (b"[" * 100_000, "nested deeper than 64 levels"),
    (b'{"text": NaN}', "NaN is no value of JSON"),
    (b"[1]", "no text; send"),
    (b'{"id": 1}', "no text; send"),
    (b'{"id": [1], "text": "x"}', '"id" must be a number or a short string'),
    (b'{"id": "' + b"x" * 200 + b'", "text": "x"}', '"id" must be a number or a short string'),
    (b'{"text": "x", "model": 3}', '"model" must be a string, not int'),
    (b"x" * (MOST_REQUEST_BYTES + 1), "longer than the 1,000,000 bytes"),
    (b"x" * (3 * MOST_REQUEST_BYTES), "longer than the 1,000,000 bytes"),
]


def test_a_malformed_line_gets_an_error_and_the_next_one_its_answer():
    lines = [each for line, _ in MALFORMED for each in (line, {"id": 2, **GOOD})]
    answers = answers_to(*lines)
    for (line, error), bad, good in zip(MALFORMED, answers[::2], answers[1::2], strict=True):
        assert error in bad["error"], line[:50]
        assert good["id"] == 2
        assert good["lines"][0]["parts"] == TWO_TOKENS


def test_nothing_but_answers_is_on_stdout():
    """Whatever a library prints, by Python or past it."""
    code = (
        "import os\n"
        "from ipython_llmnumbers.live import line_process\n"
        "count = line_process.live_lines\n"
        "def loud(*given):\n"
        "    print('zebrafinch', flush=True)\n"
        "    os.write(1, b'zebrafinch')\n"
        "    return count(*given)\n"
        "line_process.live_lines = loud\n"
        "line_process.answer_lines()"
    )
    command, line = [sys.executable, "-c", code], json.dumps(GOOD).encode()
    run = subprocess.run(command, input=line, capture_output=True, timeout=PATIENCE_S, check=True)
    assert json.loads(run.stdout)["lines"][0]["parts"] == TWO_TOKENS
    assert run.stderr.count(b"zebrafinch") == 2


# -- which files it opens -----------------------------------------------------------------


@pytest.fixture
def folders(tmp_path):
    """A folder that is served, one beside it, and links from the one into the other; both hold a model."""
    served, outside = tmp_path / "served", tmp_path / "outside"
    for folder in (served, outside):
        (folder / "model").mkdir(parents=True)
        (folder / "model" / "config.json").write_text('{"model_type": "zebrafinch"}')
        (folder / "tokenizer.json").write_text(tokenizer_json())
    (served / "link").symlink_to(outside / "model")
    (served / "link.json").symlink_to(outside / "tokenizer.json")
    (served / "inner").mkdir()
    (served / "inner" / "config.json").symlink_to(outside / "model" / "config.json")
    (served / "inner" / "a.safetensors").symlink_to(outside / "model" / "config.json")
    return served, outside


OUTSIDE = [
    "%gpufit {outside}/model",
    "%gpufit ../outside/model",
    "%gpufit ./model/../../outside/model",
    "%gpufit ./link",
    "%gpufit ./inner",
    "%gpufit ./inner/config.json",
    "%gpufit {outside}/nothing.gguf",
    "%gpufit ~/model",
    "%%tokens -m {outside}/tokenizer.json\naaa",
    "%%tokens -m ./link.json\naaa",
]


def test_no_path_outside_the_served_folder_is_opened_while_typing(folders):
    served, outside = folders
    requests = [{"text": cell.format(outside=outside)} for cell in OUTSIDE]
    for cell, answer in zip(
        OUTSIDE, answers_to(*requests, arguments=["--root", str(served)], cwd=served), strict=True
    ):
        assert answer["lines"][0]["level"] == "later"
        (said,) = answer["lines"][0]["parts"]
        assert said.endswith("is outside the served folder; it is read when the cell runs"), cell
    # A terminal's process has no such folder.
    assert "outside the served folder" not in str(answers_to(*requests, cwd=served))


def test_a_path_in_a_variable_is_as_one_in_the_cell(folders):
    served, outside = folders
    told = {"model": json.dumps(f"{outside}/model"), "file": json.dumps(f"{outside}/tokenizer.json")}
    cells = ["%gpufit -v model", "%%tokens -m {file}\naaa"]
    requests = [{"text": cell, "variables": told} for cell in cells]
    inside = {"text": "%gpufit -v model", "variables": {"model": '"./model"'}}
    *refused, opened = answers_to(*requests, inside, arguments=["--root", str(served)], cwd=served)
    assert all("is outside the served folder" in str(each) for each in refused)
    assert "the config has no hidden_size" in str(opened)


def test_a_default_model_outside_the_served_folder_is_not_opened(folders):
    served, outside = folders
    request = {"text": "%%llmcost\nhello", "model": f"{outside}/tokenizer.json"}
    (answer,) = answers_to(request, arguments=["--root", str(served)])
    assert "is outside the served folder" in answer["lines"][0]["parts"][0]


@pytest.mark.parametrize("through_a_link", [False, True])
def test_a_path_in_the_served_folder_is_opened(folders, tmp_path, through_a_link):
    served, _ = folders
    if through_a_link:  # the folder itself may be named by one
        (tmp_path / "home").symlink_to(served)
        served = tmp_path / "home"
    cells = ["%gpufit ./model", f"%gpufit {served}/model", "%%tokens -m ./tokenizer.json\naaa"]
    requests = [{"text": cell} for cell in cells]
    first, second, third = answers_to(*requests, arguments=["--root", str(served)], cwd=served)
    assert "the config has no hidden_size" in str(first)
    assert "the config has no hidden_size" in str(second)
    assert third["lines"][0]["parts"][0] == "3 tokens"


def test_the_caches_and_the_user_s_table_are_read_wherever_they_are(folders, tmp_path):
    served, outside = folders
    snapshot = tmp_path / "hub" / "models--acme--finch" / "snapshots" / "0"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text('{"model_type": "zebrafinch"}')
    table = outside / "table.toml"
    table.write_text('[[prices]]\nmodel = "house"\ntokenizer = "llama3"\nchecked = 2026-11-20\n')
    variables = {**os.environ, "HF_HUB_CACHE": str(tmp_path / "hub"), "LLMNUMBERS_FILE": str(table)}
    requests = [{"text": "%gpufit acme/finch"}, {"text": "%%llmcost -m house\nhello"}]
    cached, priced = answers_to(*requests, arguments=["--root", str(served)], env=variables)
    assert "the config has no hidden_size" in str(cached)
    assert "house" in priced["lines"][0]["parts"]


# -- how it ends --------------------------------------------------------------------------


@pytest.fixture
def impatient():
    """A warm process whose own clock rings after a second."""
    code = (
        "from ipython_llmnumbers.live import line_process\n"
        "line_process.live_lines('%%llmcost\\nwarm', line_process.settings_with())\n"
        "line_process.OWN_CLOCK_S = 1.0\n"
        "line_process.answer_lines()"
    )
    command = [sys.executable, "-c", code]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **pipes) as child:
        yield child
        child.kill()


def send(child, request):
    child.stdin.write(json.dumps(request).encode() + b"\n")
    child.stdin.flush()


def test_without_a_front_end_it_ends_by_its_own_clock_with_what_it_started(impatient, tmp_path):
    """As after a SIGKILL of a server whose process waits for that of a tokenizer.json."""
    send(impatient, explosion(tmp_path))
    started = wait_until(psutil.Process(impatient.pid).children)
    assert impatient.stdout.readline() == b""
    assert impatient.wait(PATIENCE_S) == 1
    assert gone(started)


def test_a_library_that_holds_the_interpreter_does_not_stop_the_clock(impatient):
    send(impatient, {"text": "%%tokens -m gpt-4o --compare\n" + "word " * 190_000})
    assert impatient.stdout.readline() == b""
    assert impatient.wait(PATIENCE_S) in (1, -signal.SIGPROF)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_its_memory_is_limited_and_that_of_what_it_starts(tmp_path):
    (tmp_path / "tokenizer.json").write_text(tokenizer_json())
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        request = {"text": f"%%tokens -m {tmp_path}/tokenizer.json\naaa"}
        send(child, request)
        assert b"3 tokens" in child.stdout.readline()
        pids = [child.pid, *(each.pid for each in psutil.Process(child.pid).children())]
        limits = [psutil.Process(pid).rlimit(psutil.RLIMIT_AS) for pid in pids]
        child.stdin.close()
    assert limits == [(MOST_MEMORY_BYTES, MOST_MEMORY_BYTES)] * 2


# -- how a front end keeps it -------------------------------------------------------------


@pytest.fixture
def child():
    child = Child()
    yield child
    child.close()


def ask(child, request=GOOD, language="en"):
    return child.ask(json.dumps(request, indent=1).encode(), language)["lines"][0]


def pid_of(child):
    return child._process.pid


def test_a_stopped_process_is_killed_and_another_one_answers(child):
    assert ask(child)["parts"] == TWO_TOKENS
    stopped = psutil.Process(pid_of(child))
    stopped.suspend()
    for request in (GOOD, {"text": "%%tokens\n" + "word " * 100_000}):  # more than a pipe holds
        if request is not GOOD:
            child.ready()
            os.kill(pid_of(child), signal.SIGSTOP)
        assert ask(child, request) == TOO_LONG
    assert gone([stopped])
    assert ask(child)["parts"] == TWO_TOKENS


def test_a_library_that_never_ends_is_killed_with_its_process(child, tmp_path):
    hang = explosion(tmp_path)
    child.ready()
    process, waiting = psutil.Process(pid_of(child)), []
    thread = threading.Thread(target=lambda: waiting.append(ask(child, hang)))
    thread.start()
    (started,) = wait_until(process.children)
    thread.join(PATIENCE_S)
    assert waiting == [TOO_LONG]
    assert gone([process, started])
    assert ask(child)["parts"] == TWO_TOKENS


def test_a_process_that_is_killed_between_two_lines_is_missed_by_nobody(child):
    assert ask(child)["parts"] == TWO_TOKENS
    killed = pid_of(child)
    os.kill(killed, signal.SIGKILL)
    assert gone([psutil.Process(killed)])
    assert ask(child)["parts"] == TWO_TOKENS
    assert pid_of(child) != killed


def test_a_process_that_is_killed_at_a_line_is_told(child, tmp_path):
    hang = explosion(tmp_path)
    child.ready()
    process, waiting = psutil.Process(pid_of(child)), []
    thread = threading.Thread(target=lambda: waiting.append(ask(child, hang)))
    thread.start()
    (started,) = wait_until(process.children)
    process.kill()
    thread.join(PATIENCE_S)
    assert waiting[0]["level"] == "error"
    assert waiting[0]["parts"] == ["the process that counts this cell ended; run the cell"]
    assert gone([started])
    assert ask(child)["parts"] == TWO_TOKENS


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prlimit")
def test_a_line_without_memory_is_one_line_and_the_next_is_answered(child):
    child.ready()
    process = psutil.Process(pid_of(child))
    most = process.memory_info().vms + (20 << 20)  # four vocabularies take more
    process.rlimit(psutil.RLIMIT_AS, (most, most))
    line = ask(child, {"text": "%%tokens -m gemma-3-27b,gpt-oss-20b,llama-4-scout,qwen3-8b\nhello"})
    assert line["level"] == "error"
    assert len(line["parts"]) == 1
    assert ask(child)["parts"] == TWO_TOKENS


FIRST_OF_A_KIND = [
    "%%llmcost -m gpt-4o,o3 --out 300 --calls 1000\nhello world",
    "%tokens hello world",
    "%gpufit 13B --gpu T4",
    "%gpufit llama-3.1-8b --gpu RTX4090 --speed",
    "%gpufit llama-3.1-8b --train qlora",
    "%gpufit gpt-oss-120b --gpu 2xH100 --engine vllm",
]


def test_no_line_waits_for_a_part_of_the_package_to_load():
    """On a machine that is four times slower, `%gpufit` alone loaded for longer than a line has."""
    code = (
        "import json, sys\n"
        "from ipython_llmnumbers.live import child, line_process\n"
        "for each in child._WARM: line_process._answer(each)\n"
        "before = set(sys.modules)\n"
        "lines = [line_process._answer(each.encode())['lines'][0] for each in json.load(sys.stdin)]\n"
        "loaded = [name for name in sys.modules if name not in before and name.startswith('ipython_llm')]\n"
        "print(json.dumps([[line['level'] for line in lines], loaded]))"
    )
    requests = json.dumps([json.dumps({"text": cell}) for cell in FIRST_OF_A_KIND])
    run = subprocess.run(
        [sys.executable, "-c", code], input=requests, capture_output=True, text=True, check=True
    )
    levels, loaded = json.loads(run.stdout)
    assert "error" not in levels
    # Written numbers, which only a few options take.
    assert set(loaded) <= {"ipython_llmnumbers.estimates.number_words"}


def test_a_text_that_no_request_holds_is_not_sent(child):
    assert ask(child, {"text": "x" * MOST_REQUEST_BYTES}) == TOO_LONG
    assert child._process is None


@pytest.fixture
def broken_python(tmp_path, monkeypatch):
    """An interpreter that ends at once with 3, and notes each start."""
    starts = tmp_path / "starts"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\necho start >> {starts}\nexit 3\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    return lambda: starts.read_text().count("start")


def test_a_process_that_cannot_start_is_told_and_not_tried_at_each_line(child, broken_python):
    (said,) = {*ask(child)["parts"], *ask(child)["parts"], *ask(child)["parts"]}
    assert said == (
        "the live line's process does not start (it ended: 3);"
        " to see why, run: python -m ipython_llmnumbers line"
    )
    assert broken_python() == 1


def test_the_pause_grows_and_a_start_that_works_ends_it(child, broken_python, monkeypatch):
    pauses = []
    for _ in range(8):
        child._not_before = 0.0
        before = time.monotonic()
        child.ready()
        pauses.append(child._not_before - before)
    assert broken_python() == 8
    assert all(later > 1.5 * sooner for sooner, later in pairwise(pauses[:5]))
    assert 60 <= max(pauses) < 60 + PATIENCE_S
    child._not_before = 0.0
    monkeypatch.undo()
    assert ask(child)["parts"] == TWO_TOKENS


def test_an_interpreter_that_is_not_there_is_told(child, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "does not start (No such file or directory)" in ask(child)["parts"][0]


def test_a_module_in_the_served_folder_is_not_run(tmp_path):
    """As in a folder of a stranger's, with a json.py of its own."""
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    child = Child(str(tmp_path))
    try:
        assert ask(child)["parts"] == TWO_TOKENS
    finally:
        child.close()


def test_closing_ends_it_at_whatever_it_is(child, tmp_path):
    hang = explosion(tmp_path)
    child.ready()
    process = psutil.Process(pid_of(child))
    thread = threading.Thread(target=ask, args=(child, hang))
    thread.start()
    (started,) = wait_until(process.children)
    child.close()
    thread.join(PATIENCE_S)
    assert gone([process, started])
    assert ask(child)["level"] == "error"  # it starts no other


def test_the_exit_of_a_front_end_ends_it():
    """By the exit of Python, also if it hangs; a kill of the front end is in test_live_server.py."""
    code = (
        "from ipython_llmnumbers.live.child import Child\n"
        "import os, signal\n"
        "child = Child()\n"
        "child.ready()\n"
        "print(child._process.pid)\n"
        "os.kill(child._process.pid, signal.SIGSTOP)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    pid = int(run.stdout)
    assert not psutil.pid_exists(pid) or gone([psutil.Process(pid)])
