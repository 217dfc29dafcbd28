"""What a first estimate needs is there before it is asked for, and nobody waits for that."""

from __future__ import annotations

import ast
import subprocess
import sys
import threading

import pytest

from ipython_llmnumbers.live import warming

PATIENCE_S = 60

# In a kernel: waits until the thread is done, then tells what the first estimate of each magic imports.
_WAIT = """
import sys
from ipython_llmnumbers.live import warming
(warmer,) = warming._WARMERS.values()
"""
_FIRST = """
before = set(sys.modules)
for name, line in (
    ("llmcost", "-m gpt-5.4 --out 300 hello"), ("tokens", "hello"), ("gpufit", "13B --gpu L4"),
    ("llmnumbers", "tokens_per_word"),
):
    estimate = get_ipython().run_line_magic(name, line)
    get_ipython().display_formatter.format(estimate)
print(sorted(set(sys.modules) - before))
"""


@pytest.mark.slow
def test_in_a_kernel_the_first_estimates_import_nothing_once_it_was_idle(kernel):
    kernel.run(_WAIT)
    # Each of these cells ends, so the thread goes on between them.
    while kernel.result("warmer._thread.is_alive()")["text/plain"] == "True":
        pass
    _, messages = kernel.run(_FIRST)
    printed = "".join(each["content"].get("text", "") for each in messages if each["msg_type"] == "stream")
    assert ast.literal_eval(printed) == []
    steps = list(warming.steps("gpt-5.4", counts=True))
    assert kernel.result("warmer.n_steps")["text/plain"] == str(len(steps))


@pytest.fixture
def stepping(shell, monkeypatch):
    """A shell whose thread takes steps that let the test see and hold them."""
    taken, go_on = [], threading.Semaphore(0)

    def step():
        go_on.acquire(timeout=PATIENCE_S)
        taken.append(threading.current_thread().name)

    monkeypatch.setattr(warming, "steps", lambda *_, **__: iter([step] * 3))
    warming.load(shell, _settings(shell), reads_keys=False)
    yield shell, taken, go_on
    for _ in range(3):
        go_on.release()
    warming.unload(shell)


def _settings(shell):
    return next(each for each in shell.configurables if type(each).__name__ == "LLMNumbers")


def _thread(shell):
    return warming._WARMERS[id(shell)]._thread


def test_nothing_is_loaded_before_the_cell_that_loads_the_extension_has_ended(stepping):
    shell, _, _ = stepping
    assert _thread(shell) is None
    shell.run_cell("1")
    assert _thread(shell).is_alive()


def test_no_step_is_begun_while_a_cell_runs(stepping):
    shell, taken, go_on = stepping
    shell.run_cell("1")
    thread = _thread(shell)

    def cell():
        # The step that was begun may end; the next one waits for the end of this cell.
        for _ in range(3):
            go_on.release()
        thread.join(0.5)
        shell.user_ns["taken_meanwhile"] = len(taken)

    shell.user_ns["cell"] = cell
    shell.run_cell("cell()")
    assert shell.user_ns["taken_meanwhile"] <= 1
    thread.join(PATIENCE_S)
    assert taken == ["llmnumbers-warming"] * 3


def test_a_setting_ends_it(stepping):
    shell, taken, go_on = stepping
    shell.run_cell("%config LLMNumbers.warm = False")
    thread = _thread(shell)
    go_on.release()
    thread.join(PATIENCE_S)
    assert (taken, thread.is_alive()) == ([], False)
    assert _settings(shell).warm is False
    _settings(shell).warm = True


def test_unloading_ends_it(stepping):
    shell, taken, go_on = stepping
    shell.run_cell("1")
    thread = _thread(shell)
    warming.unload(shell)
    go_on.release()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert len(taken) <= 1


def test_where_there_are_no_threads_nothing_is_said(stepping, monkeypatch, capfd):
    """As in Pyodide, whose `Thread.start` raises RuntimeError (pyodide/pyodide#237)."""
    shell, taken, _ = stepping

    def cannot_start(_self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", cannot_start)
        result = shell.run_cell("1 + 1")
    assert result.result == 2
    assert taken == []
    assert "thread" not in "".join(capfd.readouterr())


def test_a_step_that_fails_is_not_told_and_the_next_one_follows(shell, monkeypatch, capfd):
    taken = []

    def fail():
        raise ValueError("a table that is broken")

    monkeypatch.setattr(warming, "steps", lambda *_, **__: iter([fail, lambda: taken.append(1)]))
    warming.load(shell, _settings(shell), reads_keys=False)
    shell.run_cell("1")
    _thread(shell).join(PATIENCE_S)
    warming.unload(shell)
    assert taken == [1]
    assert "broken" not in "".join(capfd.readouterr())


_ENDS = """
import threading, time
from IPython.core.interactiveshell import InteractiveShell
from ipython_llmnumbers.live import warming
shell = InteractiveShell.instance()
begun = threading.Event()
warming.steps = lambda models, counts: iter([lambda: (begun.set(), time.sleep(600))])
shell.run_line_magic("load_ext", "ipython_llmnumbers")
settings = next(each for each in shell.configurables if type(each).__name__ == "LLMNumbers")
warming.load(shell, settings, reads_keys=False)
shell.run_cell("1")
begun.wait()
"""


@pytest.mark.slow
def test_a_process_ends_in_the_midst_of_a_step():
    subprocess.run([sys.executable, "-c", _ENDS], check=True, timeout=PATIENCE_S, capture_output=True)


def test_a_terminal_loads_no_vocabulary_behind_its_keys():
    """splintr holds the interpreter while it loads one, and this process reads the keys."""
    names = [getattr(step, "func", step).__name__ for step in warming.steps("gpt-4o,gpt-5.4", counts=False)]
    assert set(names) == {"import_module", "_options", "_price"}
