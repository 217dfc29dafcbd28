"""marimo as the browser tests and the gallery use it: a server with one notebook."""

from __future__ import annotations

import sys

from ..servers import Server

# The page follows the browser's own theme.
_HEAD = """\
# /// script
# [tool.marimo.display]
# theme = "system"
# ///
import marimo

app = marimo.App()
"""
_CELL = """

@app.cell
def _():
    {code}
    return
"""


class Marimo(Server):
    """A running `marimo run` or `marimo edit`."""

    PING = "/health"

    def __init__(self, folder, *codes, mode="run"):
        """Each code is a statement, and a cell of its own."""
        app = folder / "app.py"
        app.write_text(_HEAD + "".join(_CELL.format(code=code) for code in codes), "utf-8")
        options = ["--skip-update-check"] if mode == "edit" else []
        super().__init__(
            folder, [sys.executable, "-m", "marimo", mode, str(app), "--headless", "--no-token", *options]
        )
