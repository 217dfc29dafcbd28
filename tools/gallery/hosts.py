"""Where it is shown: each host takes its own pictures."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from playwright.sync_api import Browser, Page, expect

from tests.browser.lab import Lab, Notebook
from tests.browser.marimo_server import Marimo

from .displays import DISPLAYS, FUNCTIONS, Display
from .terminal import PATIENCE_S, page_of, screen_of

LAB_THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "high-contrast": "JupyterLab Dark High Contrast",
}
MAGICS = ("%load_ext ipython_llmnumbers", *(each.magic for each in DISPLAYS))
IMPORTS = f"from ipython_llmnumbers import {', '.join(FUNCTIONS)}"
# Wide enough for every table, and higher than the highest: a page that is not scrolled is drawn whole.
WIDTH_PX, HEIGHT_PX = 900, 4_500
_PATIENCE_MS = PATIENCE_S * 1_000


@dataclass(frozen=True)
class Picture:
    """A PNG of one display, as taken."""

    theme: str
    display: Display
    png: bytes


@dataclass(frozen=True)
class Host:
    """Where displays are seen, in which themes, and how pictures of them are taken."""

    title: str
    themes: tuple[str, ...]
    take: Callable[[Browser, Path], Iterator[Picture]]


def from_lab(browser: Browser, folder: Path) -> Iterator[Picture]:
    """Of a notebook that was run before: what is taken is what JupyterLab makes of the outputs."""
    _run_notebook(folder / "displays.ipynb", *MAGICS)
    yield from _of_lab(browser, folder, HOSTS["jupyterlab"].themes, lambda _page: None)


def from_widgets(browser: Browser, folder: Path) -> Iterator[Picture]:
    """The same in ipywidgets' Output. It is run in the page, which then has no stored widgets to ask for."""
    shown = (f"out = Output()\nwith out:\n    display({each.function})\nout" for each in DISPLAYS)
    _write_notebook(folder / "displays.ipynb", f"from ipywidgets import Output\n{IMPORTS}", *shown)
    yield from _of_lab(browser, folder, HOSTS["ipywidgets"].themes, _run)


def _of_lab(
    browser: Browser, folder: Path, themes: tuple[str, ...], prepare: Callable[[Page], None]
) -> Iterator[Picture]:
    lab = Lab(folder).wait()
    try:
        lab.setting("@jupyterlab/apputils-extension:notification", '{"fetchNews": "false"}')
        for theme in themes:
            name = LAB_THEMES[theme]
            lab.setting("@jupyterlab/apputils-extension:themes", json.dumps({"theme": name}))
            page = _page(browser)
            page.goto(f"{lab.url}/doc/tree/displays.ipynb?token=secret&reset")
            expect(page.locator("body")).to_have_attribute("data-jp-theme-name", name, timeout=_PATIENCE_MS)
            prepare(page)
            yield from _outputs(page, theme)
    finally:
        lab.stop()


def from_marimo(browser: Browser, folder: Path) -> Iterator[Picture]:
    server = Marimo(folder, IMPORTS, *(each.function for each in DISPLAYS)).wait()
    try:
        for theme in HOSTS["marimo"].themes:
            page = _page(browser)
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
            page.goto(server.url)
            expect(page.locator("body")).to_have_class(re.compile(rf"\b{theme}\b"), timeout=_PATIENCE_MS)
            yield from _outputs(page, theme)
    finally:
        server.stop()


def from_nbconvert(browser: Browser, folder: Path) -> Iterator[Picture]:
    notebook = folder / "displays.ipynb"
    _run_notebook(notebook, *MAGICS)
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(notebook)]
    subprocess.run(command, check=True, capture_output=True)
    page = _page(browser)
    page.route("http*://**", lambda route: route.abort())  # MathJax, which no display needs
    page.goto(notebook.with_suffix(".html").as_uri())
    yield from _outputs(page, "light")


def from_terminal(browser: Browser, folder: Path) -> Iterator[Picture]:
    for display in DISPLAYS:
        page = _page(browser)
        page.set_content(page_of(screen_of(folder, display)))
        yield Picture("dark", display, page.locator("pre").screenshot())
        page.close()


HOSTS = {
    "jupyterlab": Host("JupyterLab", tuple(LAB_THEMES), from_lab),
    "ipywidgets": Host("JupyterLab, in an Output of ipywidgets", ("light",), from_widgets),
    "marimo": Host("marimo", ("light", "dark"), from_marimo),
    "terminal": Host("Terminal, 80 columns", ("dark",), from_terminal),
    "nbconvert": Host("nbconvert, HTML", ("light",), from_nbconvert),
}


def _run(page: Page) -> None:
    page.locator(".jp-CodeCell .cm-content").first.wait_for()
    notebook = Notebook(page)
    notebook.ready()
    notebook.run_all()


def _run_notebook(path: Path, *codes: str) -> None:
    """Write a notebook of these cells, with their outputs."""
    notebook = _write_notebook(path, *codes)
    NotebookClient(notebook, timeout=PATIENCE_S).execute()
    nbformat.write(notebook, path)


def _write_notebook(path: Path, *codes: str) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = list(map(nbformat.v4.new_code_cell, codes))
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)
    return notebook


def _page(browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
    page.set_default_timeout(_PATIENCE_MS)
    return page


def _outputs(page: Page, theme: str) -> Iterator[Picture]:
    """Each display of an open page; a page that is scrolled may show none until it is."""
    shown = page.locator(".llmnumbers")
    shown.first.wait_for()
    page.add_style_tag(content=".llmnumbers { padding: 12px !important }")  # a picture has a margin
    for index, display in enumerate(DISPLAYS):
        page.mouse.wheel(0, 200 * index)
        expect(shown.nth(index)).to_be_visible(timeout=_PATIENCE_MS)
        shown.nth(index).scroll_into_view_if_needed()
        yield Picture(theme, display, shown.nth(index).screenshot(animations="disabled"))
    page.close()
