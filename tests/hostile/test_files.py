"""The one gate and the one writer: no name, file or failing disk ends in a traceback or in a loss."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_llmnumbers.errors import FileError, LLMNumbersError
from ipython_llmnumbers.files import writing
from ipython_llmnumbers.files.formats import FormatError, parse_json, parse_toml, parse_yaml
from ipython_llmnumbers.files.reading import (
    files_in,
    is_file,
    is_folder,
    is_there,
    open_file,
    read_bytes,
    read_system_text,
    user_path,
)
from ipython_llmnumbers.files.writing import write_text

POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


def ours(content):
    return content.startswith(b"OURS")


# -- names ------------------------------------------------------------------------------

NAMES = ["a" * 300, "a" * 5_000, "a\0b", "\ud800", "~nobody-of-that-name/x", "x/" * 2_500]


@pytest.mark.parametrize("name", NAMES, ids=[name[:8] for name in map(ascii, NAMES)])
def test_a_word_that_names_no_file_is_one_line(name):
    with pytest.raises(FileError, match="cannot be a file's name") as caught:
        user_path(name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


@given(st.text(max_size=300))
def test_any_text_is_a_path_or_one_line(name):
    try:
        path = user_path(name)
    except FileError:
        return
    for ask in (is_there, is_file, is_folder):
        ask(path)


def test_home_is_expanded(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert user_path("~/x") == tmp_path / "x"


# -- reading ----------------------------------------------------------------------------


@POSIX
def test_what_is_no_regular_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, words in [
        (tmp_path / "pipe", "is not a regular file"),
        (tmp_path / "link", "is not a regular file"),
        (tmp_path, "is a folder"),
        (tmp_path / "loop", "cannot be read"),
        (tmp_path / "none", "no such file"),
    ]:
        with pytest.raises(FileError, match=words):
            read_bytes(path, 100)
    with pytest.raises(FileError, match="is not a regular file"):
        files_in(tmp_path, "*")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here")
def test_a_file_that_lies_about_its_size_is_not_read(tmp_path):
    for path in ("/proc/self/status", "/dev/zero", "/dev/null"):
        with pytest.raises(FileError, match="is not a regular file"):
            read_bytes(user_path(path), 10**6)
    assert "Name:" in read_system_text(user_path("/proc/self/status"))
    assert read_system_text(tmp_path / "none") is None


def test_no_more_is_read_than_was_agreed(tmp_path):
    path = tmp_path / "grows"
    path.write_bytes(b"12345")
    with pytest.raises(FileError, match="5 bytes; such a file has 4 at most"):
        read_bytes(path, 4)
    assert read_bytes(path, 5) == b"12345"
    (tmp_path / "empty").touch()
    assert read_bytes(tmp_path / "empty", 5) == b""


def test_a_file_that_fails_while_it_is_read_is_one_line(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    with pytest.raises(FileError, match="Input/output error"), open_file(path):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("call", ["open", "fstat", "fdopen"])
@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.EMFILE, errno.ESTALE, errno.EINTR])
def test_each_step_of_reading_may_fail(tmp_path, monkeypatch, call, number):
    (tmp_path / "file").write_bytes(b"12345")
    error = None
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing(number))
        try:
            read_bytes(tmp_path / "file", 100)
        except FileError as caught:
            error = str(caught)
    assert "cannot be read" in error


# -- formats ----------------------------------------------------------------------------

DEEP = 10_000


@pytest.mark.parametrize(
    ("parse", "text", "words"),
    [
        (parse_json, "[" * DEEP, "nested deeper than 64 levels"),
        (parse_json, '{"a":' * DEEP, "nested deeper than 64 levels"),
        (parse_json, "9" * 5_000, "thousands of digits"),
        (parse_json, "[NaN]", "NaN is no value of JSON"),
        (parse_json, '{"a": 1,}', "line 1, column 9"),
        (parse_json, b"\xff", "byte 0 is not UTF-8"),
        (parse_yaml, "- " * DEEP + "x", "nested deeper than 64 levels"),
        (parse_yaml, "[" * DEEP, "nested deeper than 64 levels|nesting depth"),
        (parse_yaml, "a: &a [x]\nb: [*a, *a]", "aliases"),
        (parse_yaml, "a: 2026-99-99", "month must be in 1..12"),
        (parse_yaml, "a: " + "9" * 5_000, "digits"),
        (parse_yaml, "[a]: b", "line 1, column 1"),
        (parse_yaml, "!!python/object/apply:os.system ['true']", "could not determine a constructor"),
        (parse_yaml, "a: \0", "characters are not allowed"),
        (parse_yaml, "x" * 2_000_001, "YAML is read to 2,000,000"),
        (parse_toml, "a = " + "[" * DEEP, "nested deeper than 64 levels"),
        (parse_toml, "a" + ".a" * DEEP + " = 1", "nested deeper than 64 levels"),
        (parse_toml, "a = " + "9" * 5_000, "thousands of digits"),
        (parse_toml, "a = 1\na = 2", "Cannot overwrite a value"),
    ],
)
def test_a_text_beyond_a_limit_is_refused(parse, text, words):
    with pytest.raises(FormatError, match=words):
        parse(text)


def test_brackets_within_strings_nest_nothing():
    texts = "[" * 100
    assert parse_json(json.dumps({"a": texts, texts: '"[' * 50})) == {"a": texts, texts: '"[' * 50}
    assert parse_toml(f"a = '{texts}' # {texts}\nb = \"\"\"{texts}\"\"\"\nc = '''{texts}'''")["a"] == texts
    assert parse_yaml(f"a: '{texts}'") == {"a": texts}


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_a_value_or_refused(text):
    parsers = (parse_json, parse_toml) if isinstance(text, bytes) else (parse_json, parse_toml, parse_yaml)
    for parse in parsers:
        try:
            parse(text)
        except FormatError as error:
            assert error.problem  # noqa: PT017 (that it is refused is one of two right outcomes)


# -- writing ----------------------------------------------------------------------------


def failing(number):
    def fail(*_arguments, **_keywords):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old"
    path.write_text("OURS of old")
    path.chmod(0o640)
    return path


def content_of(folder):
    return {each.name: each.read_text() for each in folder.iterdir()}


@pytest.mark.parametrize("call", ["open", "fdopen", "fsync", "replace", "chmod", "lstat"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EDQUOT, errno.EROFS])
def test_whatever_fails_the_old_file_stays_whole_and_nothing_is_left(old, monkeypatch, call, number):
    monkeypatch.setattr(os, call, failing(number))
    try:
        write_text(old, "OURS of today", is_ours=ours)
    except FileError as error:
        assert "\n" not in str(error)  # noqa: PT017 (on some systems a step is not taken)
    monkeypatch.undo()
    assert content_of(old.parent) in ({"old": "OURS of old"}, {"old": "OURS of today"})


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit of a file's size here")
def test_a_full_disk_leaves_the_old_file_whole(old):
    """A real limit of the system's: the write itself fails in the middle."""
    script = (
        "import resource, signal, sys, pathlib\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from ipython_llmnumbers.files.writing import write_text\n"
        "write_text(pathlib.Path(sys.argv[1]), 'OURS' * 1000, is_ours=lambda old: True)\n"
    )
    run = subprocess.run([sys.executable, "-c", script, str(old)], capture_output=True, text=True)
    assert "FileError" in run.stderr
    assert "File too large" in run.stderr
    assert content_of(old.parent) == {"old": "OURS of old"}


def test_the_mode_of_the_old_file_is_kept_and_a_new_one_has_the_usual(old):
    write_text(old, "OURS of today", is_ours=ours)
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    new, usual = old.with_name("new"), old.with_name("usual")
    write_text(new, "OURS", is_ours=ours)
    usual.touch()
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_what_others_wrote_is_not_replaced_unasked(old):
    theirs = old.with_name("theirs")
    theirs.write_text("my thesis")
    with pytest.raises(FileError, match="is there already") as caught:
        write_text(theirs, "OURS", is_ours=ours)
    assert "overwrite" in str(caught.value)
    assert theirs.read_text() == "my thesis"
    write_text(theirs, "OURS", is_ours=ours, overwrite=True)
    assert theirs.read_text() == "OURS"
    theirs.write_text("")
    write_text(theirs, "OURS again", is_ours=ours)
    assert theirs.read_text() == "OURS again"


@POSIX
def test_a_link_a_folder_and_a_pipe_are_not_replaced_even_if_asked(old):
    link, pipe = old.with_name("link"), old.with_name("pipe")
    link.symlink_to(old)
    os.mkfifo(pipe)
    for path, words in [
        (link, "a link to another file"),
        (pipe, "not a regular file"),
        (old.parent, "a folder"),
    ]:
        with pytest.raises(FileError, match=words):
            write_text(path, "OURS", is_ours=ours, overwrite=True)
    assert old.read_text() == "OURS of old"
    assert link.is_symlink()


def test_a_text_that_cannot_be_encoded_is_refused_before_the_disk_is_touched(old):
    with pytest.raises(FileError, match="character 5 is a lone surrogate"):
        write_text(old, "OURS\ud800", is_ours=ours)
    assert content_of(old.parent) == {"old": "OURS of old"}


def test_a_file_too_large_to_look_into_is_the_users(old, monkeypatch):
    monkeypatch.setattr(writing, "_MOST_OURS_BYTES", 5)
    with pytest.raises(FileError, match="is there already"):
        write_text(old, "OURS", is_ours=ours)


WRITER = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "ipython_llmnumbers")
print("ready", flush=True)
while True:
    shell.run_line_magic("llmcost", "--json est.json -m gpt-4o,o3 hi")
"""


@pytest.mark.slow
@POSIX
def test_a_reader_never_sees_half_a_file_even_when_the_writer_is_killed(tmp_path):
    path = tmp_path / "est.json"
    for n_states in (1, 3, 6):  # killed after so many files, wherever it stands then
        command = [sys.executable, "-c", WRITER]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ready\n"
        path.unlink(missing_ok=True)
        seen = set()
        while len(seen) < n_states:
            if path.exists():
                assert json.loads(path.read_text())["schema"] == "llmnumbers.v1"
                seen.add(path.stat().st_mtime_ns)
        process.kill()
        process.wait()
        process.stdout.close()
        assert json.loads(path.read_text())["kind"] == "cost"


# -- the magics ------------------------------------------------------------------------


def test_json_and_annotate_replace_their_own_file_alone(shell, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "precious.txt").write_text("PRECIOUS")
    with pytest.raises(LLMNumbersError, match="is there already"):
        shell.run_line_magic("llmcost", "--json precious.txt hi")
    assert (tmp_path / "precious.txt").read_text() == "PRECIOUS"
    for _ in range(2):
        shell.run_line_magic("llmcost", "--json mine.json hi")
    shell.run_line_magic("llmcost", "--json precious.txt --overwrite hi")
    assert json.loads((tmp_path / "precious.txt").read_text())["kind"] == "cost"


@pytest.mark.parametrize(
    "name", ["list", "print", "In", "Out", "get_ipython", "_", "__", "_1", "_i2", "__name__", "quit", "_dh"]
)
def test_a_name_of_python_s_or_the_shell_s_is_not_taken(shell, name):
    before = shell.user_ns.get(name)
    with pytest.raises(LLMNumbersError, match="would replace what Python or the shell keeps"):
        shell.run_line_magic("llmcost", f"-o {name} hi")
    assert shell.user_ns.get(name) is before


def test_a_name_of_the_user_s_own_is_taken_again(shell):
    shell.user_ns["result"] = 1
    shell.run_line_magic("llmcost", "-o result hi")
    assert shell.user_ns["result"].kind == "cost"
