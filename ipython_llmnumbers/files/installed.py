"""The versions of installed packages, without `importlib.metadata` and its parser of e-mail."""

from __future__ import annotations

import os
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path


def is_installed(module: str) -> bool:
    """Whether a package is here; it is not imported. A folder of that name on the path is none.

    >>> is_installed("IPython"), is_installed("no_such_package")
    (True, False)
    """
    spec = find_spec(module)
    return spec is not None and spec.origin is not None


@cache
def installed_version(package: str, module: str) -> str:
    """The version of a package that holds a module, by the name of the folder that its installer wrote.

    Such a folder is `{name}-{version}.dist-info`, with `_` for each run of `-`, `_` and `.` of the name
    (packaging.python.org, "Binary distribution format" and "Recording installed projects").

    Raises:
        PackageNotFoundError: it is not installed.

    >>> installed_version("ipython", "IPython").partition(".")[0].isdecimal()
    True
    """
    spec = find_spec(module)
    folder = Path(spec.origin).parent.parent if spec and spec.origin else Path()
    name = re.compile(rf"{re.sub(r'[-_.]+', '[-_.]', package)}-([^-]+)\.dist-info", re.IGNORECASE)
    found = {match[1] for match in map(name.fullmatch, _names_in(folder)) if match}
    if len(found) == 1:
        return found.pop()
    from importlib.metadata import version

    return version(package)


@cache
def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (a thousand names, and no path of them)
    except OSError:  # a package in an archive
        return []
