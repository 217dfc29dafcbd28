"""What each magic shows, to the last character. Regenerate with: `python tests/test_golden.py`.

The cells ask for the prices of a day and name a GPU, and `%llmnumbers` opens one number, so that
neither the calendar nor the machine changes the answer. Read the difference before you commit it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from IPython.utils.capture import capture_output

GOLDEN = Path(__file__).parent / "golden"
TYPES = {"txt": "text/plain", "html": "text/html", "md": "text/markdown"}
_DAY = "--on 2026-11-24"

CELLS = {
    "cost": f"%%llmcost -m gpt-4o --out 300 --calls 1000 {_DAY}\nSummarise the following article.",
    "cost_comparison": f"%%llmcost -m gpt-4o,grok-4,gpt-4o-mini --out 300 {_DAY}\nSummarise the article.",
    "cost_chat": f"%%llmcost -m gpt-4o {_DAY}\nsystem: You are brief.\nuser: How long is a piece of string?",
    "tokens": "%%tokens -m gpt-4o\nTokenization isn't always intuitive: 日本語 👩‍💻 <b>|</b>",
    "tokens_comparison": "%tokens --compare -m gpt-4o,gpt-4,qwen3 Tokenization isn't always intuitive.",
    "fit": "%gpufit llama-3.1-8b --gpu RTX-4090 --context 32Ki",
    "fit_not": "%gpufit llama-3.1-70b --gpu T4",
    "train": "%gpufit llama-3.1-8b --train qlora --gpu RTX-4090",
    "speed": "%gpufit llama-3.1-8b --speed --gpu H100-80GB-SXM",
    "number": "%llmnumbers kv_memory_per_token_13b",
}


# "splintr-rs 0.22.0", "genai-prices 0.2.3, 2026-11-10": what is installed, and the day of its prices.
_VERSIONS = re.compile(r"(splintr-rs|tiktoken|ctok|genai-prices) \d+(?:\.\d+)+(?:, \d{4}-\d\d-\d\d)?")


def without_versions(text):
    """A text that another version of a dependency shows alike."""
    return _VERSIONS.sub(r"\1", text)


def bundle(shell, cell):
    """What the cell's display offers to a front end."""
    with capture_output():
        estimate = shell.run_cell(cell).result
    return estimate._repr_mimebundle_()


@pytest.mark.parametrize("name", CELLS)
def test_a_display_is_what_it_was(shell, name):
    shown = bundle(shell, CELLS[name])
    for suffix, kind in TYPES.items():
        golden = GOLDEN / f"{name}.{suffix}"
        assert golden.exists() == (kind in shown)
        if kind in shown:
            was = golden.read_text(encoding="utf-8")
            assert without_versions(shown[kind].rstrip("\n") + "\n") == without_versions(was)


def test_every_golden_file_belongs_to_a_cell():
    assert {path.stem for path in GOLDEN.iterdir()} == set(CELLS)


def main():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "ipython_llmnumbers")
    GOLDEN.mkdir(exist_ok=True)
    for name, cell in CELLS.items():
        shown = bundle(shell, cell)
        for suffix, kind in TYPES.items():
            golden = GOLDEN / f"{name}.{suffix}"
            golden.unlink(missing_ok=True)
            if kind in shown:
                golden.write_text(shown[kind].rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
