"""A lesson's papers as a teacher shows and prints them: one sheet of A4, and slides that fit a projector."""

from __future__ import annotations

import re

import pytest

from ipython_llmnumbers.lessons.papers import Options
from ipython_llmnumbers.lessons.write import write_lesson

# A projector of 4:3, one of 16:9, and A4 across.
SCREENS = ((1024, 768), (1280, 720), (1123, 794))


@pytest.fixture(scope="module", params=[("en", 45), ("en", 90), ("ja", 45), ("ja", 90)], ids=str)
def papers(request, tmp_path_factory):
    language, minutes = request.param
    folder = tmp_path_factory.mktemp("lesson")
    write_lesson(str(folder), Options(language=language, minutes=minutes))
    return folder


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("name", ["sheet.html", "sheet_filled.html"])
@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_a_sheet_is_one_page(chromium, papers, name: str, size: str) -> None:
    page = chromium.new_page()
    page.goto((papers / name).as_uri())
    assert pages(page.pdf(format=size, prefer_css_page_size=size == "A4")) == 1
    page.close()


def test_every_slide_is_one_page_and_one_screen(chromium, papers) -> None:
    page = chromium.new_page()
    page.goto((papers / "slides.html").as_uri())
    n_slides = page.locator("section").count()
    assert pages(page.pdf(prefer_css_page_size=True)) == n_slides
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        heights = page.locator("section").evaluate_all("all => all.map((each) => each.offsetHeight)")
        assert heights == [height] * n_slides
    page.close()
