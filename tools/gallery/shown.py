"""A page of a host that shows every display, and what is done with it: pictures, measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Browser, Frame, Locator, Page, expect

from tests.browser.measures import WIDTH_PX, Measures, audited, measured

from .displays import DISPLAYS, Display
from .terminal import PATIENCE_S

# Wide enough for every table, and higher than the highest: a page that is not scrolled is drawn whole.
PAGE_WIDTH_PX, PAGE_HEIGHT_PX = 900, 4_500
PATIENCE_MS = PATIENCE_S * 1_000


@dataclass(frozen=True)
class Picture:
    """A PNG of one display, as taken."""

    theme: str
    display: Display
    png: bytes


@dataclass(frozen=True)
class Shown:
    """The displays in a page of one host, in one theme."""

    theme: str
    page: Page
    frame: Page | Frame
    # A page that is scrolled may show none until it is.
    show: Callable[[int], object] = lambda _index: None
    # A slide and a sheet of paper have the width that they have; of slides only one is in view.
    has_own_width: bool = False
    is_one_by_one: bool = False
    has_styles: bool = True
    # A host that draws outputs as they come has them in another order in its page than on the screen.
    is_in_order: bool = True

    def display(self, index: int) -> Locator:
        """The display with this index from the top, in view."""
        self.show(index)
        displays = self.frame.locator(".llmnumbers")
        if not self.is_in_order:
            tops = displays.evaluate_all("(all) => all.map((each) => each.getBoundingClientRect().top)")
            index = tops.index(sorted(tops)[index])
        expect(displays.nth(index)).to_be_visible(timeout=PATIENCE_MS)
        return displays.nth(index)

    def pictures(self) -> Iterator[Picture]:
        """One of each display, with a margin."""
        self.frame.add_style_tag(content=".llmnumbers { padding: 12px !important }")
        for index, display in enumerate(DISPLAYS):
            root = self.display(index)
            root.scroll_into_view_if_needed()
            yield Picture(self.theme, display, root.screenshot(animations="disabled"))

    def measures(self) -> Iterator[tuple[Display, Measures, list[str]]]:
        """Of each display, at 600 pixels and without the margin of a picture; and what axe finds."""
        self.frame.add_style_tag(content=".llmnumbers { padding: 0 !important }")
        if not self.has_own_width:
            self._narrow()
        for index, display in enumerate(DISPLAYS):
            root = self.display(index)
            is_audited = self.is_one_by_one or display is DISPLAYS[-1]
            yield display, measured(root), audited(self.frame) if is_audited else []

    def _narrow(self) -> None:
        """Until the host leaves that width to a display. Its own margins may change with the page's."""
        first = self.display(0)
        for _ in range(20):
            width = round(first.evaluate("(each) => each.getBoundingClientRect().width"))
            size = self.page.viewport_size
            if width == WIDTH_PX or size is None:
                return
            wanted = size["width"] + WIDTH_PX - width
            self.page.set_viewport_size({"width": wanted, "height": 2 * PAGE_HEIGHT_PX})
            self.page.wait_for_timeout(200)
        raise TimeoutError(f"{self.theme}: no display is {WIDTH_PX} px wide, the last was {width} px")


def new_page(browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": PAGE_WIDTH_PX, "height": PAGE_HEIGHT_PX})
    page.set_default_timeout(PATIENCE_MS)
    return page
