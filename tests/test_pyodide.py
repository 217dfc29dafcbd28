"""In a browser: the magics in a real Pyodide (Python in WebAssembly, as JupyterLite has it), under node.

What the markers of pyproject.toml leave out there is not there, no thread starts and no process does.
`make pyodide` brings Pyodide; the other packages are those of this environment, as they are pure Python.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from test_dependencies import IMPORTED

from ipython_llmnumbers import count_tokens, estimate_cost, gpu_fit

HERE = Path(__file__).parent
ROOT = HERE.parent
RUN = HERE / "pyodide" / "run.mjs"
TEXTS = (
    "Summarise the text below, and name its sources.",
    "吾輩は猫である。名前はまだ無い。",
    "for (int i = 0; i < n; ++i) { sum += a[i]; }\n\n\t// <|endoftext|> e\u0301 👩‍💻",
)
MODELS = ("gpt-4o", "gpt-4")
ASKED = (
    *("%%llmcost -m claude-opus-4-5,gpt-5.4\nhello world", "%tokens -m gpt-4 hello", "%llmcost --ledger"),
    *("%gpufit llama-3.1-8b", "%gpufit llama-3.1-8b --gpu L4", "%gpufit --train qlora llama-3.1-8b --gpu L4"),
    *("%gpufit --ram 16GB", "%gpufit --speed llama-3.1-8b --gpu L4", "%gpufit"),
    *(
        "%llmnumbers",
        "%llmnumbers tokens_per_word",
        "%tokens --file prompt.txt",
        "%tokens --corpus prompt.txt",
    ),
    *("%%tokens -m gpt-4o\n" + "a" * 5_000, "%%tokens -m Qwen/Qwen3-8B\nhello"),
)
SCRIPT = """
import json, sys
for name in {absent!r}:
    sys.modules[name] = None  # what `import` then raises, as for a package that is not there
from pathlib import Path
from IPython.core.interactiveshell import InteractiveShell

Path("prompt.txt").write_text("Summarise the text below.")
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "ipython_llmnumbers")
from ipython_llmnumbers import count_tokens, estimate_cost, gpu_fit

errors = {{}}
for cell in {asked!r}:
    result = shell.run_cell(cell, silent=True)
    error = result.error_before_exec or result.error_in_exec
    errors[cell] = error and f"{{type(error).__name__}}: {{error}}"
print("FOUND", json.dumps({{
    "errors": errors,
    "counts": [count_tokens(text, name)["tokens"].value for text in {texts!r} for name in {models!r}],
    "usd": [str(estimate_cost(text, "gpt-4o", output_tokens=300)["total_usd"].value) for text in {texts!r}],
    "needed": gpu_fit("llama-3.1-8b", gpu="L4")["total_bytes"].value,
    "ram": gpu_fit("llama-3.1-8b")["free_bytes"].value,
}}))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("node") is None or not (HERE / "pyodide" / "node_modules").exists(),
        reason="no Pyodide: make pyodide",
    ),
]


@cache
def absent():
    """The modules of the packages that are not installed in a browser."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = map(Requirement, project["dependencies"])
    there = {"sys_platform": "emscripten", "python_version": "3.14"}
    left_out = [each.name for each in needed if each.marker and not each.marker.evaluate(there)]
    return [IMPORTED.get(name, name) for name in left_out]


@pytest.fixture(scope="module")
def in_browser(tmp_path_factory):
    """What the magics and functions answered there."""
    folder = tmp_path_factory.mktemp("browser")
    script = folder / "asks.py"
    script.write_text(SCRIPT.format(absent=absent(), asked=ASKED, texts=TEXTS, models=MODELS), "utf-8")
    command = ["node", str(RUN), str(script), str(ROOT), sysconfig.get_path("purelib")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    found = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    assert found, done.stderr + done.stdout
    return json.loads(found[0].removeprefix("FOUND "))


def test_what_is_compiled_is_left_out():
    assert set(absent()) == {"splintr", "tokenizers", "psutil", "pynvml", "huggingface_hub"}


def test_what_can_be_told_is_told_and_the_rest_is_one_line(in_browser):
    refused = {cell.partition("\n")[0]: error for cell, error in in_browser["errors"].items() if error}
    assert list(refused) == ["%gpufit", "%%tokens -m gpt-4o", "%%tokens -m Qwen/Qwen3-8B"]
    assert refused["%gpufit"].startswith("UsageError: there is no GPU here, and nothing measures the RAM;")
    assert refused["%%tokens -m gpt-4o"].startswith("CatalogError: a run of 1,000 letters or signs")
    assert "splintr-rs cannot be imported" in refused["%%tokens -m Qwen/Qwen3-8B"]


def test_its_numbers_are_those_of_this_machine(in_browser):
    assert in_browser["counts"] == [
        count_tokens(text, model)["tokens"].value for text in TEXTS for model in MODELS
    ]
    assert in_browser["usd"] == [
        str(estimate_cost(text, "gpt-4o", output_tokens=300)["total_usd"].value) for text in TEXTS
    ]
    assert in_browser["needed"] == gpu_fit("llama-3.1-8b", gpu="L4")["total_bytes"].value
    assert in_browser["ram"] is None
