"""A real JupyterLab server and a real Chromium: `make test-browser`.

They run if `LLMNUMBERS_BROWSER=required` is set, and fail then if one is missing, so that CI cannot
pass without them. The rest of the suite does not wait for a browser, and does not slow one down.
"""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

from .lab import CHROMIUM, FLAGS, Lab, Notebook

# How long a page may take to start on a busy machine; an assertion of content waits no longer either.
PATIENCE_MS = 40_000


def _missing():
    lacking = [name for name in ("jupyterlab", "notebook", "playwright") if find_spec(name) is None]
    if lacking:
        return f"no {', '.join(lacking)}: pip install '.[browser]'"
    return "" if CHROMIUM else "no chromium: apt-get install chromium"


def pytest_ignore_collect():
    """Asked of each file here before it is imported, so that the files import what they need plainly."""
    if os.environ.get("LLMNUMBERS_BROWSER") != "required":
        pytest.skip("the browser tests run by themselves: make test-browser")
    if missing := _missing():
        pytest.fail(f"the browser tests are required, but there is {missing}", pytrace=False)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("lab")).wait()
    lab.setting("@jupyterlab/apputils-extension:notification", '{"fetchNews": "false"}')
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def chromium():
    # Not for the whole session: while Playwright runs, no other test can start an event loop.
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        # One context for all pages: JupyterLab's files are then loaded once.
        context = browser.new_context()
        yield context
        browser.close()


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
        reset = "" if path == "notebooks" else "&reset"
        page.goto(f"{server.url}/{path}/{name}?token=secret{reset}")
        page.locator(".jp-CodeCell .cm-content").first.wait_for()
        return Notebook(page)

    yield open_
    for page in pages:
        page.close()
    assert [error for error in errors if "llmnumbers" in error] == []
