"""Good and hostile live lines, mixed, through a real Jupyter server: `python benchmarks/live_soak.py 20000`.

While they are posted, `/api/status` is asked all the time. The bars: it answers within 100 ms at the
95th percentile and within a second always, the server ends within 5 s of SIGTERM, and its memory stays.
The command ends with 1 if one of them is missed. One run on one machine, which does little else.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from threading import Event, Thread
from urllib.parse import urlsplit

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.hostile.builders import tokenizer_json
from tests.servers import JupyterServer

N_CLIENTS = 8
STATUS_P95_S, STATUS_MAX_S, STOP_S, GROWTH = 0.1, 1.0, 5.0, 1.2
# What takes its two seconds is one request in a hundred; a process is started again after each.
SLOW_SHARE = 0.01
_HEADERS = {"Authorization": "token secret"}


def cell(text: str, **defaults: str) -> bytes:
    return json.dumps({"text": text, **defaults}).encode()


def good() -> list[bytes]:
    """What people type."""
    return [
        cell("%%llmcost -m gpt-4o --out 300\n" + "Summarise the text below. " * 20),
        cell("%%tokens -m gpt-4,llama-3.1-8b\nHow long is a piece of string?"),
        cell("%gpufit llama-3.1-8b --gpu H200"),
        cell("%%llmcost\n日本語の文章", model="gpt-4o", language="ja"),
        cell("print(1)"),
    ]


def hostile() -> list[bytes]:
    """What answers at once, if all is well."""
    digits, mega = "9" * 15_000, "word " * 190_000
    return [
        cell(f"%gpufit {digits}"),
        cell(f"%gpufit {'a' * 300}/b"),
        cell(f"%%llmcost --calls {digits}\nhello"),
        cell(f"%%llmcost -m {','.join(['gpt-4o'] * 50_000)}\nhello"),
        cell("%%tokens -m gpt-4o\n" + mega),
        cell("%%llmcost\n" + "\0\ud800" * 50_000),
        cell('%%llmcost\n[{"role": "user", "content": ' + "[" * 100_000),
        cell("%%llmcost\n- &a [x]\n" + "- &b [*a, *a, *a, *a]\n" * 1_000),
        cell("%gpufit ./pipes"),
        cell("%gpufit /etc/passwd.json"),
        cell("%%tokens -m ../../../etc/hosts.json\nhello"),
        cell("%%llmcost\nhello", model="/dev/zero.json", language="xx"),
        b"[" * 900_000,
        b"[]" * 450_000,
        b'{"text": "' + b"\\ud800" * 100_000,
        b'{"id": ' + b"9" * 20_000 + b', "text": "x"}',
        b"\n" * 100_000,
        b"\xff" * 500_000,
        b"x" * 1_000_001,
    ]


def slow() -> list[bytes]:
    """What takes the two seconds, each in its own way: a library that runs for ever, and a long count."""
    return [
        cell("%%tokens -m ./tokenizer.json\n" + "a" * 30),
        cell("%%tokens -m gpt-4o --compare\n" + "word " * 190_000),
    ]


def prepare(root: Path) -> None:
    """The files that the hostile cells name: thirty letters that become thirty billion, and a pipe."""
    step = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 1_000}
    explosion = {"type": "Sequence", "normalizers": [step] * 3}
    (root / "tokenizer.json").write_text(tokenizer_json(normalizer=explosion))
    (root / "pipes").mkdir()
    (root / "pipes" / "config.json").write_text('{"model_type": "llama"}')
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "pipes" / "model.safetensors")


def bodies(seed: int, n_requests: int) -> Iterator[bytes]:
    draw = random.Random(seed)
    kinds = [good(), hostile(), slow()]
    weights = [(1 - SLOW_SHARE) / 2, (1 - SLOW_SHARE) / 2, SLOW_SHARE]
    for _ in range(n_requests):
        (kind,) = draw.choices(kinds, weights)
        yield draw.choice(kind)


@dataclass
class Soak:
    """What was seen: seconds of each status request and of each good line, and the server's memory."""

    status_s: list[float] = field(default_factory=list)
    good_s: list[float] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    rss_mb: tuple[float, float] = (0, 0)
    open_files: tuple[int, int] = (0, 0)
    stop_s: float = 0

    @property
    def status_p95_s(self) -> float:
        return quantiles(self.status_s, n=20)[-1]

    @property
    def is_within_bars(self) -> bool:
        is_awake = self.status_p95_s <= STATUS_P95_S and max(self.status_s) <= STATUS_MAX_S
        return is_awake and self.stop_s <= STOP_S and self.rss_mb[1] <= GROWTH * self.rss_mb[0]

    def __str__(self) -> str:
        counts = ", ".join(f"{n} × {status}" for status, n in sorted(self.answers.items()))
        return (
            f"{self.answers.total()} requests: {counts}; a good line {median(self.good_s) * 1e3:.1f} ms\n"
            f"status p95 {self.status_p95_s * 1e3:.0f} ms, max {max(self.status_s) * 1e3:.0f} ms; "
            f"memory {self.rss_mb[0]:.0f} to {self.rss_mb[1]:.0f} MB, "
            f"files {self.open_files[0]} to {self.open_files[1]}; stopped in {self.stop_s:.1f} s"
        )


def soak(root: Path, n_requests: int, seed: int = 1) -> Soak:
    """Post that many requests to a server of its own, with eight clients that wait when they are told to."""
    prepare(root)
    server, seen, is_over = JupyterServer(root).wait(), Soak(), Event()
    try:
        process = psutil.Process(server.process.pid)
        _post(server.url, [cell("%%llmcost\nwarm")] * 50, seen)
        seen.answers.clear()
        before = process.memory_info().rss / 1e6, process.num_fds()
        prober = Thread(target=_probe, args=(server.url, seen, is_over))
        prober.start()
        mixed = list(bodies(seed, n_requests))
        clients = [
            Thread(target=_post, args=(server.url, mixed[n::N_CLIENTS], seen)) for n in range(N_CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        is_over.set()
        prober.join()
        after = process.memory_info().rss / 1e6, process.num_fds()
        seen.rss_mb, seen.open_files = (before[0], after[0]), (before[1], after[1])
        # It is stopped while both of its processes are at a line that does not end.
        for _ in range(N_CLIENTS):
            Thread(target=_hang_up, args=(server.url,), daemon=True).start()
        time.sleep(0.5)
    finally:
        is_over.set()
        started = time.monotonic()
        server.stop()
        seen.stop_s = time.monotonic() - started
    return seen


def _post(url: str, requests: list[bytes], seen: Soak) -> None:
    connection, typed = http.client.HTTPConnection(urlsplit(url).netloc, timeout=300), set(good())
    for body in requests:
        while True:
            started = time.monotonic()
            connection.request("POST", "/llmnumbers/line", body, _HEADERS)
            response = connection.getresponse()
            response.read()
            if response.status != 429:
                break
            time.sleep(1)
        seen.answers[response.status] += 1
        if body in typed:
            seen.good_s.append(time.monotonic() - started)
    connection.close()


def _probe(url: str, seen: Soak, is_over: Event) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=300)
    while not is_over.wait(0.02):
        started = time.monotonic()
        connection.request("GET", "/api/status", headers=_HEADERS)
        connection.getresponse().read()
        seen.status_s.append(time.monotonic() - started)
    connection.close()


def _hang_up(url: str) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        _post(url, slow()[:1], Soak())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("requests", type=int, nargs="?", default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        seen = soak(Path(folder), options.requests, options.seed)
    print(seen)
    return 0 if seen.is_within_bars else 1


if __name__ == "__main__":
    sys.exit(main())
