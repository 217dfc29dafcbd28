"""What a real kernel tells the pages, as any client of it hears it on the wire."""

from __future__ import annotations

import json
import time

import pytest
from jupyter_client.manager import start_new_kernel

from ipython_llmnumbers.live.kernel import BURST_BYTES, BYTES_PER_S, COMM

pytestmark = pytest.mark.slow
PATIENCE_S = 300


class Page:
    """A client of the kernel that keeps what it is told, as `told.js` does."""

    def __init__(self, client):
        self.client, self.messages = client, []
        self.settings, self.variables, self.number = None, {}, None

    def run(self, code, **options):
        """Run a cell, and hear what comes meanwhile."""
        reply = self.client.execute_interactive(code, timeout=PATIENCE_S, output_hook=self.hear, **options)
        assert reply["content"]["status"] == "ok", reply
        return self

    def ask(self):
        """Ask for everything, and wait for it."""
        message = self.client.session.msg("comm_msg", {"comm_id": COMM, "data": {}})
        self.client.shell_channel.send(message)
        before = len(self.told)
        while len(self.told) == before:
            self.hear(self.client.get_iopub_msg(timeout=PATIENCE_S))
        return self

    def comms(self):
        """The ids of the open comms of ours."""
        self.client.comm_info(target_name=COMM)
        # Others may come first: whoever waits for a slow kernel asks it more than once.
        while (reply := self.client.get_shell_msg(timeout=PATIENCE_S))["msg_type"] != "comm_info_reply":
            pass
        return set(reply["content"]["comms"])

    def hear(self, message):
        self.messages.append(message)
        if message["msg_type"] != "comm_msg" or message["content"]["comm_id"] != COMM:
            return
        data = message["content"]["data"]
        assert data["is_all"] or data["number"] == self.number + 1
        self.number, self.settings = data["number"], data["settings"]
        kept = {} if data["is_all"] else self.variables
        self.variables = {k: v for k, v in kept.items() if k not in data["gone"]} | data["variables"]

    @property
    def told(self):
        """The data of all messages that told something."""
        return [
            message["content"]["data"]
            for message in self.messages
            if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == COMM
        ]


@pytest.fixture(scope="module")
def running(_own_home):
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=PATIENCE_S)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def page(running):
    """A page of a kernel that has just loaded the extension, and has no variables."""
    page = Page(running)
    page.run("%reset -sf\n%load_ext ipython_llmnumbers")
    yield page
    running.execute_interactive("%unload_ext ipython_llmnumbers\n%reset -sf", timeout=PATIENCE_S)


def test_it_tells_when_it_loads_at_each_setting_and_after_each_cell(page):
    assert (page.settings["model"], page.variables) == ("gpt-5.4", {})
    page.run("%config LLMNumbers.model = 'claude-opus-5-5'\nprompt = 'hello'")
    assert (page.settings["model"], page.variables) == ("claude-opus-5-5", {"prompt": '"hello"'})
    # At once: the cell may go on for hours.
    assert [each["settings"]["model"] for each in page.told[-2:]] == ["claude-opus-5-5"] * 2
    page.run("del prompt")
    assert page.variables == {}


def test_only_what_is_new_is_sent(page):
    page.run("a, b = 'x', ['y']")
    n_told = len(page.told)
    page.run("print(a)")
    assert len(page.told) == n_told
    page.run("b.append('z')")
    assert page.told[-1]["variables"] == {"b": '["y", "z"]'}
    assert page.variables == {"a": '"x"', "b": '["y", "z"]'}


def test_a_page_that_comes_later_asks_and_gets_all(page, running):
    page.run("prompt = 'hello'\n%config LLMNumbers.language = 'ja'")
    assert page.comms() == {COMM}
    later = Page(running).ask()
    assert later.settings["language"] == "ja"
    assert later.variables == {"prompt": '"hello"'}


def test_no_front_end_is_told_of_a_comm_that_it_would_close(page):
    """jupyterlab/jupyterlab#6929: a front end that does not know a comm's target closes it for everybody."""
    page.run("prompt = 'hello'")
    assert [each for each in page.messages if each["msg_type"] == "comm_open"] == []
    # It is not lost if somebody closes it nevertheless.
    page.client.shell_channel.send(page.client.session.msg("comm_close", {"comm_id": COMM, "data": {}}))
    page.run("prompt = 'hello again'")
    assert page.variables == {"prompt": '"hello again"'}


def test_it_ends_with_the_extension(page):
    page.run("%unload_ext ipython_llmnumbers")
    assert "comm_close" in [each["msg_type"] for each in page.messages]
    assert page.comms() == set()
    n_told = len(page.told)
    page.run("prompt = 'hello'\n%load_ext ipython_llmnumbers")
    assert [each["is_all"] for each in page.told[n_told:]] == [True]


def test_a_notebook_that_runs_through_does_not_lose_its_outputs(page):
    """jupyterlab/jupyterlab#8769: a server drops the outputs of a kernel that sends too much a second."""
    start = time.monotonic()
    for n in range(30):
        page.run(f"log = '{n:03}' * 60_000")
    sent = sum(len(json.dumps(each)) for each in page.told)
    assert sent < 1.1 * (BURST_BYTES + BYTES_PER_S * (time.monotonic() - start))
    # What was not sent is known to be unknown, not taken for what it was.
    assert page.variables["log"] in (None, json.dumps("029" * 60_000))


@pytest.mark.usefixtures("_own_home")
def test_a_kernel_that_loads_it_at_its_start_tells_who_asks():
    options = ["--IPKernelApp.extensions=ipython_llmnumbers", "--LLMNumbers.model=gpt-4"]
    manager, client = start_new_kernel(
        kernel_name="python3", startup_timeout=PATIENCE_S, extra_arguments=options
    )
    try:
        page = Page(client)
        assert page.comms() == {COMM}
        assert page.ask().settings["model"] == "gpt-4"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_other_configurables_are_set_as_before(page):
    """ipython/ipykernel#1038: one object among the shell's that was none broke every `%config`."""
    page.run("%config Completer.use_jedi = False\n%config InlineBackend.figure_format = 'svg'")


def test_a_page_is_told_nothing_of_what_is_no_plain_value(page):
    page.run(
        "class Trap:\n"
        "    n = 0\n"
        "    def __getattribute__(self, name):\n"
        "        Trap.n += 1\n"
        "        return 'zebrafinch'\n"
        "    def __repr__(self): Trap.n += 1; return 'zebrafinch'\n"
        "trap, api_key = Trap(), 'sk-zebrafinch'"
    )
    page.run("assert Trap.n == 0")
    assert page.variables == {"Trap": None, "trap": None, "api_key": None}
    assert "zebrafinch" not in json.dumps(page.told)
