"""Hosts with a server: JupyterLab, Notebook 7, ipywidgets' Output, marimo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.lab import Lab, Notebook
from tests.browser.marimo_server import Marimo

from .displays import DISPLAYS
from .notebooks import IMPORTS, NAME, run_displays, write_notebook
from .shown import PATIENCE_MS, Shown, new_page

LAB_THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "high-contrast": "JupyterLab Dark High Contrast",
}


def in_lab(browser: Browser, folder: Path) -> Iterator[Shown]:
    """A notebook that was run before: what is seen is what JupyterLab makes of the outputs."""
    run_displays(folder)
    yield from _in_lab(browser, folder, tuple(LAB_THEMES))


def in_notebook(browser: Browser, folder: Path) -> Iterator[Shown]:
    """The same in Notebook 7, by the same server."""
    run_displays(folder)
    yield from _in_lab(browser, folder, tuple(LAB_THEMES), path="notebooks")


def in_widgets(browser: Browser, folder: Path) -> Iterator[Shown]:
    """The same in ipywidgets' Output. It is run in the page, which then has no stored widgets to ask for."""
    shown = (f"out = Output()\nwith out:\n    display({each.function})\nout" for each in DISPLAYS)
    write_notebook(folder / NAME, f"from ipywidgets import Output\n{IMPORTS}", *shown)
    yield from _in_lab(browser, folder, ("light",), prepare=_run)


def _in_lab(
    browser: Browser,
    folder: Path,
    themes: tuple[str, ...],
    prepare: Callable[[Page], None] = lambda _page: None,
    path: str = "doc/tree",
) -> Iterator[Shown]:
    lab = Lab(folder).wait()
    try:
        lab.setting("@jupyterlab/apputils-extension:notification", '{"fetchNews": "false"}')
        for theme in themes:
            name = LAB_THEMES[theme]
            lab.setting("@jupyterlab/apputils-extension:themes", json.dumps({"theme": name}))
            page = new_page(browser)
            reset = "" if path == "notebooks" else "&reset"
            page.goto(f"{lab.url}/{path}/{NAME}?token=secret{reset}")
            expect(page.locator("body")).to_have_attribute("data-jp-theme-name", name, timeout=PATIENCE_MS)
            prepare(page)
            page.locator(".llmnumbers").first.wait_for()
            yield Shown(theme, page, page, partial(_scroll, page))
            page.close()
    finally:
        lab.stop()


def _scroll(page: Page, index: int) -> None:
    page.mouse.wheel(0, 200 * index)


def _run(page: Page) -> None:
    page.locator(".jp-CodeCell .cm-content").first.wait_for()
    notebook = Notebook(page)
    notebook.ready()
    notebook.run_all()


def in_marimo(browser: Browser, folder: Path) -> Iterator[Shown]:
    server = Marimo(folder, IMPORTS, *(each.function for each in DISPLAYS)).wait()
    try:
        for theme in ("light", "dark"):
            page = new_page(browser)
            page.emulate_media(color_scheme=theme)
            page.goto(server.url)
            expect(page.locator("body")).to_have_class(re.compile(rf"\b{theme}\b"), timeout=PATIENCE_MS)
            yield Shown(theme, page, page)
            page.close()
    finally:
        server.stop()
