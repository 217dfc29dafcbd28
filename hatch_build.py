"""Make what the package reads quickly, while it is built, editable installs included; git ignores both.

The message catalogues that gettext reads (`.mo`), of the committed texts (`.po`); each table of TOML as JSON;
and the prices of the genai-prices that the build has, which no estimate then has to import.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TablesHook(BuildHookInterface[Any]):
    """Writes a `.mo` beside each `.po`, a `.toml.json` beside each `.toml`, and the prices.

    The wheel takes them as artifacts.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling calls it)
        package = Path(self.root, "ipython_llmnumbers")
        for path in package.joinpath("locale").glob("*/LC_MESSAGES/*.po"):
            with path.open("rb") as text, path.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))
        sys.path.insert(0, self.root)
        try:
            from ipython_llmnumbers.catalog.prices.compact_table import FILE, packaged_text
            from ipython_llmnumbers.catalog.toml_tables import BUILT, built_table

            for path in package.joinpath("catalog").rglob("*.toml"):
                path.with_name(path.name + BUILT).write_bytes(built_table(path.read_bytes()))
            package.joinpath("catalog", FILE).write_text(packaged_text(), encoding="utf-8", newline="\n")
        finally:
            sys.path.remove(self.root)
