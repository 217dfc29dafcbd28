"""The ledger in a file: several kernels, a kill, a full disk, and files of somebody else; nothing is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import fields, replace
from pathlib import Path

import fake_provider
import pytest
from IPython.utils.capture import capture_output
from recorded_calls import every_entry
from recorded_cells import POST

from ipython_llmnumbers.errors import FileError
from ipython_llmnumbers.estimates.ledger.entry import Entry
from ipython_llmnumbers.usage.ledger.book import Book
from ipython_llmnumbers.usage.ledger.ledger_file import LedgerFile
from ipython_llmnumbers.usage.ledger.templates import user_key


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.db"


def child(code, *arguments, **how):
    """Another Python that runs this code with the package at hand."""
    tests = str(Path(__file__).parent)
    begin = f"import sys\nsys.path.insert(0, {tests!r})\n"
    begin += "from recorded_calls import every_entry\n"
    begin += "from ipython_llmnumbers.usage.ledger.ledger_file import LedgerFile\n"
    command = [sys.executable, "-c", begin + textwrap.dedent(code), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **how)


def test_what_is_written_is_read(path):
    written = every_entry()
    LedgerFile(path).append(written)
    read = LedgerFile(path).entries()
    assert sorted(map(repr, read)) == sorted(map(repr, written))
    # Each field has a value in one of them, so that each is carried.
    lacking = {each.name for each in fields(Entry) if not [1 for e in written if getattr(e, each.name)]}
    assert lacking == set()


@pytest.mark.slow
def test_several_kernels_write_at_once(path):
    code = """
    from pathlib import Path
    from dataclasses import replace
    for n in range(30):
        LedgerFile(Path(sys.argv[1])).append([replace(every_entry()[0], session=sys.argv[2], cell=str(n))])
    """
    children = [child(code, path, f"kernel {n}") for n in range(4)]
    for each in children:
        each.communicate(timeout=120)
    assert [each.returncode for each in children] == [0, 0, 0, 0]
    lines = {(entry.session, entry.cell) for entry in LedgerFile(path).entries()}
    assert len(lines) == len(LedgerFile(path).entries()) == 120


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL")
def test_a_kernel_that_is_killed_leaves_what_it_wrote(path):
    code = """
    from pathlib import Path
    file = LedgerFile(Path(sys.argv[1]))
    for n in range(10_000):
        file.append(every_entry()[:1])
        print(n, flush=True)
    """
    writer = child(code, path)
    for line in writer.stdout:
        if int(line) >= 5:
            break
    writer.kill()
    rest = writer.communicate()[0].split()
    said = int(rest[-1]) + 1 if rest else 6
    # One more may be written than was said.
    assert said <= len(LedgerFile(path).entries()) <= said + 1
    LedgerFile(path).append(every_entry()[:1])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RLIMIT_FSIZE")
def test_a_full_disk_is_one_line_and_loses_nothing(path):
    """The system refuses to let any file grow past 60 kB, as it refuses where a disk is full."""
    code = """
    import resource
    from pathlib import Path
    from ipython_llmnumbers.errors import FileError
    file = LedgerFile(Path(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))
    n = 0
    try:
        while n < 10_000:
            file.append(every_entry())
            n += len(every_entry())
    except FileError as error:
        print(n, error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    file.append(every_entry())
    """
    written = child(code, path)
    (line,) = written.communicate(timeout=120)[0].splitlines()
    assert written.returncode == 0
    n, _, error = line.partition(" ")
    assert error.startswith(f"{path} cannot be used (")
    assert len(LedgerFile(path).entries()) == int(n) + len(every_entry())


FOREIGN = {
    "a text": b"my diary\n" * 20,
    "a short file": b"SQLite",
    "a notebook": b'{"cells": []}',
    "half a header": b"SQLite format 3\x00",
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_of_something_else_is_left_as_it_is(path, content):
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"is no ledger of this extension; name another file$"):
        LedgerFile(path).append(every_entry())
    assert path.read_bytes() == content
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_database_of_another_program_is_left_as_it_is(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cookies (name)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(FileError, match="is no ledger of this extension"):
        LedgerFile(path).check()
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", [0, 2, 99])
def test_a_ledger_of_another_version_is_left_as_it_is(path, version):
    LedgerFile(path).append(every_entry())
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(FileError, match=f"is of version {version}, and this extension reads version 1"):
        LedgerFile(path).entries()
    assert path.read_bytes() == before


def test_a_damaged_ledger_is_one_line(path):
    LedgerFile(path).append(every_entry())
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"cannot be used \(.*malformed"):
        LedgerFile(path).entries()


@pytest.mark.parametrize(("column", "value"), [("usd", "much"), ("at", "yesterday"), ("input_tokens", "ten")])
def test_a_line_that_somebody_spoilt_is_one_line(path, column, value):
    LedgerFile(path).append(every_entry())
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE entries SET {column} = ? WHERE id = 3", (value,))
    connection.close()
    with pytest.raises(FileError, match="a line of it cannot be read"):
        LedgerFile(path).entries()


def test_an_empty_file_becomes_a_ledger(path):
    path.touch()
    LedgerFile(path).append(every_entry())
    assert len(LedgerFile(path).entries()) == len(every_entry())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no/such/folder/x.db", "its folder is not there; make it, or name another"),
        (".", "is a folder"),
    ],
)
def test_a_place_for_no_file_is_one_line(tmp_path, name, words):
    with pytest.raises(FileError, match=words):
        LedgerFile(tmp_path / name).check()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_waits_in_memory(path):
    book = Book()
    book.path = path
    path.write_text("my diary")
    with pytest.raises(FileError):
        book.add_estimate(_estimate(), "1")
    path.unlink()
    book.add_estimate(_estimate(), "2")
    assert [entry.cell for entry in LedgerFile(path).entries()] == ["1", "2"]
    book.path = None
    assert [entry.cell for entry in book.ledger().details.entries] == ["1", "2"]


def _estimate():
    from ipython_llmnumbers import estimate_cost

    return estimate_cost("hello", "gpt-4o")


def test_the_setting_names_the_file_and_moves_there_what_was_in_memory(shell, path):
    shell.run_line_magic("llmcost", "-m gpt-4o one")
    shell.run_line_magic("config", f"LLMNumbers.ledger = {str(path)!r}")
    shell.run_line_magic("llmcost", "-m gpt-4o two")
    ledger = shell.run_line_magic("llmcost", "--ledger")
    assert ledger["estimates"].value == len(LedgerFile(path).entries()) == 2
    assert str(path) in str(ledger)
    other = replace(every_entry()[0], session="another")
    LedgerFile(path).append([other])
    assert shell.run_line_magic("llmcost", "--ledger")["estimates"].value == 3
    shell.run_line_magic("config", "LLMNumbers.ledger = ''")
    assert shell.run_line_magic("llmcost", "--ledger")["estimates"].value == 2


def test_a_file_that_cannot_be_is_refused_when_it_is_set(shell, path, caplog):
    path.write_text("my diary")
    with capture_output():
        shell.run_cell(f"%config LLMNumbers.ledger = {str(path)!r}")
    assert "LLMNumbers.ledger: " in caplog.text
    assert "is no ledger of this extension; name another file" in caplog.text
    assert path.read_text() == "my diary"
    assert shell.run_line_magic("llmcost", "--ledger").details.file is None


def test_an_estimate_is_shown_though_it_cannot_be_kept(shell, path):
    shell.run_line_magic("config", f"LLMNumbers.ledger = {str(path)!r}")
    path.write_text("my diary")
    with capture_output() as captured:
        estimate = shell.run_line_magic("llmcost", "-m gpt-4o hello -o kept") or shell.user_ns["kept"]
    assert estimate["input_tokens"].value
    assert captured.stdout.count("\n") == captured.stdout.count("is no ledger of this extension") == 1
    path.unlink()


@pytest.mark.skipif(os.name == "nt", reason="no file modes")
def test_the_key_of_templates_is_the_user_s_own(monkeypatch, tmp_path):
    monkeypatch.setenv("LLMNUMBERS_FILE", str(tmp_path / "home" / "llmnumbers.toml"))
    key = user_key()
    assert len(key) == 32
    assert user_key() == key
    file = tmp_path / "home" / "ledger.key"
    assert file.stat().st_mode & 0o077 == 0
    assert bytes.fromhex(file.read_text().strip()) == key


def test_unloading_writes_what_was_called_since(bare_shell, path):
    bare_shell.run_line_magic("load_ext", "ipython_llmnumbers")
    try:
        with fake_provider.fake_provider() as provider, capture_output():
            bare_shell.push({"url": provider.url})
            bare_shell.run_cell(POST)
            bare_shell.run_cell(f"%config LLMNumbers.ledger = {str(path)!r}")
            start = "import threading\ngo = threading.Event()\n"
            start += "late = threading.Thread(target=lambda: (go.wait(30), post()))\nlate.start()"
            bare_shell.run_cell("%llmcost --watch on")
            bare_shell.run_cell(start)
            assert not path.exists() or LedgerFile(path).entries() == []
            bare_shell.user_ns["go"].set()
            bare_shell.user_ns["late"].join()
    finally:
        with capture_output():
            bare_shell.run_line_magic("unload_ext", "ipython_llmnumbers")
        bare_shell.config.pop("LLMNumbers", None)
    assert [entry.kind for entry in LedgerFile(path).entries()] == ["call"]
