"""The VS Code extension: its own tests, which start the real process; and what it shares with the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ipython_llmnumbers.live.line_process import DEFAULTS
from ipython_llmnumbers.messages import LANGUAGES

FOLDER = Path(__file__).parent.parent / "vscode"
# The compiler, the linter and the tests need 40 s on two busy cores.
PATIENCE_S = 600


def _missing():
    if not (FOLDER / "package.json").is_file():
        return "no vscode/ beside these tests"
    if shutil.which("npm") is None:
        return "no node: the extension's tests need node 20 or newer"
    return "" if (FOLDER / "node_modules").is_dir() else "no vscode/node_modules: run `make vscode`"


def npm(*arguments):
    environment = os.environ | {"LLMNUMBERS_PYTHON": sys.executable, "NO_COLOR": "1"}
    run = subprocess.run(
        [shutil.which("npm"), *arguments],
        cwd=FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.slow
@pytest.mark.skipif(bool(_missing()), reason=_missing())
def test_the_extension_s_own_tests_pass():
    npm("run", "lint")
    npm("run", "build")
    counts = dict(re.findall(r"^\S+ (tests|skipped|fail) (\d+)$", npm("test"), re.MULTILINE))
    assert int(counts.pop("tests")) > 30
    assert counts == {"skipped": "0", "fail": "0"}


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no vscode/ beside these tests")
def test_its_settings_are_the_defaults_of_a_request():
    manifest = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    settings = manifest["contributes"]["configuration"]["properties"]
    assert set(settings) == {f"llmnumbers.{name}" for name in ("enabled", "python", *DEFAULTS)}
    assert settings["llmnumbers.language"]["enum"] == ["", *LANGUAGES]
