"""An estimate is shown once wherever its magic stands, and not where it is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from IPython.utils.capture import capture_output

A, B = "%tokens -m gpt-4o one", "%tokens -m gpt-4o one two"

# A cell, how many outputs it has, and of how many tokens.
CELLS = {
    "alone": (A, [1]),
    "several": (f"{A}\n{B}\nprint('done')", [1, 2]),
    "last of several": (f"x = 1\n{A}\n{B}", [1, 2]),
    "loop": (f"for _ in range(3):\n    {A}", [1, 1, 1]),
    "condition": (f"if True:\n    {A}\nelse:\n    {B}", [1]),
    "function": (f"def f():\n    {A}\nf()\nf()", [1, 1]),
    "try": (f"try:\n    {A}\nfinally:\n    pass", [1]),
    "with": (f"import contextlib\nwith contextlib.nullcontext():\n    {A}\n    {B}", [1, 2]),
    "after a comment": (f"# how many?\n\n{A}", [1]),
    "cell magic": ("%%tokens -m gpt-4o\none", [1]),
    "kept": (f"x = {A}", []),
    "kept in a list": ("x = [get_ipython().run_line_magic('tokens', '-m gpt-4o one') for _ in '12']", []),
    "kept by a function": (f"def g():\n    y = {A}\n    return y\nx = g()", []),
    "given on": ("len([get_ipython().run_line_magic('tokens', '-m gpt-4o one')]);", []),
    "another's last": (f"{A}\nx = 3", [1]),
    "awaited": (f"import asyncio\nawait asyncio.sleep(0)\n{A}\n{B}", [1, 2]),
    "behind a semicolon": ("%gpufit 13B --gpu T4;", []),
    "many times": (f"%timeit -n 2 -r 2 {A}", []),
}


@pytest.mark.parametrize(("cell", "tokens"), CELLS.values(), ids=CELLS)
def test_a_kernel_shows_it_once(kernel, cell, tokens):
    reply, messages = kernel.run(cell)
    assert reply["status"] == "ok"
    kinds = ("execute_result", "display_data")
    shown = [each["content"]["data"]["text/plain"] for each in messages if each["msg_type"] in kinds]
    heads = [text.splitlines()[0] for text in shown if "token" in text]
    assert [head.split("  ")[0] for head in heads] == [f"{n} token{'s' if n > 1 else ''}" for n in tokens]


def test_the_last_of_a_cell_is_its_result_and_the_others_are_displayed(kernel):
    _, messages = kernel.run(f"{A}\n{B}")
    kinds = [each["msg_type"] for each in messages if each["msg_type"] in ("execute_result", "display_data")]
    assert kinds == ["display_data", "execute_result"]


def test_every_expression_shows_its_value_where_the_user_wants_that(shell):
    shell.ast_node_interactivity = "all"
    try:
        with capture_output() as captured:
            shell.run_cell(f"{A}\n{B}")
    finally:
        shell.ast_node_interactivity = "last_expr"
    shown = captured.stdout + "".join(str(output) for output in captured.outputs)
    assert [shown.count(f"{n}  gpt-4o") for n in ("1 token", "2 tokens")] == [1, 1]


def test_a_silent_run_shows_what_stands_in_it(shell):
    with capture_output() as captured:
        shell.run_cell(f"{A}\nx = {B}", silent=True)
    assert captured.outputs or "1 token  gpt-4o" in captured.stdout
    assert "2 tokens  gpt-4o" not in captured.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file", "option"])
def test_a_file_and_a_command_that_ipython_runs(tmp_path, kind):
    code = f"%load_ext ipython_llmnumbers\n{A}\nx = {B}\n"
    Path(tmp_path / "run.ipy").write_text(code, encoding="utf-8")
    arguments = [str(tmp_path / "run.ipy")] if kind == "file" else ["-c", code]
    command = [sys.executable, "-m", "IPython", "--colors=nocolor", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300, check=True)
    assert done.stdout.count("1 token  gpt-4o") == 1
    assert "2 tokens  gpt-4o" not in done.stdout
