"""Compile the message catalogues while the package is built, editable installs included.

The texts (`.po`) are committed; what gettext reads (`.mo`) is made from them here and ignored by git.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Writes a `.mo` beside each `.po`; the wheel takes it as an artifact (pyproject.toml)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling calls it)
        for path in Path(self.root, "ipython_llmnumbers", "locale").glob("*/LC_MESSAGES/*.po"):
            with path.open("rb") as text, path.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))
