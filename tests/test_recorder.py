"""The recorder under real HTTP clients: each call once, its bytes as they were, and every original back."""

from __future__ import annotations

import asyncio
import concurrent.futures
import decimal
import gc
import http.client
import inspect
import json
import multiprocessing.pool
import subprocess
import sys
import threading
import urllib.request
from decimal import Decimal

import fake_provider
import pytest
from recorded_calls import CLIENTS, counts, recorded

from ipython_llmnumbers.usage.call_cost import call_cost
from ipython_llmnumbers.usage.cell_run import cell_run
from ipython_llmnumbers.usage.recording import owners, recorder
from ipython_llmnumbers.usage.recording.recording import Recording
from ipython_llmnumbers.usage.recording.sent_prompts import SentPrompts
from ipython_llmnumbers.usage.recording.switch import Switch

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "a secret prompt"}]}
STREAM = {**CHAT, "stream": True, "stream_options": {"include_usage": True}}
MESSAGE = {"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": CHAT["messages"]}


@pytest.fixture(scope="module")
def provider():
    with fake_provider.fake_provider() as running:
        yield running


@pytest.fixture(params=CLIENTS)
def client(request):
    package, call = CLIENTS[request.param]
    pytest.importorskip(package)
    return call


def post(provider, path="/v1/chat/completions", body=CHAT):
    """A call by the standard library."""
    data = json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(provider.url + path, data)) as response:
        return response.read()


@pytest.mark.parametrize(
    ("path", "body", "behaviour", "expected"),
    [
        ("/v1/chat/completions", CHAT, {}, (100, 40, 50)),
        ("/v1/chat/completions", CHAT, {"encoding": "gzip"}, (100, 40, 50)),
        ("/v1/chat/completions", CHAT, {"encoding": "deflate", "is_chunked": True}, (100, 40, 50)),
        ("/v1/chat/completions?api-version=2024-10-21", CHAT, {}, (100, 40, 50)),
        ("/v1/chat/completions", STREAM, {"portion": 1}, (100, 40, 50)),
        ("/v1/chat/completions", STREAM, {"newline": "\r\n"}, (100, 40, 50)),
        ("/v1/chat/completions", STREAM, {"encoding": "gzip", "portion": 3}, (100, 40, 50)),
        ("/v1/messages", {**MESSAGE, "stream": True}, {"portion": 64}, (100, 70, 50)),
        ("/v1/messages", MESSAGE, {"content_type": "text/plain"}, (100, 70, 50)),
        ("/api/chat", {"model": "llama3.1"}, {}, (100, 0, 50)),
        ("/model/anthropic.claude-v2%3A1/converse-stream", {}, {"portion": 5}, (100, 70, 50)),
    ],
)
def test_every_client_s_calls_are_counted_and_its_bytes_are_the_same(
    provider, client, path, body, behaviour, expected
):
    with provider.behaving(**behaviour):
        plain = client(provider.url + path, body)
        with recorded() as recording:
            seen = client(provider.url + path, body)
    assert seen == plain
    assert list(map(counts, recording.calls)) == [expected]
    (call,) = recording.calls
    assert (call.address, call.status, call.is_stray) == (provider.url, 200, False)
    assert 0 < call.duration_s < 60
    assert recording.n_faults == 0
    assert not recording.open


def outcome(client, url, body):
    """The body that a client returns, or the kind of the error that it raises."""
    try:
        return client(url, body)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [
        ({"status": 429}, "refused"),
        ({"status": 503}, "refused"),
        ({"status": 504}, "failed"),
        ({"hang_up_after": 60}, "cut"),
        ({"hang_up_after": 0}, "cut"),
        ({"usage": {"prompt_tokens": -5, "completion_tokens": 10**20}}, "unreadable"),
        ({"usage": {"prompt_tokens": "many"}}, "unreadable"),
        ({"usage": [1]}, "silent"),
    ],
)
def test_what_goes_wrong_goes_wrong_in_the_same_way_and_is_labelled(provider, client, behaviour, state):
    url = provider.url + "/v1/chat/completions"
    with provider.behaving(**behaviour):
        plain = outcome(client, url, STREAM)
        with recorded() as recording:
            seen = outcome(client, url, STREAM)
    assert seen == plain
    assert recording.n_faults == 0
    assert not recording.open
    assert {call.state for call in recording.calls} == {state}
    assert not any(map(counts, recording.calls))


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/models/gemini:countTokens", "/v1/files"])
def test_what_costs_nothing_is_not_booked(provider, client, path):
    with recorded() as recording:
        outcome(client, provider.url + path, CHAT)
    assert recording.calls == []


def test_an_address_of_that_name_that_is_no_model_s_is_not_booked():
    from servers import Answer, http_server

    answer = Answer(body=b'{"ok": true}')
    with http_server(lambda _: answer) as (url, _), recorded() as recording:
        response = urllib.request.urlopen(f"{url}/services/messages", b"{}")
        assert response.read() == answer.body
        response.close()
    assert recording.calls == []


def test_each_attempt_of_a_retry_is_seen(provider):
    urllib3 = pytest.importorskip("urllib3")
    provider.first = [fake_provider.Behaviour(status=429), fake_provider.Behaviour(status=503)]
    retries = urllib3.Retry(3, status_forcelist=[429, 503], allowed_methods=None, backoff_factor=0)
    with recorded() as recording, urllib3.PoolManager(retries=retries) as pool:
        assert pool.request("POST", provider.url + "/v1/chat/completions", json=CHAT).status == 200
    assert [call.state for call in recording.calls] == ["refused", "refused", "complete"]


def test_a_stream_that_is_left_is_at_least_what_it_said(provider):
    connection = http.client.HTTPConnection(provider.url.removeprefix("http://"))
    with recorded() as recording:
        connection.request("POST", "/v1/messages", json.dumps({**MESSAGE, "stream": True}))
        with connection.getresponse() as response:
            assert b"message_start" in response.read(600)
        connection.close()
    (call,) = recording.calls
    assert call.state == "cut"
    assert (call.tokens.input, call.tokens.cached, call.tokens.written) == (100, 70, 20)


def test_a_connection_that_is_refused_sends_nothing(client):
    """Nothing listens at the port "discard" (RFC 863)."""
    with recorded() as recording, pytest.raises(Exception):  # noqa: B017, PT011 - each client has its own
        client("http://127.0.0.1:9/v1/chat/completions", CHAT)
    # urllib3 tries again; http.client connects before it has the body, which names the model.
    assert {(call.state, call.tokens, call.status) for call in recording.calls} == {("unsent", None, None)}
    assert {call.model for call in recording.calls} <= {None, CHAT["model"]}
    assert not recording.open


def test_a_usage_that_grows_is_not_whole_where_the_stream_is_left(provider, client):
    """vLLM, `continuous_usage_stats`: each chunk counts what there is so far."""
    options = {"include_usage": True, "continuous_usage_stats": True}
    url, body = provider.url + "/v1/chat/completions", {**STREAM, "stream_options": options}
    with recorded() as recording:
        outcome(client, url, body)
        with provider.behaving(hang_up_after=500):
            outcome(client, url, body)
    whole, *left = recording.calls
    assert (whole.state, whole.tokens.output) == ("complete", 50)
    assert {(call.state, call.tokens.output < 50) for call in left} == {("cut", True)}


def test_what_an_answer_says_beside_its_tokens_reaches_its_cost(provider, client):
    """Claude docs: Opus 4.6 in fast mode is $30 and $150, and 1,000 searches are $10."""
    usage = {
        "input_tokens": 1000,
        "output_tokens": 500,
        "server_tool_use": {"web_search_requests": 5},
        "service_tier": "standard",
        "speed": "fast",
    }
    with provider.behaving(usage=usage), recorded() as recording:
        client(provider.url + "/v1/messages", {**MESSAGE, "model": "claude-opus-4-6"})
    (call,) = recording.calls
    assert call_cost(call).figure("total_usd").value == Decimal("0.155")


@pytest.mark.parametrize("status", [429, 503, 529])
def test_a_call_that_is_refused_has_the_model_that_it_asks_for(provider, client, status):
    with provider.behaving(status=status), recorded() as recording:
        outcome(client, provider.url + "/v1/chat/completions", CHAT)
    (call,) = recording.calls
    assert (call.state, call.model) == ("refused", CHAT["model"])


def test_a_model_that_only_the_address_names_is_the_call_s(provider, client):
    """Bedrock's `converse`: neither its body nor its answer has a model."""
    path = "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse"
    with recorded() as recording:
        client(provider.url + path, {"messages": []})
    (call,) = recording.calls
    assert call.model == "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert call_cost(call).details.how == "computed"


@pytest.mark.parametrize("status", [200, 307, 403])
@pytest.mark.parametrize(
    "path", ["/api/v10/channels/1/messages", "/v1beta/models/gemini-2.5-pro:generateContent"]
)
def test_another_s_api_and_a_redirection_are_no_call_of_a_model(client, path, status):
    """Discord's addresses end like Anthropic's; a redirection leads to a call, and is none."""
    from servers import Answer, http_server

    if "models" in path and status != 307:
        return
    answer = Answer(status=status, body=b'{"message": "Missing Access"}')
    with http_server(lambda _: answer) as (url, _), recorded() as recording:
        outcome(client, url + path, {"content": "hello"})
    assert recording.calls == []
    assert not recording.open


def test_the_time_to_the_first_text_is_that_of_a_stream(provider):
    with recorded() as recording:
        post(provider, body=STREAM)
        post(provider, body=CHAT)
    stream, plain = recording.calls
    assert 0 < stream.first_text_s <= stream.duration_s
    assert plain.first_text_s is None


def functions():
    """The functions that the recorder replaces, where their modules are loaded."""
    names = {
        "httpx": [("Client", "_send_single_request"), ("AsyncClient", "_send_single_request")],
        "httpx2": [("Client", "_send_single_request"), ("AsyncClient", "_send_single_request")],
        "aiohttp": [("ClientSession", "_request")],
        "http.client": [("HTTPConnection", "putrequest"), ("HTTPConnection", "getresponse")],
        "threading": [("Thread", "start")],
        "concurrent.futures": [("ThreadPoolExecutor", "submit")],
    }
    found = {}
    for module, members in names.items():
        for owner, name in members:
            if module in sys.modules:
                found[module, owner, name] = getattr(sys.modules[module], owner).__dict__[name]
    return found


def test_every_original_is_back():
    for package in ("httpx", "httpx2", "aiohttp"):
        pytest.importorskip(package)
    before, finders = functions(), list(sys.meta_path)
    with recorded():
        during = functions()
        assert not [key for key, function in during.items() if function is before[key]]
    assert functions() == before
    assert sys.meta_path == finders


def test_a_function_that_lies_under_another_is_named_and_books_nothing(provider, monkeypatch):
    """Nor does it when the next cell is recorded: that puts a function of its own on top."""
    switch = Switch()
    assert switch.on()
    owner, names = http.client.HTTPConnection, ("putrequest", "getresponse")
    ours = [getattr(owner, name) for name in names]
    for name, function in zip(names, ours, strict=True):
        others = lambda *given, function=function, **named: function(*given, **named)  # noqa: E731
        monkeypatch.setattr(owner, name, others)
    assert sorted(switch.off()) == [f"http.client.HTTPConnection.{name}" for name in sorted(names)]
    assert json.loads(post(provider))["usage"]["prompt_tokens"] == 100
    assert switch.recording.calls == []
    with recorded() as recording:
        post(provider)
    assert list(map(counts, recording.calls)) == [(100, 40, 50)]
    assert switch.recording.calls == []
    monkeypatch.undo()
    for name, function in zip(names, ours, strict=True):
        setattr(owner, name, function.__wrapped__)


def test_what_was_a_coroutine_function_is_one():
    package = pytest.importorskip("httpx2")
    with recorded():
        assert inspect.iscoroutinefunction(package.AsyncClient._send_single_request)
        assert not inspect.iscoroutinefunction(package.Client._send_single_request)


def test_one_cell_is_recorded_at_a_time():
    with recorded():
        assert not Switch().on()


def test_a_client_that_is_imported_meanwhile_is_read():
    """In a process of its own, where httpx2 is not loaded; whoever asks for its spec does not import it."""
    code = """
import sys, importlib.util, json
sys.path[:0] = [%r]
import fake_provider
from ipython_llmnumbers.usage.recording.switch import Switch
assert not {"httpx2", "aiohttp"} & set(sys.modules), "loaded early"
switch = Switch()
assert switch.on()
assert importlib.util.find_spec("httpx2") is not None
with fake_provider.fake_provider() as provider:
    import httpx2
    assert "exec_module" not in vars(httpx2.__spec__.loader)
    body = httpx2.post(provider.url + "/v1/chat/completions", json={"model": "gpt-4o"}).json()
    # Imported but not called: it must be loadable all the same.
assert switch.off() == []
print(len(switch.recording.calls), switch.recording.n_faults, "aiohttp" in sys.modules)
"""
    pytest.importorskip("httpx2")
    tests = fake_provider.__file__.rpartition("/")[0]
    done = subprocess.run([sys.executable, "-c", code % tests], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("1 0 False", 0), done.stderr


def test_a_call_belongs_to_the_cell_that_started_it(provider):
    """From a thread, a pool that an earlier cell kept, a task, and what runs for asyncio in a thread."""
    go, pool = threading.Event(), concurrent.futures.ThreadPoolExecutor(1)
    with recorded() as first:
        pool.submit(post, provider).result()
        late = threading.Thread(target=lambda: (go.wait(30), post(provider)))
        late.start()
    with recorded() as second:
        go.set()
        late.join()
        pool.submit(post, provider).result()
        with concurrent.futures.ThreadPoolExecutor(2) as other:
            list(other.map(lambda _: post(provider), range(3)))

        async def both():
            await asyncio.gather(asyncio.to_thread(post, provider), asyncio.to_thread(post, provider))

        asyncio.run(both())
        thread = threading.Thread(target=post, args=(provider,))
        thread.start()
        thread.join()
    pool.shutdown()
    assert [len(each.calls) for each in (first, second)] == [2, 7]
    assert not any(call.is_stray for each in (first, second) for call in each.calls)


def by_thread_pool(pool, post):
    pool.map(post, [0])
    pool.map(func=post, iterable=[0])
    pool.starmap(post, [(0,)])
    pool.apply(post, (0,))
    pool.apply_async(post, (0,), callback=post, error_callback=None).wait()
    list(pool.imap(post, [0, 0], chunksize=2))
    list(pool.imap_unordered(post, [0]))


def test_a_pool_of_multiprocessing_s_threads_that_is_kept_works_for_who_hands_over(provider):
    with multiprocessing.pool.ThreadPool(2) as pool:
        with recorded() as first:
            pool.map(lambda _: post(provider), [0])
        with recorded() as second:
            by_thread_pool(pool, lambda _: post(provider))
    assert [len(each.calls) for each in (first, second)] == [1, 9]
    assert not any(call.is_stray for each in (first, second) for call in each.calls)


class Delegating(concurrent.futures.Executor):
    """A pool of somebody's own, over another."""

    def __init__(self, inner):
        self.inner = inner

    def submit(self, function, /, *arguments, **named):
        return self.inner.submit(lambda: function(*arguments, **named))


class Counting(concurrent.futures.ThreadPoolExecutor):
    """A pool of `concurrent.futures` with more to it."""

    def submit(self, function, /, *arguments, **named):
        return super().submit(function, *arguments, **named)


def test_a_pool_of_somebody_s_own_that_is_kept_works_for_who_hands_over(provider):
    with Counting(1) as counting, concurrent.futures.ThreadPoolExecutor(1) as plain:
        pools = (counting, Delegating(plain))
        runs = []
        for _ in range(2):
            with recorded() as recording:
                for pool in pools:
                    pool.submit(post, provider).result()
                    list(pool.map(post, [provider]))

                async def both():
                    loop = asyncio.get_running_loop()
                    await asyncio.gather(*(loop.run_in_executor(pool, post, provider) for pool in pools))

                asyncio.run(both())
            runs.append(recording)
    assert [len(each.calls) for each in runs] == [6, 6]
    assert not any(call.is_stray for each in runs for call in each.calls)


def test_a_kept_thread_of_anyio_s_works_for_who_awaits_it(provider):
    anyio = pytest.importorskip("anyio")
    runs = []

    async def twice():
        for _ in range(2):
            with recorded() as recording:
                await anyio.to_thread.run_sync(post, provider)
            runs.append(recording)

    anyio.run(twice)
    assert [len(each.calls) for each in runs] == [1, 1]


@pytest.mark.parametrize("prefer", ["threads", "processes"])
def test_joblib_s_jobs_belong_to_the_cell_that_makes_them(provider, prefer):
    """Also those that it hands in when earlier ones end; those of its processes are said not to be seen."""
    joblib = pytest.importorskip("joblib")
    runs = []
    with joblib.Parallel(n_jobs=2, prefer=prefer) as parallel:
        for _ in range(2):
            with recorded() as recording:
                job = joblib.delayed(post if prefer == "threads" else abs)
                parallel(job(provider if prefer == "threads" else -1) for _ in range(8))
            runs.append(recording)
    n = 8 if prefer == "threads" else 0
    assert [len(each.calls) for each in runs] == [n, n]
    assert [each.is_handed_over for each in runs] == [prefer == "processes"] * 2
    assert not any(call.is_stray for each in runs for call in each.calls)


def test_work_for_processes_of_an_earlier_cell_is_said_not_to_be_seen(monkeypatch):
    # A shell of another test may stand in the place of the module that the processes would load.
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None, raising=False)
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, context) as executor, context.Pool(1) as pool:
        assert executor.submit(abs, -1).result() == 1
        for hand_over in (lambda: executor.submit(abs, -1).result(), lambda: pool.apply(abs, (-1,))):
            with recorded() as recording:
                assert hand_over() == 1
            assert (recording.is_handed_over, recording.n_processes) == (True, 0)
            said = [str(note.text) for note in cell_run(recording).notes]
            assert "work was handed to other processes, whose calls are not seen" in said


def test_work_that_began_before_any_recorded_cell_is_marked(provider):
    go = threading.Event()
    early = threading.Thread(target=lambda: (go.wait(30), post(provider)))
    early.start()
    with recorded() as recording:
        go.set()
        early.join()
        post(provider)
    assert [call.is_stray for call in recording.calls] == [True, False]


def test_a_thread_keeps_an_empty_context():
    """A thread has Python's own decimal precision, whoever starts it: the recorder hands it no context."""
    found = []
    with recorded(), decimal.localcontext() as context:
        context.prec = 3
        thread = threading.Thread(target=lambda: found.append(decimal.getcontext().prec))
        thread.start()
        thread.join()
    plain = []
    with decimal.localcontext() as context:
        context.prec = 3
        thread = threading.Thread(target=lambda: plain.append(decimal.getcontext().prec))
        thread.start()
        thread.join()
    assert found == plain


def test_a_call_that_is_open_when_the_cell_ends_is_labelled(provider):
    httpx2 = pytest.importorskip("httpx2")
    client = httpx2.Client()
    with recorded() as recording:
        request = client.build_request("POST", provider.url + "/v1/chat/completions", json=STREAM)
        response = client.send(request, stream=True)
        bytes_of = response.iter_bytes()
        beginning = next(bytes_of)
    assert [call.state for call in recording.calls] == ["cut"]
    assert (beginning + b"".join(bytes_of)).endswith(b"data: [DONE]\n\n")  # it is the user's to read on
    response.close()
    client.close()
    assert len(recording.calls) == 1


def test_a_client_over_another_counts_once(provider):
    httpx2 = pytest.importorskip("httpx2")

    class OverTheStandardLibrary(httpx2.BaseTransport):
        def handle_request(self, request):
            return httpx2.Response(200, content=post(provider, request.url.path, json.loads(request.read())))

    with recorded() as recording, httpx2.Client(transport=OverTheStandardLibrary()) as client:
        client.post(provider.url + "/v1/chat/completions", json=CHAT)
    assert [call.client for call in recording.calls] == ["httpx2"]


def test_only_counts_are_kept(provider):
    """All that a recording holds and leads to has nothing of the prompt, the answer or the key."""
    secrets = ("a secret prompt", "sk-secret-key", "user:password")
    url = provider.url.replace("//", "//user:password@") + "/v1/chat/completions?key=sk-secret-key"
    httpx2 = pytest.importorskip("httpx2")
    with recorded() as recording:
        recording.prompts = SentPrompts([("a secret {thing}", True), ("a secret prompt", False)])
        httpx2.post(url, json=STREAM, headers={"x-api-key": "sk-secret-key"})
        httpx2.post(url, json=CHAT, headers={"x-api-key": "sk-secret-key"})
    assert [call.prompt for call in recording.calls] == [1, 1]
    recording.prompts = None  # these are of the user's source, which the estimate has too
    gc.collect()
    seen, waiting = set(), [recording]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type):
            continue
        seen.add(id(each))
        assert not any(secret in repr(each) for secret in secrets)
        waiting += gc.get_referents(each) if isinstance(each, Recording | tuple | list | set | dict) else []
        waiting += [getattr(each, name) for name in getattr(each, "__slots__", ()) if hasattr(each, name)]
    assert recorder.active() is None
    assert owners.owner() is None


REALTIME_USAGE = {
    "total_tokens": 150,
    "input_tokens": 100,
    "output_tokens": 50,
    "input_token_details": {
        "text_tokens": 60,
        "audio_tokens": 40,
        "cached_tokens": 40,
        "cached_tokens_details": {"text_tokens": 30, "audio_tokens": 10},
    },
    "output_token_details": {"text_tokens": 20, "audio_tokens": 30},
}


async def realtime(connection):
    """A server of OpenAI's realtime API: three events for each response."""
    response = {"id": "r", "object": "realtime.response", "status": "completed"}
    async for message in connection:
        if json.loads(message)["type"] == "response.create":
            events = (
                {"type": "response.created", "response": {**response, "usage": None}},
                {"type": "response.output_text.delta", "delta": "hi"},
                {"type": "response.done", "response": {**response, "usage": REALTIME_USAGE}},
            )
            for event in events:
                await connection.send(json.dumps(event))


async def two_responses(decode):
    """What a client of it receives of two responses."""
    client = pytest.importorskip("websockets.asyncio.client")
    server = pytest.importorskip("websockets.asyncio.server")
    received = []
    async with server.serve(realtime, "127.0.0.1", 0) as running:
        port = running.sockets[0].getsockname()[1]
        async with client.connect(f"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime") as connection:
            for _ in range(2):
                await connection.send(json.dumps({"type": "response.create"}))
                received += [await connection.recv(decode=decode) for _ in range(3)]
    return received


@pytest.mark.parametrize("decode", [None, False])
def test_each_response_of_a_realtime_connection_is_a_call(decode):
    plain = asyncio.run(two_responses(decode))
    with recorded() as recording:
        assert asyncio.run(two_responses(decode)) == plain
    assert list(map(counts, recording.calls)) == [(100, 40, 50)] * 2
    call = recording.calls[0]
    assert (call.client, call.model) == ("websockets", "gpt-realtime")
    assert (call.tokens.audio_input, call.tokens.cached_audio, call.tokens.audio_output) == (40, 10, 30)
    assert recording.n_faults == 0
