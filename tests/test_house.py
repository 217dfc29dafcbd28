"""How the house is built: a parameter is spelled as its caller writes it, and everything has its room."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path

import pytest

import ipython_llmnumbers
from ipython_llmnumbers import estimate_cost, gpu_fit
from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.magics.flags import as_flag
from ipython_llmnumbers.messages import as_keyword, option, said, say, speaking

PACKAGE = Path(ipython_llmnumbers.__file__).parent
# The rooms whose callers write flags.
WITH_FLAGS = ("magics", "live", "lessons", "__main__.py")
FLAG = re.compile(r"(?<![\w-])--[a-z]")


def literals(path):
    """The string literals of a file that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


def test_no_flag_stands_below_the_magics():
    below = [each for each in PACKAGE.rglob("*.py") if each.relative_to(PACKAGE).parts[0] not in WITH_FLAGS]
    assert len(below) > 100
    assert not [(path, node.value) for path in below for node in literals(path) if FLAG.search(node.value)]


# What opens a file, expands a name or parses a text.
OPENS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "expanduser", "mkstemp", "fdopen"}
PARSES = {("json", "load"), ("json", "loads"), ("yaml", "load"), ("tomllib", "load"), ("tomllib", "loads")}
# The package's own tables, which come with the code; a process's own output; no file but a toolbar.
TRUSTED = {
    ("catalog/toml_tables.py", "read_bytes"),
    ("catalog/toml_tables.py", "loads"),
    ("live/terminal.py", "open"),
    ("processes.py", "fdopen"),
}


def test_only_the_gate_opens_and_parses():
    found = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or name.startswith("files/"):
                continue
            if isinstance(call.func, ast.Name) and call.func.id == "open":
                found.add((name, "open"))
            if isinstance(call.func, ast.Attribute):
                of = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
                if call.func.attr in OPENS or (of, call.func.attr) in PARSES:
                    found.add((name, call.func.attr))
    assert found == TRUSTED


def test_only_records_takes_the_dataclass_that_is_slow_to_import():
    slow = re.compile(r"^ *from dataclasses import .*\bdataclass\b|\bdataclasses\.dataclass\(", re.MULTILINE)
    found = {path.name for path in PACKAGE.rglob("*.py") if slow.search(path.read_text("utf-8"))}
    assert found == {"records.py"}


def test_no_module_compiles_a_pattern_while_it_is_imported():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            is_run = not isinstance(node, ast.FunctionDef | ast.ClassDef)
            assert not (is_run and "re.compile(" in ast.unparse(node)), f"{path}: use patterns.pattern"


def test_no_flag_stands_in_a_table():
    for path in PACKAGE.rglob("*.toml"):
        lines = (line.partition(" # ")[0] for line in path.read_text("utf-8").splitlines())
        assert not [line for line in lines if FLAG.search(line) and not line.startswith(("#", "url ="))]


@pytest.mark.parametrize(
    ("given", "keyword", "flag"),
    [
        (("context_tokens",), "context_tokens", "--context"),
        (("context_tokens", 8192), "context_tokens=8192", "--context 8192"),
        (("cache_write", "80%"), "cache_write='80%'", "--cache-write 80%"),
        (("chunked_loss", True), "chunked_loss=True", "--chunked-loss"),
        (("batch_size", None), "batch_size=None", "--batch None"),
        (("file", "my notes.txt"), "file='my notes.txt'", "--file 'my notes.txt'"),
        (("file", ""), "file=''", "--file ''"),
        (("file", "a\x1b[31m"), r"file='a\x1b[31m'", r"--file 'a\x1b[31m'"),
        (("inputs", "words=1200"), "words=1200", "--set words=1200"),
        (
            ("calls", 10**5000),
            "calls=a number of thousands of digits",
            "--calls a number of thousands of digits",
        ),
    ],
)
def test_a_parameter_and_its_value(given, keyword, flag):
    assert (as_keyword(*given), as_flag(*given)) == (keyword, flag)
    message = option(*given)
    assert said(message) == message == keyword
    with speaking("en", as_flag):
        assert said(message) == flag
        assert said(say("give {what}", what=message)) == f"give {flag}"
        assert message == option(*given) == keyword  # the text itself is Python's, whoever asks


def test_a_value_in_a_template_is_the_user_s():
    message = say("{option:kv={type}}: {n} bytes", type="{option:x}", n=3)
    assert said(message) == "kv='{option:x}': 3 bytes"
    with speaking("en", as_flag):
        assert said(message) == "--kv {option:x}: 3 bytes"


def test_an_error_keeps_the_voice_that_it_was_raised_in():
    with pytest.raises(UsageError) as caught, speaking("ja", as_flag):
        raise UsageError("{option:output_tokens} is of {option:speed}; add it")
    kept = pickle.loads(pickle.dumps(caught.value))
    assert str(kept) == str(caught.value) == "--out is of --speed; add it"


def test_an_estimate_keeps_the_voice_of_its_caller(shell):
    python = estimate_cost("hello", model="gpt-4o")
    magic = shell.run_line_magic("llmcost", "-m gpt-4o hello")
    for _ in range(2):  # whatever was spoken in between
        assert "give output_tokens" in str(python)
        assert "give --out" in str(magic)
    assert python.to_dict()["figures"]["calls"]["note"] == "calls=1"
    assert magic.to_dict()["figures"]["calls"]["note"] == "--calls 1"


def test_what_a_table_says_is_said_in_the_voice_too(shell):
    """A table is read once a session, whoever asks first."""
    python = gpu_fit("llama-3.1-8b", gpu="T4", engine="vllm")
    magic = shell.run_line_magic("gpufit", "llama-3.1-8b --gpu T4 --engine vllm")
    assert "; utilization takes another" in python.explain("total_bytes")
    assert "; --utilization takes another" in magic.explain("total_bytes")


def test_what_does_not_fit_is_told_as_the_caller_would_write_it(shell):
    python = gpu_fit("llama-3.1-70b", gpu="T4")
    magic = shell.run_line_magic("gpufit", "llama-3.1-70b --gpu T4")
    assert "it fits with gpu='B200'" in str(python)
    assert "it fits with --gpu B200" in str(magic)


def test_an_engine_is_named_in_its_own_file_alone():
    named = re.compile(r"vllm|llama\.?_?cpp", re.IGNORECASE)
    others = [
        path
        for path in PACKAGE.rglob("*.py")
        # The formats of llama.cpp's files are no engine's, and a formula is shown under its own name.
        if not {"engines", "open_models", "formulas"} & set(path.relative_to(PACKAGE).parts)
    ]
    assert not [(path, node.value) for path in others for node in literals(path) if named.search(node.value)]


def test_a_folder_is_read_in_one_sitting():
    for folder in {path.parent for path in PACKAGE.rglob("*.py")}:
        assert len([each for each in folder.glob("*.py") if each.name != "__init__.py"]) <= 15, folder
