"""What a live line must not do while somebody types: write, read, send, keep, or run a variable's code."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from servers import Answer, JupyterServer, http_server

from ipython_llmnumbers.live.line import live_lines, settings_with

# With an effect that comes after the estimate, and without it: the line is the same.
AFTER = [
    ("%%llmcost -m gpt-4o {}\nhello world", "--json out.json"),
    ("%%llmcost -m gpt-4o {}\nhello world", "--json ~/out.json"),
    ("%%llmcost -m gpt-4o {}\nhello world", "-o kept"),
    ("%%llmcost -m gpt-4o,gpt-4 --out 5 {}\nhello world", "--json out.json -o kept"),
    ("%llmcost -m gpt-4o {} hello world", "--json out.json"),
    ("%llmcost -m gpt-4o {} hello world", "-o kept"),
    ("%%tokens -m gpt-4o {}\nhello world", "--json out.json"),
    ("%%tokens -m gpt-4o --compare {}\nhello world", "--json out.json"),
    ("%%tokens -m gpt-4o {}\nhello world", "-o kept"),
    ("%tokens -m gpt-4o {} hello world", "--json out.json -o kept"),
]
# With an effect instead of the estimate, which waits until the cell runs: there is no line.
INSTEAD = [
    "%llmcost --auto on",
    "%llmcost --live",
    "%llmcost --ledger",
    "%llmcost --ledger --json out.json -o kept",
    "%llmcost --ledger --csv out.csv",
    "%llmcost --ledger --bill secret.txt",
    "%llmcost --ledger --spans",
    "%llmcost --update-prices",
    "%%llmcost -m gpt-4o --ask-provider\nhello world",
    "%%llmcost -m claude-opus-5-5 --ask-provider --json out.json\nhello world",
    "%%llmcost -m gemini-2.5-pro --ask-provider\nhello world",
    "%tokens --file secret.txt",
    "%tokens -m gpt-4o --file secret.txt --json out.json",
    "%gpufit Qwen/Qwen3-8B --hub --gpu T4",
]
# A notebook's variables are not read: an attribute may be code.
VARIABLES = [
    "%llmcost -v trap.text",
    "%%llmcost -t\n{trap}",
    "%%llmcost --system trap\nhello",
    "%tokens -v trap.text",
    "%gpufit -v trap.text --gpu T4",
]


class Trap:
    """A variable whose attribute tells that it was read."""

    def __init__(self) -> None:
        self.n_reads = 0

    @property
    def text(self) -> str:
        self.n_reads += 1
        return "7B"


_opened: list[tuple[str, int]] | None = None


def _note_open(event, arguments):
    if event == "open" and _opened is not None and isinstance(arguments[0], str):
        _opened.append((arguments[0], arguments[2]))


sys.addaudithook(_note_open)  # for the life of the process: Python takes none off


@contextmanager
def opened() -> Iterator[list[tuple[str, int]]]:
    """The files that Python opens meanwhile, each with the flags."""
    global _opened
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


@pytest.fixture
def notebook(shell, tmp_path, monkeypatch):
    """A shell with a variable, in an empty folder that is its home too; every address leads to one server."""
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    with http_server(lambda _: Answer(200, b'{"input_tokens": 42, "totalTokens": 42}')) as (url, asked):
        for variable in ("ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "OPENAI_BASE_URL", "HF_ENDPOINT"):
            monkeypatch.setenv(variable, url)
        monkeypatch.setenv("LLMNUMBERS_PRICES_URL", f"{url}/data.json")
        for variable in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY"):
            monkeypatch.setenv(variable, "secret")
        shell.user_ns["trap"] = trap = Trap()
        names = set(shell.user_ns)
        yield
        assert list(folder.iterdir()) == []
        assert asked == []
        assert set(shell.user_ns) == names
        assert trap.n_reads == 0
        assert shell.run_line_magic("llmcost", "--ledger")["estimates"].value == 0


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize(("cell", "option"), AFTER)
def test_the_effect_after_an_estimate_waits_until_the_cell_runs(cell, option):
    plain = live_lines(cell.format("").replace("  ", " ").replace(" \n", "\n"), settings_with())
    assert [line.level for line in plain] == ["info"]
    with opened() as files:
        assert live_lines(cell.format(option), settings_with()) == plain
    assert [path for path, flags in files if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)] == []


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize("cell", INSTEAD)
def test_an_effect_in_place_of_an_estimate_has_no_line(cell):
    with opened() as files:
        assert live_lines(cell, settings_with()) == ()
    assert not any("secret" in path or "out.json" in path for path, _ in files)


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize("cell", VARIABLES)
def test_a_variable_is_not_read_while_typing(cell):
    (line,) = live_lines(cell, settings_with())
    assert (line.level, line.parts) == ("later", ("a notebook's variables are read when the cell runs",))


def test_the_same_cells_have_their_effects_when_they_run(shell, tmp_path, monkeypatch):
    """Else the tests above would pass with options that do nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    shell.user_ns["trap"] = trap = Trap()
    for name in ("llmcost", "tokens"):
        shell.run_cell_magic(name, f"-m gpt-4o --json {name}.json -o kept_{name}", "hello world")
        assert json.loads((tmp_path / f"{name}.json").read_text())["kind"] in ("cost", "tokens")
        assert f"kept_{name}" in shell.user_ns
    shell.run_line_magic("llmcost", "-m gpt-4o --json ~/home.json -v trap.text")
    assert (tmp_path / "home.json").is_file()
    assert trap.n_reads > 0
    assert shell.run_line_magic("llmcost", "--ledger")["estimates"].value == 2
    for name in ("kept_llmcost", "kept_tokens"):
        del shell.user_ns[name]


@pytest.mark.slow
def test_the_server_leaves_the_folder_that_it_serves_as_it_is(tmp_path):
    (tmp_path / "secret.txt").write_text("zebrafinch")
    server = JupyterServer(tmp_path).wait()
    try:
        before = sorted(path.name for path in tmp_path.iterdir())
        for cell in [*(cell.format(option) for cell, option in AFTER), *INSTEAD, *VARIABLES]:
            request = urllib.request.Request(
                f"{server.url}/llmnumbers/line",
                json.dumps({"text": cell}).encode(),
                {"Authorization": "token secret"},
            )
            with urllib.request.urlopen(request, timeout=60) as response:
                assert (json.load(response) == []) == (cell in INSTEAD), cell
        assert sorted(path.name for path in tmp_path.iterdir()) == before
        assert "zebrafinch" not in server.log_path.read_text()
    finally:
        server.stop()
