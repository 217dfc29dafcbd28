"""Pictures and measures of every display in every host and theme: docs/gallery/, shown by docs/gallery.md.

`make gallery`, or `python -m tools.gallery`, takes all of them in about eight minutes. `--only HOST…` takes
those of some hosts; the page shows what is in the folder. A host that fails is named, and the others go on.
It needs the extras `[browser]` and `[test]`, and chromium; slides need `make slides`, webpdf needs
poppler-utils, and VS Code needs what `bash tools/gallery/code_server.sh` installs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.lab import CHROMIUM, FLAGS

from .files import keep_measures, page_text, squeezed
from .hosts import HOSTS
from .shown import Picture

DOCS = Path(__file__).resolve().parents[2] / "docs"


def take(name: str, browser: Browser, out: Path) -> None:
    """Take a host's pictures and measures, in a home of its own."""
    host = HOSTS[name]
    if host.take:
        with tempfile.TemporaryDirectory() as folder:
            for picture in host.take(browser, Path(folder)):
                _keep(name, picture, out)
    if host.open:
        with tempfile.TemporaryDirectory() as folder:
            for shown in host.open(browser, Path(folder)):
                for picture in () if host.take else shown.pictures():
                    _keep(name, picture, out)
                keep_measures(out, f"{name}-{shown.theme}", shown)


def _keep(name: str, picture: Picture, out: Path) -> None:
    path, png = out / f"{name}-{picture.theme}-{picture.display.name}.png", squeezed(picture.png)
    path.write_bytes(png)
    print(f"{path.relative_to(out.parent)}: {len(png):,} bytes", flush=True)


def _own_home(folder: str) -> None:
    """Nothing of this user is in the pictures, and nothing of the hosts stays with the user."""
    for name in (
        "HOME",
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
    ):
        os.environ[name] = str(Path(folder, name.lower()))
        Path(os.environ[name]).mkdir()
    os.environ["LLMNUMBERS_FILE"] = str(Path(folder, "llmnumbers.toml"))
    os.environ.pop("NO_COLOR", None)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", metavar="HOST", nargs="+", choices=HOSTS, default=list(HOSTS))
    parser.add_argument("--docs", metavar="DIR", type=Path, default=DOCS, help="where the page goes")
    options = parser.parse_args()
    if CHROMIUM is None:
        parser.error("no chromium: apt-get install chromium")
    fonts = shutil.which("fc-list")
    if fonts and not subprocess.run([fonts, ":lang=ja"], capture_output=True).stdout:
        print("no font for Japanese, which one display has: apt-get install fonts-noto-cjk", file=sys.stderr)
    out, failed = options.docs / "gallery", []
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        _own_home(home)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for name in options.only:
            try:
                take(name, browser, out)
            except Exception as error:
                failed.append(name)
                print(f"{name} FAILED: {error}", file=sys.stderr, flush=True)
        browser.close()
    (options.docs / "gallery.md").write_text(page_text(out), encoding="utf-8")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
