"""What is kept: small PNG files, and a page that shows them."""

from __future__ import annotations

import io
from importlib.metadata import version
from pathlib import Path

from PIL import Image

from .displays import DISPLAYS
from .hosts import HOSTS

MOST_BYTES = 40_000
# What somebody sees of a display without scrolling.
MOST_HEIGHT_PX = 900


def squeezed(png: bytes) -> bytes:
    """The picture's top, in as many colours as its bytes allow."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, MOST_HEIGHT_PX)))
    for n_colours in (128, 64, 32, 16, 8):
        file = io.BytesIO()
        picture.quantize(n_colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= MOST_BYTES:
            break
    return file.getvalue()


def page_text(folder: Path) -> str:
    """The page that shows what is in the folder."""
    named = ", ".join(f"{name} {version(name)}" for name in ("jupyterlab", "marimo", "ipython", "nbconvert"))
    blocks = [f"# Gallery\n\nEvery display in every host. Written by `make gallery`, with {named}.\n"]
    for display in DISPLAYS:
        blocks.append(f"## {display.title}\n\n```python\n{display.magic}\n```\n")
        for name, host in HOSTS.items():
            files = {theme: f"{name}-{theme}-{display.name}.png" for theme in host.themes}
            for theme, file in files.items():
                if (folder / file).is_file():
                    words = f"{host.title}, {theme}"
                    blocks.append(f"{words}:\n\n![{display.title}: {words}]({folder.name}/{file})\n")
    return "\n".join(blocks)
