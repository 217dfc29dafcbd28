"""Every kind of display in every host that runs here, in its themes: the answer is met first and read whole.

VS Code is measured in the same way where code-server is installed: `python -m tools.gallery --only vscode`.
"""

from __future__ import annotations

import pytest

import ipython_llmnumbers
from tools.gallery.displays import DISPLAYS
from tools.gallery.hosts import HOSTS

FUNCTIONS = {name: getattr(ipython_llmnumbers, name) for name in ipython_llmnumbers.__all__}
PAGES = [name for name, host in HOSTS.items() if host.open and name != "vscode"]
# The first screen of %llmnumbers.
MOST_HEIGHT_PX = 700


@pytest.mark.parametrize("name", PAGES)
def test_each_display_is_as_it_must_be(chromium, tmp_path, name):
    faults, n_pages = [], 0
    for shown in HOSTS[name].open(chromium.browser, tmp_path):
        n_pages += 1
        if shown.has_styles and not shown.has_own_width:
            height = shown.display(len(DISPLAYS) - 1).bounding_box()["height"]
            faults += [(shown.theme, "height_px", height)] if height > MOST_HEIGHT_PX else []
        for display, measures, audit in shown.measures():
            text = str(eval(display.function, FUNCTIONS))
            found = measures.faults(shown.has_styles)
            if not text.startswith(measures.first):
                found["first"] = measures.first
            if audit:
                found["axe"] = audit
            faults += [(shown.theme, display.name, found)] if found else []
    assert n_pages
    assert faults == []
