"""What a stored notebook becomes: nbconvert's page, slides and PDF, and GitHub's view of its HTML."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator
from functools import partial, partialmethod
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nbformat
from bleach.sanitizer import Cleaner
from nbconvert import HTMLExporter, SlidesExporter, WebPDFExporter
from PIL import Image, ImageChops
from playwright.async_api import BrowserType
from playwright.sync_api import Browser, Page, Route

import tests.browser
from tests.browser.lab import CHROMIUM

from .displays import DISPLAYS
from .notebooks import run_displays
from .shown import Picture, Shown, new_page

# The pages name files of a CDN. Those that a slide needs are here, in the same versions: `make slides`.
_MODULES = Path(tests.browser.__path__[0], "node_modules")
_HAD = {
    "https://unpkg.com/reveal.js@4.0.2/": _MODULES / "reveal.js",
    "https://cdnjs.cloudflare.com/ajax/libs/require.js/2.1.10/require.min.js": _MODULES
    / "requirejs/require.js",
}
_EXPORTER: Any = WebPDFExporter
_DPI = 96
_PAPER_MARGIN_PX = 12


def in_html(browser: Browser, folder: Path) -> Iterator[Shown]:
    notebook = run_displays(folder)
    for theme in ("light", "dark"):
        yield from _opened(browser, folder, theme, _html(HTMLExporter, notebook, theme=theme))


def in_slides(browser: Browser, folder: Path) -> Iterator[Shown]:
    """Each display is a slide: reveal.js draws the present one, scaled to the page."""
    if not _MODULES.is_dir():
        raise FileNotFoundError("no reveal.js: make slides")
    notebook = run_displays(folder)
    for theme, reveal_theme in (("light", "simple"), ("dark", "black")):
        options = {"theme": theme, "reveal_theme": reveal_theme, "reveal_transition": "none"}
        html = _html(SlidesExporter, notebook, **options)
        for shown in _opened(browser, folder, theme, html):
            page = shown.page
            page.set_viewport_size({"width": 960, "height": 720})
            page.wait_for_function("document.querySelector('.reveal.ready')")
            turn = partial(_turn_to, page)
            yield Shown(theme, page, page, turn, has_own_width=True, is_one_by_one=True)


def _turn_to(page: Page, index: int) -> None:
    page.evaluate(f"location.hash = '#/{index}'")
    page.locator(".llmnumbers").nth(index).wait_for()


def in_print(browser: Browser, folder: Path) -> Iterator[Shown]:
    """The page that webpdf prints, as wide as its paper."""
    html = _html(HTMLExporter, run_displays(folder), template_name="webpdf")
    for shown in _opened(browser, folder, "light", html):
        shown.page.emulate_media(media="print")
        yield Shown("light", shown.page, shown.page, has_own_width=True)


def of_pdf(_browser: Browser, folder: Path) -> Iterator[Picture]:
    """The first page of each display's own PDF, by nbconvert's exporter; chromium is this machine's."""
    notebook = nbformat.read(run_displays(folder), as_version=4)
    launch = partialmethod(BrowserType.launch, executable_path=CHROMIUM)
    for display, cell in zip(DISPLAYS, notebook.cells[1:], strict=True):
        one = nbformat.v4.new_notebook(cells=[cell], metadata=notebook.metadata)
        with patch.object(BrowserType, "launch", launch):
            pdf, _ = _EXPORTER(disable_sandbox=True, exclude_input=True).from_notebook_node(one)
        command = ["pdftoppm", "-png", "-r", str(_DPI), "-f", "1", "-l", "1"]
        png = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
        yield Picture("light", display, _without_margin(png))


def _without_margin(png: bytes) -> bytes:
    """A sheet of paper, as far as something is printed on it."""
    sheet = Image.open(io.BytesIO(png)).convert("RGB")
    left, top, right, bottom = ImageChops.invert(sheet).getbbox() or (0, 0, *sheet.size)
    m = _PAPER_MARGIN_PX
    file = io.BytesIO()
    sheet.crop((left - m, top - m, right + m, bottom + m)).save(file, "PNG")
    return file.getvalue()


# What GitHub's own filter keeps, as its library publishes it (github.com/gjtorikian/html-pipeline,
# lib/html_pipeline/sanitization_filter.rb, 2026-11-28), of what a display may have. No class and no style.
_KEPT_TAGS = {"b", "br", "caption", "code", "details", "div", "li", "ol", "pre", "small", "span", "summary"}
_KEPT_TAGS |= {"sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "wbr"}
_KEPT_ATTRIBUTES = {"*": ["align", "colspan", "lang", "open", "rowspan", "scope", "title", "width"]}


def as_on_github(html: str) -> str:
    """What is left of an output's HTML."""
    return str(Cleaner(tags=_KEPT_TAGS, attributes=_KEPT_ATTRIBUTES, strip=True).clean(html))


def in_github_s_rules(browser: Browser, folder: Path) -> Iterator[Shown]:
    """GitHub itself is not asked: a page of what its rules leave, in the browser's own styles."""
    notebook = nbformat.read(run_displays(folder), as_version=4)
    htmls = [cell.outputs[0]["data"]["text/html"] for cell in notebook.cells[1:]]
    # Only to be found again: GitHub leaves no class.
    bodies = (as_on_github(html).replace("<div>", '<div class="llmnumbers">', 1) for html in htmls)
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>displays</title>'
    style = "<style>body { font: 14px/1.5 sans-serif } table { font-size: 13px }</style>"
    for shown in _opened(browser, folder, "light", f"{head}{style}<main>{'<hr>'.join(bodies)}</main>"):
        yield Shown("light", shown.page, shown.page, has_styles=False)


def _html(exporter: Any, notebook: Path, **options: str) -> str:
    return str(exporter(**options).from_filename(str(notebook))[0])


def _opened(browser: Browser, folder: Path, theme: str, html: str) -> Iterator[Shown]:
    file = folder / f"displays-{theme}.html"
    file.write_text(html, encoding="utf-8")
    page = new_page(browser)
    page.route(re.compile("^https?:"), _from_here)
    page.goto(file.as_uri())
    page.locator(".llmnumbers").first.wait_for(state="attached")
    yield Shown(theme, page, page)
    page.close()


def _from_here(route: Route) -> None:
    """A file that is here, and no other: MathJax, mermaid and jQuery are not needed."""
    for start, path in _HAD.items():
        if route.request.url.startswith(start):
            route.fulfill(path=path / route.request.url.removeprefix(start) if path.is_dir() else path)
            return
    route.abort()
