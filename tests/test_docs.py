"""What the documents show is what the code prints; their examples run."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_golden import without_versions

from ipython_llmnumbers.magics import MAGICS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
_SHOWN = re.compile(r"<!-- output of: (?P<code>.*?) -->\n```text\n(?P<text>.*?)\n?```", re.DOTALL)


def printed(shell, code):
    """What the README says that this code prints."""
    if code.startswith("%"):
        name, _, line = code[1:].partition(" ")
        return str(shell.run_line_magic(name, line))
    return str(shell.ev(code.removeprefix("print(").removesuffix(")")))


@pytest.mark.usefixtures("the_documents_day")
@pytest.mark.parametrize("block", list(_SHOWN.finditer(README)), ids=lambda block: block["code"][:40])
def test_the_readme_shows_what_is_printed(shell, block):
    shell.run_cell("from ipython_llmnumbers import estimate_cost")
    shell.run_cell("from ipython_llmnumbers.live.line import live_lines, settings_with")
    assert without_versions(printed(shell, block["code"])) == without_versions(block["text"])


def test_the_readme_s_session_runs():
    results = doctest.testfile(
        str(ROOT / "README.md"), module_relative=False, globs={"Decimal": __import__("decimal").Decimal}
    )
    assert results.attempted >= 5
    assert results.failed == 0


@pytest.mark.slow
def test_the_quickstart_runs_in_ipython():
    run = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=nocolor", "examples/quickstart.ipy"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},  # it prints Japanese, whatever this machine's locale
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    for answer in (
        "$4.54  for 1,000 calls · gpt-5.4",
        "cheapest of 4 · per call",
        "13 tokens  gpt-5.4",
        "✔ fits  Llama-3.1-8B in bf16 on RTX 4090",
    ):
        assert answer in run.stdout


def test_the_readme_s_commands_are_those_that_ci_runs():
    commands = re.findall(r"^```bash\n(.*)\n```$", README, re.MULTILINE)
    assert len(commands) == 2
    checked = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in checked
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    (test,) = [command for command in commands if command.startswith("make ")]
    assert set(test.split()[1:]) <= targets


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_file_that_a_document_names_is_there(name):
    """In a checkout and in an unpacked source distribution alike."""
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    paths = re.findall(r"(?<![\w/])(?:docs|examples|benchmarks|tests|\.ci)/[\w./-]*[\w/]", text)
    assert [path for path in {*links, *paths} if not (ROOT / path).exists()] == []


def options_in(text):
    return re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)


def test_every_command_and_option_that_the_readme_names_exists(shell):
    flags = {magic.name: {flag for each in magic.all_options for flag in each.flags} for magic in MAGICS}
    checked = 0
    for line in README.splitlines():
        # What stands behind a magic is its own up to the next magic, a table's other spellings of it too.
        before, *named = re.split(r"%%?([a-z]\w*)", line)
        for name, behind in zip(named[::2], named[1::2], strict=True):
            assert shell.find_magic(name, "line"), line
            for option in options_in(behind) if name in flags else ():
                assert option in flags[name], line
                checked += 1
        # An option in a sentence or a table's cell is one of some magic.
        for option in options_in(" ".join(re.findall(r"`(-[^`]+)`", before))):
            assert option in set().union(*flags.values()), line
    assert checked >= 20
