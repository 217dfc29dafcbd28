"""`tools/gallery/`: what its pictures show, and how many bytes they take."""

from __future__ import annotations

import io
import random
from importlib.util import find_spec
from pathlib import Path

import pytest

import ipython_llmnumbers

ROOT = Path(__file__).parent.parent
FUNCTIONS = {name: getattr(ipython_llmnumbers, name) for name in ipython_llmnumbers.__all__}
pytestmark = pytest.mark.skipif(not (ROOT / "tools").is_dir(), reason="no tools/ beside these tests")


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    missing = [name for name in ("marimo", "pexpect", "PIL", "playwright") if find_spec(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: pip install '.[browser]'")
    monkeypatch.syspath_prepend(ROOT)


def values(estimate):
    return [(each.name, each.value, each.low, each.high) for each in estimate.walk()]


def test_a_magic_and_its_function_answer_the_same(shell):
    from tools.gallery.displays import DISPLAYS

    for display in DISPLAYS:
        if display.name == "numbers":  # the magic adds a column, of this session and machine
            continue
        name, _, line = display.magic.lstrip("%").partition(" ")
        line, _, cell = line.partition("\n")
        run = shell.run_cell_magic if display.magic.startswith("%%") else shell.run_line_magic
        by_magic = run(name, line, *([cell] if cell else []))
        by_function = eval(display.function, FUNCTIONS)
        assert values(by_magic) == values(by_function), display.name


def test_a_picture_of_many_colours_is_small_all_the_same():
    from PIL import Image

    from tools.gallery.files import MOST_BYTES, MOST_HEIGHT_PX, squeezed

    chance = random.Random(1)
    picture = Image.new("RGB", (900, 3_000), "white")
    for _ in range(8_000):
        place, colour = (chance.randrange(900), chance.randrange(900)), chance.randbytes(3)
        picture.putpixel(place, tuple(colour))
    file = io.BytesIO()
    picture.save(file, "PNG")
    small = Image.open(io.BytesIO(squeezed(file.getvalue())))
    assert len(squeezed(file.getvalue())) <= MOST_BYTES
    assert small.size == (900, MOST_HEIGHT_PX)


def test_the_page_shows_what_is_there(tmp_path):
    from tools.gallery.files import page_text

    folder = tmp_path / "gallery"
    folder.mkdir()
    for name in ("marimo-dark-cost.png", "marimo-blue-cost.png", "terminal-dark-numbers.png"):
        (folder / name).touch()
    page = page_text(folder)
    assert page.count("![") == 2
    assert "![What a prompt costs: marimo, dark](gallery/marimo-dark-cost.png)" in page
    assert "(gallery/terminal-dark-numbers.png)" in page
