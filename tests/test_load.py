"""Loading is instant, and leaving leaves nothing: both seen from a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

HEAVY = ("splintr", "tokenizers", "tiktoken", "ctok", "pynvml", "rich", "pydantic", "genai_prices", "psutil")

_LOAD = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.config.LLMNumbers.update(SETTINGS)
before = set(sys.modules)
start = time.process_time()
shell.extension_manager.load_extension("ipython_llmnumbers")
seconds = time.process_time() - start
print(json.dumps({"ms": seconds * 1000, "modules": sorted(set(sys.modules) - before)}))
"""


def load_once(**settings):
    # An installed package has its bytecode, so the first of several runs may write it.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    code = _LOAD.replace("SETTINGS", repr(settings))
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "settings", [{}, {"model": "claude-opus-5-5", "language": "ja"}], ids=["plain", "set"]
)
def test_loading_imports_nothing_heavy_and_takes_under_20_ms(settings):
    runs = [load_once(**settings) for _ in range(5)]
    roots = {module.partition(".")[0] for module in runs[0]["modules"]}
    assert not roots & set(HEAVY)
    # Processor time, the best of five: a busy machine makes every process wait, not work.
    assert min(run["ms"] for run in runs) < 20


def test_unload_leaves_the_shell_as_it_was(bare_shell):
    def state():
        magics = bare_shell.magics_manager.magics
        return (
            {kind: set(magics[kind]) for kind in magics},
            list(bare_shell.Completer.custom_matchers),
            list(bare_shell.configurables),
            {name: list(callbacks) for name, callbacks in bare_shell.events.callbacks.items()},
            set(bare_shell.user_ns),
        )

    # IPython makes its own extension magics on the first use of %load_ext.
    bare_shell.run_line_magic("load_ext", "storemagic")
    bare_shell.run_line_magic("unload_ext", "storemagic")
    before = state()
    bare_shell.run_line_magic("load_ext", "ipython_llmnumbers")
    assert "llmcost" in bare_shell.magics_manager.magics["cell"]
    bare_shell.run_line_magic("unload_ext", "ipython_llmnumbers")
    assert state() == before


def test_reload_works_and_keeps_one_of_each(shell):
    shell.run_line_magic("reload_ext", "ipython_llmnumbers")
    settings = [each for each in shell.configurables if type(each).__name__ == "LLMNumbers"]
    assert len(settings) == 1
    assert shell.run_line_magic("tokens", "hello world")["tokens"].value == 2
