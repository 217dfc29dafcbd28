"""`%%llmcost --run` in a real shell: the cell runs as it does without, and its calls stand under it."""

from __future__ import annotations

import json
import re

import fake_provider
import pytest
from IPython.core import async_helpers
from IPython.utils.capture import capture_output
from recorded_calls import every_call
from recorded_cells import POST

from ipython_llmnumbers.magics.cells.first_line import start_in_first_line
from ipython_llmnumbers.usage.cell_run import cell_run
from ipython_llmnumbers.usage.recording import recorder
from ipython_llmnumbers.usage.recording.recording import Recording


@pytest.fixture(scope="module")
def provider():
    with fake_provider.fake_provider() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def _closed_loop():
    """IPython keeps the loop that awaits a cell of a terminal."""
    yield
    loop, async_helpers._asyncio_event_loop = async_helpers._asyncio_event_loop, None
    if loop is not None:
        loop.close()


@pytest.fixture
def asking(shell, provider):
    """A shell with a function that calls the provider."""
    shell.push({"url": provider.url})
    assert shell.run_cell(POST).success
    yield shell
    assert recorder.active() is None


def shown(shell, cell, **how):
    """The result of a cell, what it printed, and the text of the run below it."""
    with capture_output() as captured:
        result = shell.run_cell(cell, **how)
    texts = [
        output.data["text/plain"]
        for output in captured.outputs
        if 'class="llmnumbers' in output.data.get("text/html", "")
    ]
    assert len(texts) <= 1
    return result, captured, texts[0] if texts else ""


CELLS = {
    "a value": "post()\n1 + 1",
    "print": "print('one')\npost()",
    "display": "from IPython.display import display\ndisplay(3)\npost()",
    "a magic": "%time post()",
    "a shell command": "files = !echo one\npost()\nfiles",
    "a semicolon": "post();",
    "await": "import asyncio\nawait asyncio.sleep(0)\npost()\n'awaited'",
    "async for": "async def some():\n    yield 1\n[each async for each in some()], post()",
    "a function": "def f():\n    return post()\nf()",
    "a future": "from __future__ import annotations\npost()\ndef f(x: nothing): ...\nf.__annotations__",
    "futures": "# a comment\nfrom __future__ import (annotations,\n    division)  # why\npost()\n7 / 0",
    "a future and a semicolon": "from __future__ import annotations;  # why\npost()\n7 / 0",
    "a docstring and a future": '"""One.\nTwo."""\nfrom __future__ import annotations\npost()\n1 / 0',
    "a future of two lines": "from __future__ import \\\n    annotations\npost()\n1 / 0",
    "futures and a magic": "from __future__ import annotations\n%time post()\n!echo two",
    "a docstring": "'''One.'''\npost()",
    "an assignment": "value = post()\nvalue",
    "an error": "post()\n1 / 0",
    "an early error": "1 / 0\npost()",
    "a syntax error": "post()\n1 +* 2",
    "an exit": "post()\nraise SystemExit(3)",
    "interrupted": "post()\nraise KeyboardInterrupt",
    "an assert": "post()\nassert 1 == 2, 'no'",
    "help": "post?",
    "empty": "",
    "blank lines": "\n\npost()\n\n",
    "indented": "if True:\n    post()\n    result = 5\nresult",
}


def outcome(shell, cell):
    """What the user of a cell sees: value, error with its text and line, displays, what is printed."""
    with capture_output() as captured:
        result = shell.run_cell(cell, store_history=False)
    error = result.error_in_exec or result.error_before_exec
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<ipython-input"):
            line = trace.tb_lineno
        trace = trace.tb_next
    outputs = [
        output.data
        for output in captured.outputs
        if 'class="llmnumbers' not in output.data.get("text/html", "")
    ]
    return repr(result.result), type(error), str(error.args if error else ""), line, outputs, captured.stdout


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_runs_as_it_does_without_the_magic(asking, cell):
    value, kind, text, line, outputs, printed = outcome(asking, cell)
    recorded = outcome(asking, f"%%llmcost --run -m gpt-4o\n{cell}")
    assert recorded[:2] == (value, kind)
    if kind is not SyntaxError:  # its text has the line
        assert recorded[2] == text
    # The first line of the cell is the magic's: a traceback names the line that the editor shows.
    assert recorded[3] == (None if line is None else line + 1)
    assert recorded[4] == outputs
    if "time" not in cell:
        assert before_a_traceback(recorded[5]) == before_a_traceback(printed)


def before_a_traceback(printed):
    return re.split("-{20}|  Cell In", printed)[0]


def test_the_calls_stand_under_the_cell(asking):
    _, _, text = shown(asking, "%%llmcost --run\npost()\npost('/v1/messages', model='claude-sonnet-4-5')")
    assert "$0.00161  this cell's 2 calls · 200 tokens in, 100 out" in text
    assert "100 (40" in text
    assert "computed" in text


def test_the_calls_of_a_cell_that_fails_are_shown(asking):
    result, _, text = shown(asking, "%%llmcost --run\npost()\n1 / 0")
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert "this cell's call" in text


def test_a_cell_without_calls_says_so(asking):
    assert shown(asking, "%%llmcost --run\n1 + 1")[2] == "no call of an API was seen"


def test_the_estimate_stands_beside(asking):
    cell = """%%llmcost --run
import random, types
client = types.SimpleNamespace(chat=types.SimpleNamespace(completions=types.SimpleNamespace(create=post)))
ask = [{"role": "user", "content": "Say hello to all of my friends"}]
_ = client.chat.completions.create(model="gpt-4o", messages=ask)
"""
    asking.run_cell("plain = post\ndef post(**body): return plain('/v1/chat/completions', **body)")
    _, _, text = shown(asking, cell)
    # 7 tokens and 7 for the frames of one message; the answer says 100, of which 40 at half the price.
    assert "prompts 1 (gpt-4o), input tokens 14 (-86.0 %), their cost $0.000035 (-82.5 %)" in " ".join(
        text.split()
    )
    _, _, text = shown(asking, cell.replace("--run", "--run --out 50"))
    assert "prompts 1 (gpt-4o), input tokens 14 (-86.0 %), cost $0.000535 (-23.6 %)" in " ".join(text.split())
    # Another text than that of the source is compared with nothing.
    asking.run_cell("same = post\ndef post(**body): return same(**{**body, 'messages': 'Another text.'})")
    assert "input tokens 14, " in " ".join(shown(asking, cell)[2].split())
    asking.run_cell("post = same")
    # A call of another model than the source names is compared with nothing.
    _, _, text = shown(asking, cell.replace('model="gpt-4o"', 'model=random.choice(["claude-sonnet-4-5"])'))
    assert "prompts 1 (gpt-5.4), input tokens ≈14, 13–15, their cost" in " ".join(text.split())


@pytest.mark.parametrize(
    ("cell", "n"),
    [
        ("%%llmcost --run\n%%time\npost()", 1),
        ("%%time\n%%llmcost --run\npost()", 1),
        ("%%llmcost --run\n\n%%capture printed\npost()", 1),
        ("%llmcost --run\npost()", 1),
        ("post()\n%llmcost --run\npost()", 1),
        ("%%llmcost --run\nget_ipython().run_cell('post()')\npost()", 2),
        ("%%llmcost --run\nget_ipython().run_cell_magic('time', '', 'post()')", 1),
        ("get_ipython().run_cell_magic('llmcost', '--run', 'post(); post()')", 2),
        ("%%llmcost --run\n%llmcost --run\npost()", 1),
        ("%%llmcost    --lang en  --run   -m gpt-4o  \npost()", 1),
        ("%%llmcost --run\npost()\nget_ipython().run_cell('')\npost(); post()", 3),
        ("%%llmcost --run\npost()\nget_ipython().run_cell('post()', silent=True)\npost()", 3),
        ("%%llmcost --run\npost()\n%reload_ext ipython_llmnumbers\npost()", 1),
        ("get_ipython().run_cell('%llmcost --run\\npost()', silent=True)\npost()", 1),
        ("from __future__ import annotations\n%llmcost --run\npost()", 1),
        ("%%llmcost --run\nfrom __future__ import annotations;\npost()", 1),
    ],
)
def test_other_magics_stand_around_and_below(asking, cell, n):
    result, _, text = shown(asking, cell)
    assert result.success
    assert ("this cell's call " if n == 1 else f"this cell's {n} calls ") in text


def test_nothing_stays_when_the_cell_has_ended(asking):
    import http.client

    before = http.client.HTTPConnection.__dict__["getresponse"]
    callbacks = {name: list(each) for name, each in asking.events.callbacks.items()}
    shown(asking, "%%llmcost --run\npost()")
    assert http.client.HTTPConnection.__dict__["getresponse"] is before
    assert {name: list(each) for name, each in asking.events.callbacks.items()} == callbacks
    assert shown(asking, "post()")[2] == ""


def test_an_estimate_is_what_the_magic_gives_without_the_option(asking):
    asking.run_cell_magic("llmcost", "-m gpt-4o -o kept", "--run is a word of this prompt")
    assert asking.user_ns["kept"].kind == "cost"


def test_a_file_of_cells_shows_each_run(asking, tmp_path):
    """IPython runs such cells silently: it tells of none that it begins."""
    (tmp_path / "cells.ipy").write_text("%llmcost --run\npost()\npost()\n", encoding="utf-8")
    with capture_output() as captured:
        asking.safe_execfile_ipy(str(tmp_path / "cells.ipy"), shell_futures=True)
    (text,) = (output.data["text/plain"] for output in captured.outputs)
    assert "this cell's 2 calls" in text
    assert "this cell's call" in shown(asking, "%%llmcost --run\npost()")[2]


@pytest.mark.parametrize(
    "start",
    [
        "!true",
        "import os; os.system('true')",
        "import os; os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    ],
)
def test_other_processes_are_said_however_they_are_started(asking, start):
    _, _, text = shown(asking, f"%%llmcost --run\npost()\n{start}")
    assert "other processes that were started, whose calls are not seen: 1" in text


def test_a_run_that_cannot_be_written_is_shown_all_the_same(asking, tmp_path):
    (tmp_path / "mine.json").write_text("{}", encoding="utf-8")
    _, captured, text = shown(asking, f"%%llmcost --run --json {tmp_path / 'mine.json'}\npost()")
    assert "this cell's call" in text
    assert "mine.json" in captured.stdout


def test_tokens_of_a_call_that_says_none_make_the_sum_a_least():
    recording = Recording("1", [each for each in every_call() if each.state in ("complete", "silent")])
    run = cell_run(recording)
    known = [call.figure("input_tokens").value for call in run.parts if "input_tokens" in call]
    assert 0 < len(known) < len(run.parts)
    assert run.figure("input_tokens").is_at_least
    assert run.figure("input_tokens").low == sum(known)


def test_a_text_or_an_unknown_model_is_refused_before_anything_runs(asking):
    for line in ("--run hello", "--run -m nonsense-model-7"):
        _, captured, text = shown(asking, f"%%llmcost {line}\nleft = 1")
        assert text == ""
        assert re.match("llmnumbers: ", captured.stdout), captured.stdout


def test_a_wrong_option_runs_nothing(asking):
    for line in ("--run --bogus", "--run --calls 3", "--run -m"):
        with capture_output() as captured:
            result = asking.run_cell(f"%%llmcost {line}\nprint('ran')")
        assert not result.success
        assert "ran" not in captured.stdout.replace("transformed", "")


def test_a_run_is_kept_under_a_name_and_in_a_file(asking, tmp_path):
    path = tmp_path / "run.json"
    shown(asking, f"%%llmcost --run -o kept --json {path}\npost()")
    kept = asking.user_ns["kept"]
    assert kept.figure("calls").value == 1
    assert json.loads(path.read_text("utf-8"))["figures"]["total_usd"]["value"] == "0.0007"


def test_the_ledger_has_estimates_and_what_cells_cost(asking):
    asking.run_line_magic("llmcost", "-m gpt-4o hello world")
    shown(asking, "%%llmcost --run\npost(); post()")
    shown(asking, "%%llmcost --run\npost(model='gpt-9-never')")
    with capture_output():
        ledger = asking.run_line_magic("llmcost", "--ledger -o kept") or asking.user_ns["kept"]
    assert ledger.figure("recorded_calls").value == 3
    spent = ledger.figure("recorded_usd")
    assert (str(spent.low), spent.is_at_least) == ("0.00140", True)
    assert "at least $0.0014  3 recorded calls · 300 tokens in, 150 out · 1 estimate" in str(ledger)


def test_a_call_after_the_end_of_its_cell_is_in_the_ledger(asking):
    """A thread of the first cell calls while the second is recorded: its call is the first one's."""
    start = "import threading\ngo = threading.Event()\n"
    start += "late = threading.Thread(target=lambda: (go.wait(30), post()))\nlate.start()"
    shown(asking, f"%%llmcost --run\n{start}")
    _, _, text = shown(asking, "%%llmcost --run\ngo.set()\nlate.join()")
    assert "calls meanwhile that belong to earlier cells: 1" in text
    with capture_output():
        ledger = asking.run_line_magic("llmcost", "--ledger -o kept") or asking.user_ns["kept"]
    # Its second cell has neither a call nor a prompt.
    assert [part.figure("recorded_calls").value for part in ledger.by("cell")] == [1]


OPEN = """%%llmcost --run
import urllib.request, json
body = {"model": "claude-sonnet-4-5", "max_tokens": 9, "stream": True}
stream = urllib.request.urlopen(urllib.request.Request(url + "/v1/messages", json.dumps(body).encode()))
beginning = stream.read(600)
"""


def test_a_stream_that_a_later_cell_reads_is_the_first_one_s(asking):
    import http.client

    before = http.client.HTTPConnection.__dict__["getresponse"]
    _, _, text = shown(asking, OPEN, store_history=True)
    # 10 tokens at $3, 70 at $0.30, 5 at $3.75 and 15 at $6 a million, and the first of the answer at $15.
    assert text.startswith("at least $0.0001748")
    assert "calls that go on, and are in the ledger when they end: 1" in text
    with capture_output():
        ledger = asking.run_line_magic("llmcost", "--ledger -o kept") or asking.user_ns["kept"]
    assert [(entry.state, entry.usd_high) for entry in ledger.details.entries] == [("open", None)]
    _, captured, text = shown(asking, "_ = stream.read(); post()")
    assert text == ""
    said = "calls that ended after it: 1; all of its calls: $0.0009098"
    assert said in captured.stdout
    assert http.client.HTTPConnection.__dict__["getresponse"] is before
    with capture_output():
        ledger = asking.run_line_magic("llmcost", "--ledger -o kept") or asking.user_ns["kept"]
    (entry,) = (each for each in ledger.details.entries if each.kind == "call")
    assert (entry.state, entry.output_tokens, f"cell {entry.cell}" in captured.stdout) == (
        "complete",
        50,
        True,
    )


def test_a_stream_that_is_never_read_ends_with_the_extension(asking):
    _, _, text = shown(asking, OPEN)
    assert "calls that go on" in text
    assert "this cell's call" in shown(asking, "%%llmcost --run\npost()")[2]
    with capture_output() as captured:
        asking.run_cell("%unload_ext ipython_llmnumbers")
    assert "calls that ended after it: 1; all of its calls: at least $0.0001748" in captured.stdout
    assert not recorder.is_on()


@pytest.mark.parametrize(
    "start",
    [
        "late = threading.Thread(target=lambda: (go.wait(30), post()))\nlate.start()",
        "pool = concurrent.futures.ThreadPoolExecutor()\nlate = pool.submit(lambda: (go.wait(30), post()))",
    ],
)
def test_what_a_cell_leaves_behind_counts_for_it_when_it_calls(asking, start):
    """Work that calls for the first time when its cell has ended, while no cell is recorded."""
    imports = "import threading, concurrent.futures\ngo = threading.Event()\n"
    assert shown(asking, f"%%llmcost --run\n{imports}{start}")[2] == "no call of an API was seen"
    wait = "late.join()" if "Thread(" in start else "late.result(); pool.shutdown()"
    _, captured, text = shown(asking, f"go.set()\n{wait}\npost()")
    assert text == ""
    assert "calls that ended after it: 1; all of its calls: $0.0007" in captured.stdout
    assert not recorder.is_on()


def test_an_idle_pool_of_an_earlier_cell_is_recorded_no_longer(asking):
    shown(
        asking,
        "%%llmcost --run\nfrom concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor()",
    )
    shown(asking, "%%llmcost --run\npool.submit(post).result()")
    assert not recorder.is_on()
    assert shown(asking, "pool.submit(post).result()")[2] == ""
    asking.run_cell("pool.shutdown()")


def test_watching_shows_each_cell_with_calls(asking):
    _, captured, text = shown(asking, "%llmcost --watch on\npost()")
    assert "from here on" in captured.stdout
    assert "this cell's call" in text
    assert "this cell's call" in shown(asking, "post()")[2]
    assert shown(asking, "1 + 1")[2] == ""
    assert "this cell's 2 calls" in shown(asking, "get_ipython().run_cell('post()')\npost()")[2]
    assert "this cell's call" in shown(asking, "post()\n1 / 0")[2]
    # It is recorded anyway, and shown as it asks.
    assert "this cell's call" in shown(asking, "%%llmcost --run -o kept\npost()")[2]
    assert asking.user_ns["kept"].figure("calls").value == 1
    assert shown(asking, "%%llmcost --run\n1 + 1")[2] == "no call of an API was seen"
    _, captured, text = shown(asking, "post(); post()\n%llmcost --watch off\npost()")
    assert "no longer shown" in captured.stdout
    assert "this cell's 2 calls" in text
    assert shown(asking, "post()")[2] == ""


def test_what_a_watched_cell_started_stays_with_it(asking):
    shown(asking, "%llmcost --watch on")
    start = "import threading\ngo = threading.Event()\n"
    start += "late = threading.Thread(target=lambda: (go.wait(30), post()))\nlate.start()\npost()"
    assert "this cell's call" in shown(asking, start, store_history=True)[2]
    assert "this cell's call" in shown(asking, "go.set()\nlate.join()\npost()")[2]
    shown(asking, "%llmcost --watch off")
    with capture_output():
        ledger = asking.run_line_magic("llmcost", "--ledger -o kept") or asking.user_ns["kept"]
    counted = [part.figure("recorded_calls").value for part in ledger.by("cell")]
    assert sorted(counted) == [1, 2]


@pytest.mark.parametrize("word", ["maybe", "1"])
def test_another_word_than_on_or_off_is_refused(asking, word):
    with capture_output() as captured:
        assert not asking.run_cell(f"%llmcost --watch {word}").success
    assert "write --watch on or --watch off" in captured.stderr + captured.stdout


def test_unloading_ends_watching(bare_shell):
    bare_shell.run_line_magic("load_ext", "ipython_llmnumbers")
    with capture_output():
        bare_shell.run_cell("%llmcost --watch on")
        assert recorder.active() is not None
        bare_shell.run_cell("%unload_ext ipython_llmnumbers")
    assert recorder.active() is None


@pytest.mark.parametrize("start", ["%llmcost --watch on", "%%llmcost --run\n%unload_ext ipython_llmnumbers"])
def test_unloading_restores_the_originals_and_says_where_it_cannot(bare_shell, start):
    import http.client

    connection = http.client.HTTPConnection
    before = connection.__dict__["getresponse"], connection.__dict__["putrequest"]
    bare_shell.run_line_magic("load_ext", "ipython_llmnumbers")
    somebody = (
        "import http.client\nours = http.client.HTTPConnection.getresponse\n"
        "http.client.HTTPConnection.getresponse = lambda self: ours(self)\n"
    )
    first, _, rest = start.partition("\n")
    with capture_output() as captured:
        bare_shell.run_cell(f"{first}\n{somebody}{rest}" if rest else first)
        if not rest:
            bare_shell.run_cell(f"{somebody}%unload_ext ipython_llmnumbers")
    said = "http.client.HTTPConnection.getresponse lies under somebody else's function and stays"
    assert captured.stdout.count(said) == captured.stdout.count("lies under") == 1
    assert connection.__dict__["putrequest"] is before[1]
    connection.getresponse = before[0]
    assert recorder.active() is None


def test_a_broken_recorder_does_not_keep_the_cell_from_running(asking, monkeypatch):
    from ipython_llmnumbers.usage.recording import switch

    def fail(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(switch.LateImports, "watch", fail)
    result, captured, text = shown(asking, "%%llmcost --run\npost()")
    assert (result.result, text) == (200, "")
    assert "is not" in captured.stdout


def test_a_broken_report_is_one_line_under_the_cell(asking, monkeypatch):
    from ipython_llmnumbers.usage import cell_run

    monkeypatch.delenv("LLMNUMBERS_TRACEBACK", raising=False)
    monkeypatch.setattr(cell_run, "call_cost", lambda _: 1 / 0)
    result, captured, text = shown(asking, "%%llmcost --run\npost()")
    assert (result.result, text) == (200, "")
    assert "a fault of this extension, not of yours" in captured.stdout


def test_unloading_ends_what_is_recorded(bare_shell):
    bare_shell.run_line_magic("load_ext", "ipython_llmnumbers")
    transforms = bare_shell.input_transformer_manager.line_transforms
    assert start_in_first_line in transforms
    with capture_output():
        bare_shell.run_cell("%llmcost --run\n%unload_ext ipython_llmnumbers")
    assert recorder.active() is None
    assert start_in_first_line not in transforms
    assert bare_shell.find_cell_magic("llmcost") is None


@pytest.mark.parametrize(
    "cell",
    [
        "%%llmcost\n--run is text",
        "%%llmcost -m gpt-4o\nhello",
        "%%llmcost --running\nx",
        "x = '%%llmcost --run'",
        "",
    ],
)
def test_only_a_run_is_changed(cell):
    lines = cell.splitlines(keepends=True)
    assert start_in_first_line(lines) == lines


def test_in_a_kernel_a_cell_awaits_and_each_call_has_its_cell(kernel, provider):
    """In a real kernel: top-level await, a task that outlives its cell, and a cell that is not recorded."""
    kernel.run(f"url = {provider.url!r}\n{POST}\nimport asyncio")
    reply, messages = kernel.run(
        "%%llmcost --run\ngo = asyncio.Event()\nasync def late():\n    await go.wait()\n    return post()\n"
        "task = asyncio.create_task(late())\nawait asyncio.to_thread(post)"
    )
    assert reply["status"] == "ok"
    kinds = [message["msg_type"] for message in messages]
    assert "execute_result" in kinds
    (text,) = (m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "display_data")
    assert "this cell's call" in text
    _, messages = kernel.run("%%llmcost --run\ngo.set()\nawait task")
    (text,) = (m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "display_data")
    # The call is the first cell's, which has ended.
    assert text.splitlines() == [
        "calls meanwhile that belong to earlier cells: 1",
    ]
    _, messages = kernel.run("post()")
    assert not [m for m in messages if m["msg_type"] in ("display_data", "update_display_data")]


def test_in_a_kernel_a_display_is_brought_up_to_date_while_no_cell_runs(kernel, provider):
    """A task that calls when its cell has ended: the display below that cell has its call."""
    kernel.run(f"url = {provider.url!r}\n{POST}\nimport asyncio")
    start = "async def late():\n    await asyncio.sleep(0.3)\n    return await asyncio.to_thread(post)\n"
    _, messages = kernel.run(f"%%llmcost --run\n{start}task = asyncio.create_task(late())")
    (first,) = (m["content"] for m in messages if m["msg_type"] == "display_data")
    assert first["data"]["text/plain"] == "no call of an API was seen"
    updated = next(
        message["content"]
        for message in iter(lambda: kernel.client.get_iopub_msg(timeout=30), None)
        if message["msg_type"] == "update_display_data"
    )
    assert updated["transient"] == first["transient"]
    assert "this cell's call" in updated["data"]["text/plain"]


def test_in_a_kernel_watched_cells_own_their_calls(kernel, provider):
    """Top-level await, a thread and a plain call, each in a watched cell of a real kernel."""
    kernel.run(f"url = {provider.url!r}\n{POST}\nimport asyncio, threading\n%llmcost --watch on")
    for cell in (
        "await asyncio.to_thread(post)",
        "post()",
        "t = threading.Thread(target=post); t.start(); t.join()",
    ):
        _, messages = kernel.run(cell)
        (text,) = (m["content"]["data"]["text/plain"] for m in messages if m["msg_type"] == "display_data")
        assert "this cell's call" in text
        assert "began before this cell" not in text
        assert "earlier cells" not in text
    _, messages = kernel.run("%llmcost --watch off\npost()")
    assert not [m for m in messages if m["msg_type"] == "display_data"]
