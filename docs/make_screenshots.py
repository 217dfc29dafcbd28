"""The README's pictures, taken from a real JupyterLab: `python docs/make_screenshots.py`.

Needs the extra `[browser]` and chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.lab import CHROMIUM, FLAGS, Lab, Notebook  # noqa: E402

PROMPT = "Summarise the following article in three bullet points for a busy reader."
# Each picture is one cell; the live line is taken while its cell is being written.
CELLS = {
    "estimate": f"%%llmcost -m gpt-5.4 --out 300 --calls 1000\n{PROMPT}",
    "tokens": "%%tokens -m gpt-5.4\nTokenization isn't always intuitive: naïve 日本語",
    "live": "%%llmcost -m gpt-5.4,claude-opus-5-5 --out 300\n",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder)).wait()
        lab.setting("@jupyterlab/apputils-extension:notification", '{"fetchNews": "false"}')
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            page = browser.new_page(viewport={"width": 900, "height": 1600})
            name = lab.write("pictures.ipynb", "%load_ext ipython_llmnumbers", *CELLS.values())
            page.goto(f"{lab.url}/doc/tree/{name}?token=secret&reset")
            page.locator(".jp-CodeCell .cm-content").first.wait_for()
            notebook = Notebook(page)
            notebook.ready()
            cells = page.locator(".jp-CodeCell")
            notebook.run_all()
            page.locator(".llmnumbers").nth(1).wait_for()
            notebook.type_into(len(CELLS), PROMPT)
            cells.last.locator(".llmnumbers-line").get_by_text("claude-opus-5-5: ").wait_for()
            for index, picture in enumerate(CELLS, start=1):
                path = ROOT / "docs" / "images" / f"{picture}.png"
                part = (
                    cells.nth(index).locator(".jp-Cell-inputWrapper")
                    if picture == "live"
                    else cells.nth(index)
                )
                part.screenshot(path=path, animations="disabled", caret="initial")
                print(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
        finally:
            browser.close()
            lab.stop()


if __name__ == "__main__":
    main()
