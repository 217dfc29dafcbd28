"""What is asked of the network ends in time, within a size, and tells no secret."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from servers import Answer, http_server

from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.probes.online import count_at_provider, price_update
from ipython_llmnumbers.probes.online.fetch import FetchError, fetch, shown_url, within

SECRET = "SECRETMARK"


@contextmanager
def dripping(start: bytes):
    """A server that sends this at once, then a byte every tenth of a second; without a start, nothing."""
    over = threading.Event()

    def serve(listener):
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    def drip(connection):
        with connection:
            try:
                connection.recv(65_536)
                connection.sendall(start)
                while not over.wait(0.1):
                    connection.sendall(b" " if start else b"")
            except OSError:  # the client has gone
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()


BODY = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"


@pytest.mark.parametrize(
    "start", [BODY, b"", b"HTTP/1.1 200 OK\r\nx-slow: "], ids=["body", "silence", "headers"]
)
def test_an_answer_that_drips_has_an_end(start):
    with dripping(start) as url, pytest.raises(FetchError) as caught:
        fetch(url, seconds=0.5, most_bytes=1_000)
    assert caught.value.reason == "no answer within 0 s"


def test_what_never_returns_is_left_behind():
    with pytest.raises(FetchError, match="no answer within 0 s"):
        within(0.1, lambda: time.sleep(5))
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)
    assert within(5, lambda: 7) == 7


def test_a_body_has_a_largest_size_before_and_after_it_is_unpacked():
    bomb = gzip.compress(bytes(50_000_000))
    answers = {"/large": Answer(200, bytes(2_000)), "/bomb": Answer(200, bomb, {"content-encoding": "gzip"})}
    with http_server(answers.__getitem__) as (url, _):
        for path in answers:
            with pytest.raises(FetchError) as caught:
                fetch(url + path, seconds=10, most_bytes=1_000)
            assert caught.value.reason == "more than the 1,000 bytes that are read"
        assert fetch(f"{url}/large", seconds=10, most_bytes=2_000).body == bytes(2_000)


def test_no_redirect_is_followed_with_a_key_and_a_few_without():
    def answer(path):
        step = int(path.removeprefix("/"))
        return Answer(302, b"", {"location": f"/{step - 1}"}) if step else Answer(200, b"here")

    with http_server(answer) as (url, asked):
        assert fetch(f"{url}/1", seconds=10, most_bytes=100).status == 302
        assert len(asked) == 1
        assert fetch(f"{url}/5", seconds=10, most_bytes=100, follow_redirects=True).body == b"here"
        with pytest.raises(FetchError, match="TooManyRedirects"):
            fetch(f"{url}/6", seconds=10, most_bytes=100, follow_redirects=True)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/"])
def test_a_redirect_leads_to_no_other_protocol(target):
    with http_server(lambda _: Answer(302, b"", {"location": target})) as (url, _), pytest.raises(FetchError):
        fetch(url, seconds=10, most_bytes=100, follow_redirects=True)


@pytest.mark.parametrize("url", ["", "x", "http://", "file:///etc/passwd", "http://[::1", "http://\0/"])
def test_an_address_of_no_server_is_refused(url):
    with pytest.raises(FetchError):
        fetch(url, seconds=10, most_bytes=100)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"https://user:{SECRET}@example.org/x.json?key={SECRET}#{SECRET}", "https://example.org/x.json"),
        (f"http://{SECRET}@[::1]:80/x", "http://::1:80/x"),
        (f"//{SECRET}@host/x", "://host/x"),
        (f"user:{SECRET}@host", "URL"),
        (f"http://user:{SECRET}@host:port/x", "URL"),
        ("", "URL"),
    ],
)
def test_an_address_is_shown_without_its_secrets(url, shown):
    assert shown_url(url) == shown
    assert SECRET not in shown_url(url)


# -- the magics -------------------------------------------------------------------------

VARIABLES = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "HF_TOKEN")
ADDRESSES = (
    "OPENAI_BASE_URL",
    "ANTHROPIC_BASE_URL",
    "GOOGLE_GEMINI_BASE_URL",
    "LLMNUMBERS_PRICES_URL",
    "HF_ENDPOINT",
)


@pytest.fixture
def secrets(monkeypatch):
    """Every key and every address of the environment is or holds a marker; nobody listens at port 1."""
    for name in VARIABLES:
        monkeypatch.setenv(name, f"sk-{SECRET}")
    for name in ADDRESSES:
        monkeypatch.setenv(name, f"http://user:{SECRET}@127.0.0.1:1/{name}?key={SECRET}")


LINES = [
    ("llmcost", "-m gpt-4o --ask-provider hi"),
    ("llmcost", "-m claude-opus-5-5 --ask-provider hi"),
    ("llmcost", "-m gemini-2.5-pro --ask-provider hi"),
    ("llmcost", "--update-prices"),
]


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(("magic", "line"), LINES, ids=[f"{magic} {line}" for magic, line in LINES])
def test_no_secret_of_the_environment_is_in_an_error(shell, magic, line, caplog):
    caplog.set_level(0)
    with pytest.raises(LLMNumbersError) as caught:
        shell.run_line_magic(magic, line)
    for text in (str(caught.value), repr(caught.value), caplog.text):
        assert SECRET not in text
    assert "\n" not in str(caught.value)


HUB = """
from ipython_llmnumbers import LLMNumbersError, gpu_fit
try:
    gpu_fit("Qwen/Qwen3-8B", gpu="T4", hub=True)
except LLMNumbersError as error:
    print(error)
"""


@pytest.mark.usefixtures("secrets")
def test_no_secret_is_in_an_error_of_the_hub():
    """In a process of its own: the Hub's library reads its address when it is imported."""
    run = subprocess.run([sys.executable, "-c", HUB], capture_output=True, text=True, check=True)
    assert "Qwen/Qwen3-8B" in run.stdout
    assert SECRET not in run.stdout + run.stderr
    assert run.stdout.count("\n") == 1


@pytest.mark.usefixtures("secrets")
def test_no_secret_is_in_an_answer_the_ledger_or_a_file(shell, monkeypatch, tmp_path):
    with http_server(lambda _: Answer(200, b'{"input_tokens": 42}')) as (url, _):
        monkeypatch.setenv("OPENAI_BASE_URL", url.replace("http://", f"http://user:{SECRET}@"))
        path = tmp_path / "estimate.json"
        estimate = shell.run_line_magic("llmcost", f"-m gpt-4o --ask-provider --json '{path}' hi")
    ledger = shell.run_line_magic("llmcost", "--ledger")
    shown = [str(estimate), repr(estimate), json.dumps(estimate.to_dict()), str(ledger), path.read_text()]
    shown += [str(estimate.explain()), json.dumps(estimate._repr_mimebundle_())]
    assert estimate["input_tokens"].value == 42
    assert not [text for text in shown if SECRET in text]


def test_the_magics_end_in_time_and_within_a_size(shell, monkeypatch):
    monkeypatch.setattr(count_at_provider, "_SECONDS", 0.5)
    monkeypatch.setattr(price_update, "_SECONDS", 0.5)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with dripping(BODY) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("LLMNUMBERS_PRICES_URL", f"{url}/data.json")
        for line in ("-m gpt-4o --ask-provider hi", "--update-prices"):
            with pytest.raises(LLMNumbersError, match="no answer within"):
                shell.run_line_magic("llmcost", line)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" * 100_000, "nested deeper than 64 levels"),
        (b"{}", "no table of prices"),
        (b"[]", "no table of prices"),
        (b'[{"id": 7}]', "no table of prices"),
        (b"<html>", "line 1, column 1"),
        (b"\x80\xfe", "byte 0 is not UTF-8"),
        (b"", "line 1, column 1"),
    ],
)
def test_prices_that_are_none_are_one_line_and_those_at_hand_stay(shell, monkeypatch, body, words):
    before = str(shell.run_line_magic("llmcost", "-m gpt-4o hi"))
    with http_server(lambda _: Answer(200, body)) as (url, _):
        monkeypatch.setenv("LLMNUMBERS_PRICES_URL", f"{url}/data.json")
        with pytest.raises(LLMNumbersError) as caught:
            shell.run_line_magic("llmcost", "--update-prices")
    assert words in str(caught.value)
    assert str(shell.run_line_magic("llmcost", "-m gpt-4o hi")) == before
