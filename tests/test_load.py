"""Loading does little, and unloading leaves nothing; `make bench` says how long it takes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

import ipython_llmnumbers

# Prints what loading imports and opens, and its calls of Python functions beside those of loading IPython.
_LOAD = """
import json, sys

opened, n_calls = [], 0

def note_opened(event, arguments):
    if event == "open" and opened is not None:
        opened.append(str(arguments[0]))

def note_call(frame, event, argument):
    global n_calls
    n_calls += event == "call"

sys.setprofile(note_call)
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
sys.setprofile(None)
shell.config.LLMNumbers.update(json.loads(sys.argv[1]))
of_ipython, n_calls, before = n_calls, 0, set(sys.modules)
sys.addaudithook(note_opened)
sys.setprofile(note_call)
shell.extension_manager.load_extension("ipython_llmnumbers")
sys.setprofile(None)
read, opened = opened, None
modules = {name: getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - before}
print(json.dumps({"modules": modules, "opened": read, "calls": n_calls, "calls_of_ipython": of_ipython}))
"""


# All that loading needs of this package: the magics, and what each of their lines may be refused with.
_OF_LOADING = re.compile(
    r"(magics|magics\.(?!widgets)\w+|magics\.cells\.\w+|catalog|catalog\.defaults|files|files\.reading"
    r"|errors|messages|patterns|records)"
)
_IMPORT = (
    "import sys; before = set(sys.modules); import ipython_llmnumbers; print(*set(sys.modules) - before)"
)


def run_apart(*command):
    """What a process of its own prints last."""
    # What measures coverage imports a third of what IPython does, before it is counted.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-c", *command]
    run = subprocess.run(command, env=plain, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()[-1]


def test_importing_the_package_imports_nothing_else():
    assert set(run_apart(_IMPORT).split()) <= {"ipython_llmnumbers", "__future__"}


def test_what_the_package_offers_is_found_where_it_is_made():
    for name in ipython_llmnumbers.__all__:
        assert name in dir(ipython_llmnumbers)
        assert callable(getattr(ipython_llmnumbers, name))
    with pytest.raises(AttributeError, match="has no attribute 'estimate_costs'"):
        ipython_llmnumbers.estimate_costs  # noqa: B018


@pytest.mark.parametrize(
    "settings", [{}, {"model": "claude-opus-5-5", "language": "ja"}], ids=["plain", "set"]
)
def test_loading_imports_no_other_package_and_reads_no_table(settings):
    loaded = json.loads(run_apart(_LOAD, json.dumps(settings)))
    roots = {module.partition(".")[0] for module in loaded["modules"]}
    # Neither a tokenizer nor rich, pydantic, genai_prices, psutil or the driver's bindings.
    assert roots - set(sys.stdlib_module_names) == {"ipython_llmnumbers"}
    own = [name.partition(".")[2] for name in loaded["modules"] if name.startswith("ipython_llmnumbers.")]
    assert [name for name in own if not _OF_LOADING.fullmatch(name)] == []
    assert [name for name in loaded["opened"] if ".py" not in name] == []
    # Work, counted: 1/12 of IPython's own, with the settings too (IPython 9, Python 3.11).
    assert loaded["calls"] < loaded["calls_of_ipython"] / 9


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
