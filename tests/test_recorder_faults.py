"""The recorder can do no harm: with a fault at each of its steps the user gets the same bytes and errors.

A fault is put into each line that the recorder runs while a call waits for it, and each function of its
is made to fail always. What is lost is said to be, and what is counted is right.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sys
from pathlib import Path
from types import FunctionType

import fake_provider
import pytest
from recorded_calls import CLIENTS, counts
from test_recorder import two_responses

from ipython_llmnumbers.usage import recording
from ipython_llmnumbers.usage.recording.sent_prompts import SentPrompts
from ipython_llmnumbers.usage.recording.switch import Switch

FOLDER = str(Path(recording.__file__).parent)
STREAM = {
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Say hello."}],
    "stream": True,
    "stream_options": {"include_usage": True},
}
# The two guards, and what stands outside them: the functions in the place of a client's, which hand on.
GUARDS = {"guarded", "quietly"}
STANDING_OUTSIDE = """
either either_async send_single_request putrequest sending getresponse requesting start submit run recv
__iter__ __aiter__ close aclose read read1 readline readinto _shown __getattr__ feed_data ending begin ended
find_spec hand for_nobody
"""
OUTSIDE = {*GUARDS, *STANDING_OUTSIDE.split()}


class Fault(Exception):
    """No step of the recorder expects it."""


class Injector:
    """Raises a fault where the recorder reaches a line; `reached` are the lines that it reaches, in order."""

    def __init__(self, line=None):
        self.line, self.reached, self.outside, self.has_raised = line, [], set(), False

    def __enter__(self):
        self.before = sys.gettrace()  # coverage has one
        sys.settrace(self.call)
        return self

    def __exit__(self, *_):
        sys.settrace(self.before)

    def call(self, frame, _event, _argument):
        """Asked of each call, and of each time that a generator or coroutine goes on."""
        if not frame.f_code.co_filename.startswith(FOLDER):
            return None
        if frame.f_code.co_name not in GUARDS and self.is_guarded(frame):
            return self.step
        self.outside.add(frame.f_code.co_name)
        return None

    def step(self, frame, event, _argument):
        if event != "line":
            return self.step
        here = (frame.f_code.co_filename, frame.f_lineno)
        self.reached.append(here)
        if here == self.line:
            self.has_raised = True
            raise Fault(here)
        return self.step

    @staticmethod
    def is_guarded(frame):
        while (frame := frame.f_back) is not None:
            code = frame.f_code
            if code.co_name in GUARDS and code.co_filename.startswith(FOLDER):
                return True
        return False


@pytest.fixture(scope="module")
def provider():
    with fake_provider.fake_provider() as running:
        yield running


def called(client, url, injector):
    """What the user gets, and what was recorded, with that injector at work."""
    switch = Switch()
    assert switch.on()
    switch.recording.prompts = SentPrompts([("Say hello.", True), ("hello", False)])
    try:
        with injector:
            try:
                got = client(url, STREAM)
            except Exception as error:
                got = type(error)
    finally:
        assert switch.off() == []
    return got, switch.recording


WAYS = ("httpx2", "httpx2, stream", "httpx2, async", "requests, lines", "urllib", "aiohttp, chunks")
BEHAVIOURS = {
    "well": {"portion": 40},
    "gzip": {"portion": 40, "encoding": "gzip"},
    "refused": {"status": 429},
    "hang-up": {"hang_up_after": 300, "portion": 100},
    "nonsense": {"usage": {"prompt_tokens": -1, "completion_tokens": "many", "total_tokens": 10**20}},
}


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("way", WAYS)
def test_a_fault_in_any_line_changes_nothing_for_the_user(provider, way, behaviour):
    package, client = CLIENTS[way]
    pytest.importorskip(package)
    url = provider.url + "/v1/chat/completions"
    with provider.behaving(**BEHAVIOURS["well"]):
        called(client, url, when_well := Injector())
    with provider.behaving(**BEHAVIOURS[behaviour]):
        plain, sound = called(client, url, survey := Injector())
        assert survey.outside <= OUTSIDE
        lines = dict.fromkeys(survey.reached)
        assert len(lines) > 60
        right = list(map(counts, sound.calls))
        # One way has a fault in every line of each behaviour; the others in those new in this one.
        is_whole = behaviour == "well" or way == "httpx2, stream"
        for line in lines if is_whole else lines.keys() - set(when_well.reached):
            got, recorded = called(client, url, injector := Injector(line))
            assert got == plain, line
            assert not injector.has_raised or recorded.n_faults > 0, line  # how bytes are portioned differs
            assert not recorded.open, line
            assert [each for each in map(counts, recorded.calls) if each] in ([], right), line


@pytest.mark.slow
def test_a_fault_in_any_line_changes_nothing_of_a_connection():
    pytest.importorskip("websockets.asyncio.client")

    def client(_url, _body):
        return asyncio.run(two_responses(None))

    plain, sound = called(client, "", survey := Injector())
    assert survey.outside <= OUTSIDE
    assert list(map(counts, sound.calls)) == [(100, 40, 50)] * 2
    for line in dict.fromkeys(survey.reached):
        got, recorded = called(client, "", injector := Injector(line))
        assert got == plain, line
        assert not injector.has_raised or recorded.n_faults > 0, line


def functions():
    """Every function of the recorder that stands behind a guard, with where it is kept."""
    for module in pkgutil.walk_packages(recording.__path__, f"{recording.__name__}."):
        found = importlib.import_module(module.name)
        if module.name.endswith((".switch", ".replacing")):
            continue
        for owner in (found, *(each for each in vars(found).values() if isinstance(each, type))):
            if getattr(owner, "__module__", module.name) != module.name:
                continue
            for name, value in vars(owner).items():
                is_ours = isinstance(value, FunctionType) and value.__module__ == module.name
                if is_ours and not hasattr(value, "__wrapped__") and name not in OUTSIDE:
                    yield owner, name


# What makes the functions and what ends a recording: no call of the user's waits for these.
MAKING = """
hook hook_threads hook_pools hook_thread_executors hook_process_executors
hook_os hook_subprocess hook_multiprocessing hook_async hook_sync
_sending _sending_async _stream_classes
_asking _answering _requesting _feeding _ending _starting _calling _submitting _receiving
_submitting_to_processes _handing
_receiving_async harmless switch_on switch_off active is_on rest calls_under_way is_at_work own for_nobody
__post_init__ __init__ __repr__ __eq__ __hash__
"""
NOT_IN_A_CALL = MAKING.split()


@pytest.mark.slow
@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("owner", "name"),
    [each for each in functions() if each[1] not in NOT_IN_A_CALL],
    ids=lambda each: each if isinstance(each, str) else each.__name__.rpartition(".")[2],
)
def test_a_function_that_always_fails_changes_nothing_for_the_user(provider, monkeypatch, owner, name):
    def fail(*_, **__):
        raise Fault(name)

    url = provider.url + "/v1/chat/completions"
    for way in ("httpx2, stream", "urllib", "aiohttp"):
        package, client = CLIENTS[way]
        pytest.importorskip(package)
        for behaviour in ({}, {"encoding": "gzip"}):
            with provider.behaving(**behaviour):
                plain, _ = called(client, url, Injector())
                with monkeypatch.context() as patch:
                    patch.setattr(owner, name, fail)
                    got, recorded = called(client, url, Injector())
            assert got == plain
            assert [each for each in map(counts, recorded.calls) if each] in ([], [(100, 40, 50)])
