"""What is said where a magic wants widgets and ipywidgets is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
sys.modules["ipywidgets"] = None
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "ipython_llmnumbers")
estimate = shell.run_line_magic(*sys.argv[1:])
print(estimate and estimate.subject)
"""


@pytest.mark.parametrize(
    ("magic", "line", "answer"),
    [
        ("llmcost", "--live", "None"),
        ("llmnumbers", "tokens_per_word --sliders", "tokens_per_word"),
    ],
)
def test_without_ipywidgets_a_line_says_how_to_get_it(magic, line, answer):
    command = [sys.executable, "-c", CODE, magic, line]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    said, subject = run.stdout.splitlines()
    assert "ipython-llmnumbers[widget]" in said
    assert subject == answer
