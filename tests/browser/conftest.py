"""A real JupyterLab server and a real Chromium. Skipped where one is missing, unless CI demands them.

`LLMNUMBERS_BROWSER=required` turns the skip into a failure, so that CI cannot pass without these tests.
"""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from importlib.util import find_spec

import nbformat
import pytest

from ..servers import JupyterServer

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# How long a page may take to start on a busy machine; an assertion of content waits no longer either.
PATIENCE_MS = 40_000


def _missing():
    lacking = [name for name in ("jupyterlab", "notebook", "playwright") if find_spec(name) is None]
    if lacking:
        return f"no {', '.join(lacking)}: pip install '.[browser]'"
    return "" if CHROMIUM else "no chromium: apt-get install chromium"


@pytest.fixture(autouse=True, scope="session")
def _browser_parts():
    missing = _missing()
    if missing and os.environ.get("LLMNUMBERS_BROWSER") == "required":
        pytest.fail(f"the browser tests are required, but there is {missing}")
    if missing:
        pytest.skip(f"the browser tests need more: {missing}")


class Lab(JupyterServer):
    """JupyterLab and Notebook 7, in the folder that they serve."""

    MODULE = "jupyterlab"
    OPTIONS = (
        "--LabApp.extension_manager=readonly",
        "--LabApp.news_url=None",
        "--LabApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    )

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


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab")).wait()
    lab.setting("@jupyterlab/apputils-extension:notification", '{"fetchNews": "false"}')
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def chromium():
    # Not for the whole session: while Playwright runs, no other test can start an event loop.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        # One context for all pages: JupyterLab's files are then loaded once.
        context = browser.new_context()
        yield context
        browser.close()


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


@pytest.fixture
def open_notebook(chromium, lab):
    """Open a notebook of some server in a page of its own; an error of ours in the page fails the test."""
    pages, errors = [], []

    def open_(name, server=lab, path="doc/tree", width=1200, height=900):
        page = chromium.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
        pages.append(page)
        reset = "&reset" if path == "doc/tree" else ""
        page.goto(f"{server.url}/{path}/{name}?token=secret{reset}")
        page.locator(".jp-CodeCell .cm-content").first.wait_for()
        return Notebook(page)

    yield open_
    for page in pages:
        page.close()
    assert [error for error in errors if "llmnumbers" in error] == []
