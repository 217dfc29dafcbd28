"""The user's own table: prices and GPUs that add to or replace the packaged ones.

The file is `$LLMNUMBERS_FILE`, else `llmnumbers.toml` in the platform's configuration
folder. It is read again when it changes, so an edit works in the running notebook:

    [[prices]]
    model = "my-model"            # the name to use with -m
    input_usd_per_mtok = 1.5
    output_usd_per_mtok = 6.0
    tokenizer = "o200k_base"      # optional: which vocabulary counts its tokens
    source = "our contract, page 3"
    checked = 2026-11-20

    [[gpus]]
    name = "Lab card"             # the name to use with --gpu
    memory_gib = 48
    bandwidth_gb_per_s = 864      # optional, as are bf16_tflops, fp8_tflops, fp4_tflops
    usd_per_hour = 0.35           # optional: what an hour of it costs
    source = "nvidia-smi"
    checked = 2026-11-20
"""

from __future__ import annotations

import os
import tomllib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..errors import CatalogError
from ..messages import say

YOUR_TABLE = say("your own table")
"""Where a price is from that the user wrote down, if its row does not say more."""


def user_file() -> Path:
    """Where the user's table is looked for, whether or not it exists."""
    named = os.environ.get("LLMNUMBERS_FILE")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_config_path("ipython-llmnumbers", appauthor=False) / "llmnumbers.toml"


def user_rows(section: str) -> list[dict[str, Any]]:
    """The rows of one section of the user's table; none where there is no file.

    Raises:
        CatalogError: the file is not TOML, or the section is not a list of tables.
    """
    path = user_file()
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # none, or a path that no file has
        return []
    except OSError as error:
        raise CatalogError(
            "{path}: cannot be read ({reason}); mend or remove it", path=path, reason=error.strerror
        ) from None
    rows = _parse(path, content).get(section, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogError(
            "{path}: {section} must be written as [[{section}]] tables", path=path, section=section
        )
    return rows


@lru_cache(maxsize=4)
def _parse(path: Path, content: bytes) -> dict[str, Any]:
    # Two edits within one tick of the file system's clock have the same time: the content tells them apart.
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(
            "{path}: not valid TOML ({reason}); mend or remove the file", path=path, reason=str(error)
        ) from None


def is_day(value: object) -> bool:
    """Whether a value of the table is a day: a date, and not a moment of one.

    >>> is_day(date(2026, 11, 20)), is_day("2026-11-20")
    (True, False)
    """
    return isinstance(value, date) and not isinstance(value, datetime)
