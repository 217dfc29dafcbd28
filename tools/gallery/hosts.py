"""Where it is shown: the hosts, their titles, and how each opens its pages or takes its pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from .converted import in_github_s_rules, in_html, in_print, in_slides, of_pdf
from .displays import DISPLAYS
from .servers import in_lab, in_marimo, in_notebook, in_widgets
from .shown import Picture, Shown, new_page
from .terminal import page_of, screen_of
from .vscode import in_vscode


@dataclass(frozen=True)
class Host:
    """Where displays are seen: its pages, one for each theme, or the pictures of what is no page."""

    title: str
    open: Callable[[Browser, Path], Iterator[Shown]] | None
    take: Callable[[Browser, Path], Iterator[Picture]] | None = None


def from_terminal(browser: Browser, folder: Path) -> Iterator[Picture]:
    for display in DISPLAYS:
        page = new_page(browser)
        page.set_content(page_of(screen_of(folder, display)))
        yield Picture("dark", display, page.locator("pre").screenshot())
        page.close()


HOSTS = {
    "jupyterlab": Host("JupyterLab", in_lab),
    "notebook": Host("Notebook 7", in_notebook),
    "ipywidgets": Host("JupyterLab, in an Output of ipywidgets", in_widgets),
    "vscode": Host("VS Code (code-server, stored outputs)", in_vscode),
    "marimo": Host("marimo", in_marimo),
    "terminal": Host("Terminal, 80 columns", None, from_terminal),
    "nbconvert": Host("nbconvert, HTML", in_html),
    "slides": Host("nbconvert, slides", in_slides),
    "webpdf": Host("nbconvert, webpdf", in_print, of_pdf),
    "github": Host("What GitHub's rules leave (GitHub itself: not run)", in_github_s_rules),
}
THEMES = ("light", "dark", "high-contrast", "high-contrast-light")
