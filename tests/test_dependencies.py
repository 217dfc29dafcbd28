"""docs/dependencies.md names every dependency, and the only modules that import it."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

import ipython_llmnumbers

PACKAGE = Path(ipython_llmnumbers.__file__).parent
ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "dependencies.md"
# What a package is called when it is imported, where that is another name.
IMPORTED = {
    "splintr-rs": "splintr",
    "nvidia-ml-py": "pynvml",
    "pyyaml": "yaml",
    "huggingface-hub": "huggingface_hub",
}

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the wheel has no docs")


def rows():
    """The package and the places of each row of the page."""
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 4 and cells[0] not in ("package", "---"):
            yield cells[0], re.findall("`([^`]+)`", cells[3])


@cache
def imports():
    """The packages that each module imports."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        names = found[path.relative_to(PACKAGE).as_posix()] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {each.name.partition(".")[0] for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add((node.module or "").partition(".")[0])
    return found


def test_every_dependency_has_a_row():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.match(r"[\w-]+", each)[0] for each in project["dependencies"]}
    assert {name for name, _ in rows()} == needed


@pytest.mark.parametrize(("name", "places"), list(rows()) if PAGE.exists() else [])
def test_no_other_module_imports_it(name, places):
    module = IMPORTED.get(name, name.replace("-", "_"))
    package = "IPython" if name == "ipython" else module
    found = {path for path, packages in imports().items() if package in packages}
    assert found
    assert all(any(path == place or path.startswith(place) for place in places) for path in found), found
    assert all(any(path == place or path.startswith(place) for path in found) for place in places), found
