"""Every test runs offline, in a home of its own, against real parts: a shell, a kernel, the real bindings."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import warnings
from datetime import UTC, date, datetime, time
from importlib.util import find_spec
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# The day of the README, the notebook and the newest rows of the tables.
DOCUMENTS_DAY = date(2026, 11, 24)
sys.path[:0] = [str(TESTS / "no_network"), str(TESTS / "hostile")]

import sitecustomize  # noqa: E402, F401  (the ban itself; children get it by PYTHONPATH)

if "_forbid" not in vars(sys.modules["sitecustomize"]):
    # The interpreter has a sitecustomize of its own: run ours beside it.
    exec((TESTS / "no_network" / "sitecustomize.py").read_text(encoding="utf-8"))

if find_spec("hypothesis"):  # the browser tests run without it
    from hypothesis import settings

    # The same examples on every day and machine, and no file of them; the long run draws new ones. How
    # long an example takes says how busy the machine is.
    settings.register_profile("suite", deadline=None, derandomize=True)
    settings.register_profile("nightly", deadline=None, max_examples=1_000, database=None)
    settings.register_profile("fuzz", deadline=None, max_examples=2_000, database=None)
    settings.load_profile("suite")


def pytest_configure(config):
    # As a plugin, so that its fixture is there for the package's own doctests, which are in another folder.
    import home

    config.pluginmanager.register(home)


def pytest_collection_modifyitems(items):
    for item in items:
        # A kernel or a server of its own: `make test-fast` does without.
        if {"kernel", "server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


def pytest_report_header():
    import ipython_llmnumbers

    return f"ipython_llmnumbers: {Path(ipython_llmnumbers.__file__).parent}"


@pytest.fixture(scope="session")
def build_driver(tmp_path_factory):
    """Build the fake NVML library, with compiler flags for a driver of another age."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("needs a C compiler, on Linux")

    def build(*flags):
        library = tmp_path_factory.mktemp("nvml") / "libnvidia-ml.so.1"
        options = ["-shared", "-fPIC", "-Wl,-soname,libnvidia-ml.so.1", *flags]
        source = TESTS / "nvml" / "fake_nvml.c"
        subprocess.run([compiler, *options, "-o", str(library), str(source)], check=True)
        return library

    return build


@pytest.fixture(scope="session")
def driver(build_driver):
    return build_driver()


@pytest.fixture(scope="module")
def openai_files(tmp_path_factory):
    """OpenAI's rank files in tiktoken's cache, for one file's tests."""
    from references import fill_tiktoken_cache

    folder = tmp_path_factory.mktemp("tiktoken")
    fill_tiktoken_cache(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        yield folder


@pytest.fixture
def user_table(tmp_path, monkeypatch):
    """Write the user's own TOML file for one test."""
    path = tmp_path / "llmnumbers.toml"
    monkeypatch.setenv("LLMNUMBERS_FILE", str(path))
    return path


@pytest.fixture
def the_documents_day():
    """The day of the README: prices grow old, and a count carries the day on which it was made."""
    from time_machine import travel

    with travel(datetime.combine(DOCUMENTS_DAY, time(12), UTC)):
        yield


@pytest.fixture(scope="session")
def labextension():
    """The folder of JupyterLab's part: of a checkout, or where an installed wheel puts it."""
    import ipython_llmnumbers

    of_checkout = Path(ipython_llmnumbers.__file__).parent / "live" / "labextension"
    installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "ipython-llmnumbers"
    return of_checkout if of_checkout.is_dir() else installed


@pytest.fixture(scope="session")
def bare_shell(_own_home):
    """A real IPython shell without the extension."""
    from IPython.terminal.interactiveshell import TerminalInteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.TerminalInteractiveShell.simple_prompt = True
    config.TerminalInteractiveShell.colors = "nocolor"
    return TerminalInteractiveShell.instance(config=config)


@pytest.fixture
def shell(bare_shell):
    """A real IPython shell with the extension loaded, and unloaded after the test."""
    bare_shell.run_line_magic("load_ext", "ipython_llmnumbers")
    yield bare_shell
    bare_shell.run_line_magic("unload_ext", "ipython_llmnumbers")
    # IPython's reset collects garbage, and would look through every table and vocabulary each time.
    gc.freeze()
    bare_shell.reset(new_session=False)
    gc.unfreeze()
    bare_shell.config.pop("LLMNumbers", None)


@pytest.fixture
def pyplot():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matplotlib's dependencies say of matplotlib
        matplotlib = pytest.importorskip("matplotlib")
        matplotlib.use("agg")
        from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


class Kernel:
    """A real ipykernel: run code, and get the reply with the messages that came with it."""

    def __init__(self, client):
        self.client = client

    def run(self, code):
        messages = []
        # A kernel drops what comes soon after an error, unless it is told not to.
        reply = self.client.execute_interactive(
            code, timeout=300, stop_on_error=False, output_hook=messages.append
        )
        return reply["content"], messages

    def result(self, code):
        """The MIME bundle that the cell displays as its result."""
        reply, messages = self.run(code)
        assert reply["status"] == "ok", reply
        return next(m["content"]["data"] for m in messages if m["msg_type"] == "execute_result")

    def error(self, code):
        """The lines that a failing cell shows."""
        reply, messages = self.run(code)
        assert reply["status"] == "error", reply
        return next(m["content"]["traceback"] for m in messages if m["msg_type"] == "error")

    def show_box(self, code):
        """Run a magic that displays widgets in a box, and call it `box` in the kernel."""
        reply, messages = self.run(code)
        assert reply["status"] == "ok", reply
        kind = "application/vnd.jupyter.widget-view+json"
        shown = [m["content"]["data"] for m in messages if m["msg_type"] == "display_data"]
        (model_id,) = [data[kind]["model_id"] for data in shown if kind in data]
        found, _ = self.run(
            f"from ipywidgets.widgets.widget import _instances\nbox = _instances[{model_id!r}]"
        )
        assert found["status"] == "ok", found


@pytest.fixture(scope="session")
def kernel(_own_home):
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=300)
    kernel = Kernel(client)
    kernel.run("%load_ext ipython_llmnumbers")
    yield kernel
    client.stop_channels()
    manager.shutdown_kernel(now=True)
