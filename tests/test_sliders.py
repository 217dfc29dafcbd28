"""Sliders over a number's inputs, in a real kernel with ipywidgets, and what is said without it."""

from __future__ import annotations

import subprocess
import sys


def test_moving_a_slider_recomputes(kernel):
    reply, messages = kernel.run("%llmnumbers tokens_per_word --sliders")
    assert reply["status"] == "ok", reply
    shown = [m["content"]["data"] for m in messages if m["msg_type"] == "display_data"]
    assert any("application/vnd.jupyter.widget-view+json" in data for data in shown)
    kernel.run(
        "from ipywidgets.widgets.widget import _instances\n"
        "box = [w for w in _instances.values() if type(w).__name__ == 'VBox'][-1]\n"
        "*sliders, html = box.children"
    )
    names = kernel.result("[slider.description for slider in sliders]")["text/plain"]
    assert names == "['words', 'tokens_per_word']"
    assert "975" in kernel.result("html.value")["text/plain"]
    kernel.run("sliders[0].value = 1200")
    assert "1,560" in kernel.result("html.value")["text/plain"]


def test_without_ipywidgets_a_line_says_how_to_get_them():
    code = (
        "import sys; sys.modules['ipywidgets'] = None\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_line_magic('load_ext', 'ipython_llmnumbers')\n"
        "print(shell.run_line_magic('llmnumbers', 'tokens_per_word --sliders').subject)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    said, subject = run.stdout.splitlines()
    assert "ipython-llmnumbers[widget]" in said
    assert subject == "tokens_per_word"
