"""JupyterLab and Chromium as the browser tests, the benchmark and the screenshots use them."""

from __future__ import annotations

import json
import shutil
import urllib.request

import nbformat

from ..servers import JupyterServer

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Lab(JupyterServer):
    """JupyterLab and Notebook 7, in the folder that they serve."""

    MODULE = "jupyterlab"
    OPTIONS = (
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=None",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    )

    def __init__(self, root, *arguments):
        # The settings and workspaces of whoever runs this are left as they are.
        own = root / ".lab"
        places = (f"--LabApp.{name}_dir={own / name}" for name in ("user_settings", "workspaces"))
        super().__init__(root, *places, *arguments)

    def write(self, name, *cells):
        """A notebook of code cells in the served folder."""
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = nbformat.v4.new_notebook(
            cells=list(map(nbformat.v4.new_code_cell, cells)), metadata={"kernelspec": kernel}
        )
        nbformat.write(notebook, self.root / name)
        return name

    def setting(self, plugin, json5):
        """Store a user's setting, as the settings editor does."""
        request = urllib.request.Request(
            f"{self.url}/lab/api/settings/{plugin}",
            data=json.dumps({"raw": json5}).encode(),
            method="PUT",
            headers={"Authorization": "token secret"},
        )
        urllib.request.urlopen(request, timeout=20).close()


class Notebook:
    """One open notebook in the browser."""

    def __init__(self, page):
        self.page = page
        self.lines = page.locator(".llmnumbers-line")

    def type_into(self, index, text):
        """Type at the end of a cell, as a person does."""
        self.page.locator(".jp-CodeCell .cm-content").nth(index).click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def ready(self):
        """Wait until the kernel answers."""
        self.page.evaluate(
            """async () => {
                const context = window.jupyterapp.shell.currentWidget.context;
                await context.ready;
                await context.sessionContext.ready;
                await context.sessionContext.session.kernel.info;
            }"""
        )

    def run_all(self):
        """Start every cell, without waiting for an end."""
        self.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:run-all-cells')")
