"""The live line without a browser: its reading of a cell, the server's handler, the terminal's toolbar."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sys
import threading
import time
import timeit
import urllib.request
from functools import partial
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import pexpect
import psutil
import pyte
import pytest
from IPython.utils.capture import capture_output
from traitlets import TraitError

from ipython_llmnumbers.live.cell import may_be_live
from ipython_llmnumbers.live.child import MOST_REQUEST_BYTES
from ipython_llmnumbers.live.line import _MAGICS as LIVE_MAGICS
from ipython_llmnumbers.live.line import live_lines, settings_with
from ipython_llmnumbers.live.rate import TokenBucket
from ipython_llmnumbers.live.told import DEFAULTS
from ipython_llmnumbers.messages import LANGUAGES
from ipython_llmnumbers.render.figure_text import value_text

from .servers import JupyterServer

# -- reading a cell -----------------------------------------------------------------------


def line_of(cell, settings):
    """The one line of a cell."""
    (line,) = live_lines(cell, settings)
    return str(line)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "print(1)",
        "%%time\nhello",
        "%%llmcosts\nhello",
        "# %%llmcost\nhello",
        's = """\n%llmcost hello\n"""',
        "%%bash\n%llmcost hello",
        "%llmcost?",
        "%%llmcost?\nhello",
        "%%gpufit 13B\nhello",
        "%llmnumbers",
        "%%llmcost --help\nhello",
    ],
)
def test_other_cells_have_no_line(cell):
    assert live_lines(cell, settings_with("")) == ()


@pytest.mark.parametrize(
    ("cell", "level", "shown"),
    [
        ("%%llmcost\n", "info", "write the prompt below"),
        ("%%llmcost", "info", "write the prompt below"),
        ("%%llmcost -m nosuch\nhello", "error", "unknown model 'nosuch'"),
        ("%%llmcost --out\nhello", "error", "--out needs a value"),
        ("%llmcost -v prompt", "later", "variables are read when the cell runs"),
        ("%gpufit", "info", "write the model behind it"),
        ("%llmcost", "info", "write the prompt behind it"),
        ("%gpufit 70B --gpu T4", "warning", "does not fit"),
        ("%gpufit llama-3.1-8b --gpu H200", "info", "Llama-3.1-8B on H200"),
        ("%%llmcost -m house\nhello", "info", "unpriced"),
        ("%%llmcost -m gpt-4\n" + "word " * 9000, "warning", "110 % of the 8,192-token window"),
        ("%%llmcost -m gpt-4\n" + "word " * 900, "info", "11 % of the 8,192-token window"),
        ("%%llmcost -m gpt-4o,gpt-4o-mini\nhello", "info", "gpt-4o-mini: 1 token, $0.00000015 · gpt-4o: 1"),
        ("%%llmcost\n\ud800", "info", "1 token"),
    ],
)
def test_what_a_line_says(cell, level, shown, user_table):
    user_table.write_text('[[prices]]\nmodel = "house"\ntokenizer = "llama3"\nchecked = 2026-11-20\n')
    (line,) = live_lines(cell, settings_with(""))
    assert shown in str(line)
    assert line.level == level


def test_the_default_model_is_the_front_end_s_setting():
    assert "gpt-4 (default) ·" in line_of("%%llmcost\nhello", settings_with("gpt-4"))
    assert "gpt-4o ·" in line_of("%%llmcost -m gpt-4o\nhello", settings_with("gpt-4"))


def test_another_currency_is_the_front_end_s_setting_or_the_cell_s():
    euros = settings_with(currency="EUR", rate="0.5@2026-11-20")
    assert " · €0.0000025 · " in line_of("%%llmcost -m gpt-4o\nhello world", euros)
    cell = "%%llmcost -m gpt-4o --out 300 --calls 1000 --currency JPY --rate 150@2026-11-20\nhello world"
    assert "$3.00 for 1,000 calls · ¥451 · " in line_of(cell, euros)


def test_the_language_is_the_front_end_s_setting_or_the_cell_s():
    cell = "%%llmcost {} -m gpt-4o\nhello world"
    english, japanese = settings_with(), settings_with(language="ja")
    assert (english.language, japanese.language) == ("en", "ja")
    assert live_lines(cell.format("--lang en"), japanese) == live_lines(cell.format(""), english)
    assert live_lines(cell.format("--lang ja"), english) == live_lines(cell.format(""), japanese)
    with pytest.raises(TraitError, match="not one of en, ja"):
        settings_with(language="xx")


def test_an_option_that_does_more_than_estimate_says_so():
    """A new option is read while somebody types: whoever adds one must say what it does beside.

    Add it here once it is sure that it reads no variable, writes nothing and asks nobody; else
    give it an `effect`.
    """
    only_shape = {
        *("model", "output_tokens", "calls", "var", "quant", "context_tokens", "batch_size", "gpu", "lang"),
        *(
            "template",
            "system",
            "as_text",
            "cached",
            "cache_write",
            "cache_ttl",
            "processing",
            "concise",
            "on",
            "versus",
        ),
        *("turns", "added_tokens", "currency", "rate", "budget_usd", "compare", "ids"),
        *("field", "encoding", "sample", "embed_model", "tune_model", "workers", "executor", "resume"),
        *(
            "engine",
            "kv",
            "tp",
            "pp",
            "ngl",
            "n_cpu_moe",
            "ram",
            "cpu_offload_gb",
            "utilization",
            "draft",
            "draft_layers",
            "text_only",
        ),
        *("max_num_batched_tokens", "max_loras", "max_lora_rank"),
        *("speed", "usd_per_gpu_hour", "method"),
        *("optimizer", "precision", "checkpointing", "seq_tokens", "micro_batch", "zero_stage", "n_gpus"),
        *(
            "lora_rank",
            "offload",
            "attention",
            "compiled",
            "chunked_loss",
            "step_in_backward",
            "train_tokens",
            "generator",
            "generations",
            "reference_model",
        ),
    }
    for magic in LIVE_MAGICS.values():
        for option in magic.all_options:
            assert (option.name in only_shape) != bool(option.effect), (magic.name, option.name)


# -- the server ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = JupyterServer(tmp_path_factory.mktemp("server")).wait()
    yield server
    server.stop()


def test_the_server_answers_with_a_line(server):
    status, lines, _ = server.line({"text": "%%llmcost\nhello world", "model": "gpt-4o"})
    assert status == 200
    assert lines[0]["level"] == "info"
    assert lines[0]["parts"][:3] == ["2 tokens", "$0.000005 input", "gpt-4o (default)"]
    assert server.line({"text": "print(1)"})[:2] == (200, [])


@pytest.mark.parametrize("token", ["", "wrong"])
def test_nobody_asks_without_the_server_s_token(server, token):
    assert server.line({"text": "%%llmcost\nhello"}, token)[0] == 403


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "not JSON (line 1, column 1: Expecting value)"),
        (b'{"text": "zebrafinch', 400, "not JSON (line 1, column 10: "),
        (b"\xff\xfe\x00", 400, "not JSON"),
        (b"[1]", 400, 'no text; send {"text": "the cell"}'),
        (b'{"text": 3}', 400, "no text"),
        (b'{"text": "x", "model": 3}', 400, '"model" must be a string, not int'),
        (b'{"text": "x", "rate": []}', 400, '"rate" must be a string, not list'),
        (b'{"text": "x", "language": 3}', 400, '"language" must be a string, not int'),
        (b'{"text": "x", "variables": []}', 400, '"variables" must be an object or null, not list'),
        (b'{"text": "x", "variables": {"n": 3}}', 400, '"variables" must hold JSON in a string, or null'),
        (b'{"text": "x", "variables": {"n": "zebrafinch"}}', 400, '"variables" must hold JSON'),
        (b"[" * 100_000, 400, "not JSON"),
        (b"x" * (MOST_REQUEST_BYTES + 1), 413, "longer than the 1,000,000 bytes"),
    ],
)
def test_a_bad_request_is_refused_with_what_to_send(server, body, status, message):
    answered, answer, _ = server.line(body)
    assert answered == status
    assert message in answer["message"]


def test_an_unknown_default_model_is_named(server):
    _, (line,), _ = server.line({"text": "%%llmcost\nhello", "model": "gpt-4p"})
    assert line["level"] == "error"
    assert "nearest: gpt-4" in line["parts"][0]


def test_the_server_takes_a_language(server):
    cell = {"text": "%%llmcost -m gpt-4o\nhello world"}
    assert server.line({**cell, "language": "en"})[1] == server.line({**cell, "language": ""})[1]
    assert server.line({**cell, "language": "ja"})[1][0]["level"] == "info"
    _, (line,), _ = server.line({**cell, "language": "xx"})
    (said,) = line["parts"]
    assert said.startswith("the settings of the live line: LLMNumbers.language 'xx' is not one of en, ja")


def test_the_settings_editor_offers_what_the_server_takes(labextension):
    path = labextension / "schemas" / "ipython-llmnumbers" / "live.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert list(schema["properties"]) == ["enabled", *DEFAULTS]
    assert schema["properties"]["language"]["enum"] == ["", *LANGUAGES]


def test_the_server_answers_others_while_it_counts(server):
    """The event loop is free: a status request overtakes a long text that came before it."""
    long = {"text": "%%tokens\n" + "word " * 190_000}
    server.line(long)
    finished = []
    counting = threading.Thread(target=lambda: finished.append(server.line(long)[0]))
    counting.start()
    overtaken = 0
    while counting.is_alive():
        urllib.request.urlopen(f"{server.url}/api/status?token=secret", timeout=300).close()
        overtaken += counting.is_alive()
    assert finished == [200]
    assert overtaken >= 2


def test_a_bucket_gives_a_burst_and_then_so_many_a_second(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("ipython_llmnumbers.live.rate.time", SimpleNamespace(monotonic=lambda: now))
    bucket = TokenBucket(per_s=8, burst=3)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now += 1 / 16
    assert not bucket.take()
    now += 1 / 16
    assert [bucket.take(), bucket.take()] == [True, False]
    now += 3600
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def statuses_of(server, n_requests, until=()):
    """The statuses of that many requests, sent one behind the other; it ends early after one of `until`."""
    host = server.url.removeprefix("http://")
    headers = {"Authorization": "token secret"}
    with contextlib.closing(http.client.HTTPConnection(host, timeout=60)) as connection:
        for _ in range(n_requests):
            connection.request("POST", "/llmnumbers/line", b'{"text": "print(1)"}', headers)
            response = connection.getresponse()
            response.read()
            yield response.status
            if response.status in until:
                return


def at_once(n_threads, answers):
    """What several threads get that each exhaust `answers()`."""
    found = []
    threads = [threading.Thread(target=lambda: found.extend(answers())) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.slow
def test_a_long_notebook_that_opens_in_two_tabs_is_never_refused(tmp_path):
    """Each of 200 cells asks for its line when the notebook opens, and again in the second tab."""
    server = JupyterServer(tmp_path).wait()
    try:
        statuses = at_once(8, lambda: statuses_of(server, 50))
    finally:
        server.stop()
    assert statuses == [200] * 400


def test_a_flood_is_told_to_wait_and_then_answered(server):
    def flood():
        # However slow the machine is, it is a flood as long as more than sixty a second come.
        return statuses_of(server, 5_000, until=(429,))

    assert 429 in at_once(4, flood)
    while (refused := server.line({"text": "print(1)"}))[0] == 200:
        assert 429 in list(flood())
    status, answer, headers = refused
    assert status == 429
    assert "too many live lines" in answer["message"]
    time.sleep(int(headers["Retry-After"]))
    # A second of typing, thirty keystrokes, is answered in full.
    assert list(statuses_of(server, 30)) == [200] * 30
    assert server.line({"text": "%%llmcost\nhello"})[0] == 200


def test_the_log_holds_the_requests_but_no_text(server):
    server.line({"text": "%%llmcost\nzebrafinch"})
    server.line({"text": "%%llmcost --zebrafinch\nzebrafinch"})
    server.line({"text": "%llmcost -v v", "variables": {"v": '"zebrafinch"'}})
    server.line({"text": "%llmcost -v v", "variables": {"v": "zebrafinch"}})
    log = server.log_path.read_text(encoding="utf-8")
    assert "llmnumbers/line" in log
    assert "zebrafinch" not in log


def test_the_package_s_parts_are_of_one_version(labextension):
    package = json.loads((labextension / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == version("ipython-llmnumbers")
    installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / package["name"]
    assert (installed / package["jupyterlab"]["_build"]["load"]).is_file()


# -- the terminal -------------------------------------------------------------------------


# How long to wait for a screen before it counts as hung: a busy machine is slow.
PATIENCE_S = 120


class Terminal:
    """IPython in a real terminal of 24 lines."""

    WIDTH = 160

    def __init__(self, home, *arguments, **variables):
        environment = {**os.environ, "TERM": "xterm-256color", "IPYTHONDIR": str(home), "NO_COLOR": "1"}
        # The screen reads UTF-8, whatever this machine's locale.
        environment |= {"PYTHONUTF8": "1", **variables}
        arguments = ["-m", "IPython", "--no-banner", "--no-confirm-exit", *arguments]
        self.child = pexpect.spawn(
            sys.executable,
            arguments,
            env=environment,
            dimensions=(24, self.WIDTH),
            encoding="utf-8",
            timeout=PATIENCE_S,
        )
        self.screen = pyte.Screen(self.WIDTH, 24)
        # prompt_toolkit draws no toolbar before the terminal has told where the cursor is.
        self.screen.write_process_input = self.child.send
        self.stream = pyte.Stream(self.screen)

    def type(self, text):
        self.child.send(text)

    def run(self, line, prompt):
        """Run one line and wait for the prompt of that number."""
        self.type(line + "\r")
        self.wait_for(f"In [{prompt}]:")

    def wait_for(self, *texts, absent=(), patience_s=PATIENCE_S):
        """Read on until the screen shows every text and none of the absent ones."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            with contextlib.suppress(pexpect.TIMEOUT):
                self.stream.feed(self.child.read_nonblocking(65536, timeout=0.1))
            shown = "\n".join(self.screen.display)
            if all(text in shown for text in texts) and not any(text in shown for text in absent):
                return shown
        raise AssertionError(f"{texts} without {absent} not on the screen:\n{shown}")


@pytest.fixture
def terminal(tmp_path):
    terminals = []

    def start(*arguments, **variables):
        terminals.append(Terminal(tmp_path, *arguments, **variables))
        terminals[-1].wait_for("In [1]:")
        return terminals[-1]

    yield start
    for each in terminals:
        each.child.close(force=True)


@pytest.mark.slow
def test_the_toolbar_follows_the_typing_and_goes(terminal):
    shell = terminal()
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.type("%%llmcost -m gpt-4o\rhello world")
    shell.wait_for("2 tokens · $0.000005 input · gpt-4o")
    shell.type(" again")
    shell.wait_for("3 tokens")
    shell.type("\x03")
    shell.wait_for(absent=["3 tokens · "])
    shell.type("%gpufit 70B --gpu T4")
    shell.wait_for("⚠ 70B on T4: does not fit")
    shell.type("\x03")
    shell.wait_for(absent=["⚠ 70B"])


@pytest.mark.slow
def test_the_toolbar_answers_as_the_cell_would(terminal):
    """As in a notebook: the session's settings and variables, each magic of the cell, what it cannot know."""
    shell = terminal()
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.run("%config LLMNumbers.model = 'gpt-4'", 3)
    shell.run("prompt = 'hello world'; box = object()", 4)
    for cell, shown in {
        "x = %tokens -v prompt": ["2 tokens · $0.00006 input · gpt-4 ·"],
        "# a note\n%llmcost hello\n%gpufit 13B --train qlora --gpu T4": ["1 token · ", "13B (qlora) on T4"],
        "%llmcost -v box.text": [" box is read when the cell runs "],
        "%llmcost -m gpt-4o,clau": ["✖ unknown model 'clau'"],
    }.items():
        shell.type(f"\x1b[200~{cell}\x1b[201~")
        shell.wait_for(*shown)
        shell.type("\x03")
        shell.wait_for(absent=shown[:1])
    shell.type('\x1b[200~text = """\n%llmcost hello\x1b[201~')
    shell.wait_for("%llmcost hello", absent=["1 token", " … "])
    shell.type("\x03")


@pytest.mark.slow
def test_unloading_takes_the_toolbar_away(terminal):
    shell = terminal()
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.type("%tokens hello")
    shell.wait_for("1 token · ")
    shell.type("\x03")
    shell.run("%unload_ext ipython_llmnumbers", 3)
    shell.type("%tokens hello")
    shell.wait_for("%tokens hello", absent=["1 token · "])
    shell.type("\x03")
    shell.run("import threading; [t.name for t in threading.enumerate() if 'llmnumbers' in t.name]", 4)
    shell.wait_for("Out[3]: []")


def process_of(shell):
    """The process that counts for a terminal."""
    (process,) = psutil.Process(shell.child.pid).children()
    assert "line" in process.cmdline()
    return process


@pytest.mark.slow
def test_a_process_that_hangs_does_not_stop_the_prompt(terminal):
    shell = terminal()
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.type("%tokens hello")
    shell.wait_for("1 token · ")
    stopped = process_of(shell)
    os.kill(stopped.pid, signal.SIGSTOP)
    shell.type(" world")
    shell.wait_for("%tokens hello world")  # what is typed is drawn
    shell.wait_for("too long to count while typing; run the cell")
    shell.type(" again")
    shell.wait_for("3 tokens · ")
    assert process_of(shell) != stopped
    shell.type("\x03")
    shell.run("1 + 1", 3)


@pytest.mark.slow
def test_ctrl_c_is_not_the_process_s_and_the_end_of_the_terminal_is(terminal):
    shell = terminal()
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.type("%tokens hello")
    shell.wait_for("1 token · ")
    process = process_of(shell)
    # A terminal sends Ctrl+C to the processes of its foreground group.
    assert os.getpgid(process.pid) != os.tcgetpgrp(shell.child.child_fd)
    shell.type("\x03\x04")
    shell.child.expect(pexpect.EOF)
    psutil.wait_procs([process], PATIENCE_S)
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
def test_a_path_is_looked_for_in_the_folder_that_the_terminal_is_in_now(terminal, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"model_type": "zebrafinch"}')
    shell = terminal()
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.type("%gpufit ./config.json")
    shell.wait_for("no such file")
    shell.type("\x03")
    shell.run(f"%cd -q {tmp_path / 'model'}", 3)
    shell.type("%gpufit ./config.json")
    shell.wait_for("the config has no hidden_size")


@pytest.mark.slow
def test_somebody_else_s_toolbar_is_left_alone(terminal):
    shell = terminal()
    shell.run("get_ipython().pt_app.bottom_toolbar = 'the bar of ' + 'another'", 2)
    shell.wait_for("the bar of another")
    shell.run("%load_ext ipython_llmnumbers", 3)
    shell.type("%tokens hello")
    shell.wait_for("%tokens hello", "the bar of another", absent=["1 token · "])
    shell.type("\x03")
    shell.run("%unload_ext ipython_llmnumbers", 4)
    shell.wait_for("the bar of another")


def test_a_plain_prompt_has_no_toolbar_and_no_fault(terminal):
    shell = terminal("--simple-prompt")
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.run("%unload_ext ipython_llmnumbers", 3)
    assert "Traceback" not in "\n".join(shell.screen.display)


def test_a_terminal_of_few_characters_has_a_toolbar_and_displays(terminal):
    shell = terminal(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    shell.run("%load_ext ipython_llmnumbers", 2)
    shell.type("%tokens hello")
    shell.wait_for("1 token ")
    shell.run("", 3)
    shell.run("%gpufit 13B --gpu T4", 4)
    assert "X does not fit  13B" in shell.wait_for("Needed")
    assert "Traceback" not in "\n".join(shell.screen.display)


def test_a_keystroke_costs_no_counting():
    """What prompt_toolkit calls for each key only looks at the first line, however long the cell is."""
    short, long = ("%%llmcost\n" + "word " * n for n in (1, 200_000))
    assert may_be_live(short)
    assert may_be_live(long)
    times = {
        cell: min(timeit.repeat(partial(may_be_live, cell), number=100, repeat=20)) for cell in (short, long)
    }
    # The second has 200,000 times the words.
    assert times[long] < 100 * times[short]


# -- all three agree ----------------------------------------------------------------------

CELLS = [
    "%%llmcost\nhello world",
    "%%llmcost -m gpt-4o --out 300 --calls 1000\nSummarise the text below.",
    "%%llmcost -m gpt-4o\n  two  spaces, {braces}, $x, 100 %; and a tail;",
    "%%llmcost -m gpt-4\n日本語 👩‍💻 naïve",
    "%%llmcost -m grok-4\nHow long is a piece of string?",
    "%%llmcost -m claude-opus-5-5 --out 1k\nHow long is a piece of string?",
    "%%tokens -m gpt-4o\nHello, world",
    "%%tokens -m grok-4\nHello, world",
    "%llmcost -m gpt-4o-mini  two  spaces on the line",
    "%tokens -m gpt-4 hello",
]


@pytest.mark.slow
def test_the_line_the_toolbar_and_the_magic_agree(server, shell, terminal):
    screen = terminal()
    screen.run("%load_ext ipython_llmnumbers", 2)
    for cell in CELLS:
        with capture_output():
            estimate = shell.run_cell(cell).result
        name = "input_tokens" if estimate.kind == "cost" else "tokens"
        count = estimate[name]
        agreed = [f"{value_text(count)} {'token' if count.value == 1 else 'tokens'}"]
        if estimate.kind == "cost":
            agreed.append(f"{value_text(estimate['input_usd'])} input")
            if estimate["output_tokens"].value is not None:
                agreed.append(f"{value_text(estimate['total_usd'])} with")
        _, (line,), _ = server.line({"text": cell, "variables": {}})
        for text in agreed:
            assert any(part.startswith(text) for part in line["parts"]), (cell, text, line)
        # As pasted: a terminal would indent and break the lines that are typed.
        screen.type(f"\x1b[200~{cell}\x1b[201~")
        # What does not fit is left out in whole parts.
        lengths = accumulate(len(part) + len(" · ") for part in line["parts"])
        n_shown = max(1, sum(length < Terminal.WIDTH - 10 for length in lengths))
        screen.wait_for(" · ".join(line["parts"][:n_shown]))
        screen.type("\x03")
        screen.wait_for(absent=[line["parts"][0]])


@pytest.mark.slow
def test_a_newline_at_the_end_counts_in_the_line_as_it_does_in_the_magic(shell):
    for cell in (
        "%%tokens\nhello\n",
        "%%tokens\nhello\n\n",
        "%%tokens  -m gpt-4o  \nhello",
        "%tokens hello  ",
    ):
        with capture_output():
            count = shell.run_cell(cell).result["tokens"]
        assert line_of(cell, settings_with("")).split()[0] == value_text(count)
