"""The work of a first answer, from loading the extension to its display, counted in a process of its own.

What it takes is imports: of modules, and in them of classes, patterns and tables. None of the counts
depends on the machine; `benchmarks/` has the times. A limit is a tenth above what is needed on Python 3.11
with IPython 9, in calls by the share of those that IPython's own start takes.
"""

from __future__ import annotations

import json

import pytest
from test_load import run_apart

from ipython_llmnumbers.catalog import toml_tables

pytestmark = pytest.mark.slow

# Counts the calls of Python functions, in all modules, and our own modules.
_FIRST = """
import json, sys

n_calls = 0

def note_call(frame, event, argument):
    global n_calls
    n_calls += event == "call"

sys.setprofile(note_call)
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
of_ipython, n_calls = n_calls, 0
exec(sys.argv[2])
shell.run_line_magic("load_ext", "ipython_llmnumbers")
shell.display_formatter.format(shell.run_line_magic(*sys.argv[1].split(" ", 1)))
sys.setprofile(None)
own = sum(name.partition(".")[0] == "ipython_llmnumbers" for name in sys.modules)
print(json.dumps({"calls": n_calls / of_ipython, "modules": own}))
"""
# The line of each magic, and the most calls, as a share of IPython's, and modules that it takes.
PATHS = {
    "llmcost": ("llmcost -m gpt-5.4 --out 300 hello world", 0.79, 150),
    "tokens": ("tokens -m gpt-5.4 hello world", 0.76, 136),
    "gpufit": ("gpufit llama-3.1-8b --gpu L4", 1.51, 229),
    "llmnumbers": ("llmnumbers tokens_per_word", 1.12, 174),
}


# What once made a first answer slow.
SLOWDOWNS = {
    "classes that dataclasses makes": "from ipython_llmnumbers import records;"
    "import dataclasses; records.dataclass = dataclasses.dataclass",
    "patterns compiled at import": "from ipython_llmnumbers import patterns;"
    "import re; patterns.pattern = re.compile",
    "tables read as TOML": "from ipython_llmnumbers.catalog import toml_tables; toml_tables.BUILT = '.none'",
    "what reads the ledger": "from ipython_llmnumbers.usage.ledger import ledger_file, prompts_of_calls",
}


def is_seen(name, slowdown=""):
    """Whether a first answer takes more than it may."""
    line, most_calls, most_modules = PATHS[name]
    found = json.loads(run_apart(_FIRST, line, slowdown))
    print(name, found)
    return found["calls"] > most_calls or found["modules"] > most_modules


@pytest.fixture(scope="module", autouse=True)
def _is_built():
    """The tables as an installed package has them, written of the TOML as it is."""
    for path in toml_tables.FOLDER.rglob("*.toml"):
        built = path.with_name(path.name + toml_tables.BUILT)
        if not built.exists() or built.read_bytes() != toml_tables.built_table(path.read_bytes()):
            pytest.skip(f"{path.name} is newer than its build: pip install -e . writes it anew")


@pytest.mark.parametrize("name", PATHS)
def test_a_first_answer_takes_no_more_than_it_needs(name):
    assert not is_seen(name)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("slowdown", SLOWDOWNS)
def test_a_deliberate_slowdown_of_each_path_is_seen(name, slowdown):
    assert is_seen(name, SLOWDOWNS[slowdown])
