"""What came out: the file of each room in `.mutants/`, its survivors, the table of docs/mutants.md."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from . import CACHE, ROOT
from .changes import Mutant

PAGE = ROOT / "docs" / "mutants.md"
ON_PAGE = (
    *("formulas", "top", "catalog", "estimates", "live"),
    *("probes", "prompts_in_code", "usage", "render", "notebooks", "magics"),
)
KILLED = ("killed", "timeout")
SURVIVED = ("survived", "no test")


@dataclass
class Result:
    key: str
    file: str
    line: int
    diff: str
    outcome: str  # killed, survived, timeout, no test; skipped
    by: str = ""

    @classmethod
    def of(cls, mutant: Mutant, outcome: str, by: str = "") -> Result:
        # A skipped mutant may be one whose text does not compile, or cannot even be made.
        diff = "" if outcome == "skipped" else mutant.diff
        return cls(mutant.key, mutant.file, mutant.line, diff, outcome, by)


def load(room: str) -> dict[str, Any]:
    """The entry of a room: its last results; without any, only an empty list of them."""
    path = CACHE / f"{room}.json"
    entry: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"results": []}
    return {"skipped_keys": [], **entry}


def save(room: str, past: dict[str, Any], fresh: list[Result], **counts: int) -> dict[str, Any]:
    """Write the entry of a room: past results, and in their place the fresh ones of the same mutants."""
    tried = {result.key for result in fresh}
    results = [result for result in past["results"] if result["key"] not in tried]
    results += [asdict(result) for result in fresh if result.outcome != "skipped"]
    skipped = [key for key in past["skipped_keys"] if key not in tried]
    skipped += [result.key for result in fresh if result.outcome == "skipped"]
    entry = {
        **counts,
        "sample": len(results),
        "skipped": len(skipped),
        "before": past.get("before", score(results)),  # the score before any test was written for it
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "versions": {name: version(name) for name in ("mutmut", "pytest", "hypothesis", "coverage")},
        "python": ".".join(map(str, sys.version_info[:3])),
        "results": results,
        "skipped_keys": skipped,
    }
    # In two steps: a run that is killed meanwhile leaves the entry as it was.
    new = CACHE / f"{room}.new"
    new.write_text(json.dumps(entry, indent=1))
    new.replace(CACHE / f"{room}.json")
    return entry


def score(results: Iterable[dict[str, Any]], *, unreached: bool = False) -> float:
    """Percent killed of the mutants that a test in this process reaches, or of the unreached ones too."""
    outcomes = [result["outcome"] for result in results if unreached or result["outcome"] != "no test"]
    return 100 * sum(outcome in KILLED for outcome in outcomes) / max(1, len(outcomes))


def show(results: Iterable[dict[str, Any]]) -> None:
    """Each survivor: where it is, and its diff."""
    for result in sorted(results, key=lambda result: (result["file"], result["line"])):
        if result["outcome"] in SURVIVED:
            print(f"{result['file']}:{result['line']}: {result['outcome']} {result['key']}")
            print(f"{result['diff']}\n")


def write_page() -> None:
    """Write the table of docs/mutants.md anew; what people wrote around it stays."""
    heads = ("room", "mutants", "tested", "killed", "timeout", "survived", "no test", "skipped")
    rows = [f"| {' | '.join(heads)} | before → after | of all tested |", f"|---{'|---:' * 9}|"]
    made: dict[str, Any] = {}
    for room in ON_PAGE:
        if not (CACHE / f"{room}.json").exists():
            continue
        made = load(room)
        counts = Counter(result["outcome"] for result in made["results"])
        outcomes = [counts[outcome] for outcome in (*KILLED, *SURVIVED)]
        cells = " | ".join(f"{n:,}" for n in (made["all"], made["sample"], *outcomes, made["skipped"]))
        scores = f"{made['before']:.0f} % → {score(made['results']):.0f} %"
        rows.append(f"| {room} | {cells} | {scores} | {score(made['results'], unreached=True):.0f} % |")
    versions = ", ".join(f"{name} {number}" for name, number in made["versions"].items())
    table = "\n".join([f"{made['date']}, Python {made['python']}, {versions}.", "", *rows])
    start, end = "<!-- table: python -m tools.mutants --write -->", "<!-- end of table -->"
    before, _, rest = PAGE.read_text("utf-8").partition(start)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{start}\n{table}\n{end}{after}", "utf-8")
