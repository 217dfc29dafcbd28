"""What is kept: small PNG files, what was measured, and a page that shows both."""

from __future__ import annotations

import io
import json
from importlib.metadata import version
from pathlib import Path

from PIL import Image

from .displays import DISPLAYS
from .hosts import HOSTS, THEMES
from .shown import Shown

MOST_BYTES = 40_000
# What somebody sees of a display without scrolling.
MOST_HEIGHT_PX = 900
_MEASURED = "measured.json"
_NAMED = ("jupyterlab", "notebook", "marimo", "ipython", "nbconvert")
_ABOUT_MEASURES = """\
## Measured

The worst of the displays in each host and theme, with what is folded closed and open. Where the host leaves
it the choice, a display is 600 px wide. The answer must be the first text, of at least 1.4 em, end within
60 px, and nothing may be bolder; text has a contrast of at least 4.5; nothing is wider than the display, no
number is broken over two lines, and axe finds nothing. `tests/browser/test_hosts.py` measures the same,
except in VS Code.
"""


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


def keep_measures(folder: Path, key: str, shown: Shown) -> None:
    """Add the worst of what was measured in a host and theme, and the faults of each display."""
    file = folder / _MEASURED
    known = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    found = list(shown.measures())
    each = [measures for _, measures, _ in found]
    faults = {
        display.name: [*measures.faults(shown.has_styles), *audit]
        for display, measures, audit in found
        if audit or measures.faults(shown.has_styles)
    }
    known[key] = {
        "em": round(min(one.em for one in each), 2) if shown.has_styles else None,
        "bottom_px": round(max(one.bottom_px for one in each)),
        "contrast": round(min(one.contrast for one in each), 1),
        "faults": faults,
    }
    file.write_text(json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{key}: {known[key]}", flush=True)


def page_text(folder: Path) -> str:
    """The page that shows what is in the folder."""
    named = ", ".join(f"{name} {version(name)}" for name in _NAMED)
    blocks = [f"# Gallery\n\nEvery display in every host. Written by `make gallery`, with {named}.\n"]
    blocks += _measured_text(folder)
    for display in DISPLAYS:
        blocks.append(f"## {display.title}\n\n```python\n{display.magic}\n```\n")
        for name, host in HOSTS.items():
            for theme in THEMES:
                file = f"{name}-{theme}-{display.name}.png"
                if (folder / file).is_file():
                    words = f"{host.title}, {theme}"
                    blocks.append(f"{words}:\n\n![{display.title}: {words}]({folder.name}/{file})\n")
    return "\n".join(blocks)


def _measured_text(folder: Path) -> list[str]:
    """A table of hosts and themes, if anything was measured."""
    file = folder / _MEASURED
    if not file.is_file():
        return []
    known = json.loads(file.read_text("utf-8"))
    lines = [_ABOUT_MEASURES, "| host | theme | answer, em | its end, px | contrast | faults |"]
    lines.append("|---|---|---:|---:|---:|---|")
    for name, host in HOSTS.items():
        for theme in THEMES:
            if one := known.get(f"{name}-{theme}"):
                faults = "; ".join(f"{display}: {', '.join(each)}" for display, each in one["faults"].items())
                em = "no styles" if one["em"] is None else one["em"]
                cells = (host.title, theme, em, one["bottom_px"], one["contrast"], faults or "none")
                lines.append(f"| {' | '.join(map(str, cells))} |")
    return ["\n".join([*lines, ""])]
