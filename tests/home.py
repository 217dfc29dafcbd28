"""A home of its own for every run of the tests: registered as a plugin by `conftest.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


@pytest.fixture(autouse=True, scope="session")
def _own_home(tmp_path_factory):
    """A home without the developer's settings, caches or choices; and the ban for child processes."""
    home = tmp_path_factory.mktemp("home")
    folders = (
        "HOME",
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "TIKTOKEN_CACHE_DIR",
        "HF_HOME",
    )
    changes = {name: str(home / name.lower()) for name in folders}
    changes["LLMNUMBERS_FILE"] = str(home / "llmnumbers.toml")
    changes["JUPYTER_PLATFORM_DIRS"] = "1"
    changes["LLMNUMBERS_TRACEBACK"] = "1"  # a fault fails its test, and is not told in one line
    changes["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(TESTS / "no_network"), os.environ.get("PYTHONPATH")])
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changes.items():
            patch.setenv(name, value)
        for name in (
            "NO_COLOR",
            "COLUMNS",
            "CUDA_VISIBLE_DEVICES",
            "CUDA_DEVICE_ORDER",
            "HF_HUB_CACHE",
            "HUGGINGFACE_HUB_CACHE",
            "LLMNUMBERS_PRICES_URL",
        ):
            patch.delenv(name, raising=False)
        for name in folders:
            Path(changes[name]).mkdir(exist_ok=True)
        yield
