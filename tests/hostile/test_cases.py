"""The seeded cases, each in a process of its own with a clock and a memory limit."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import nbformat
import pytest
import yaml
from builders import safetensors_bytes, tokenizer_json
from test_network import BODY, dripping

CASES = yaml.safe_load((Path(__file__).parent.parent / "data" / "hardening_cases.yaml").read_text("utf-8"))
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits by /proc")


def written_out(text):
    """A text, or a list of texts and [unit, n] repeats."""
    if isinstance(text, str):
        return text
    return "".join(each if isinstance(each, str) else each[0] * each[1] for each in text)


def make(folder, spec):
    """One file of a case."""
    path = folder / spec["path"]
    path.parent.mkdir(exist_ok=True)
    match spec:
        case {"fifo": True}:
            os.mkfifo(path)
        case {"symlink": target}:
            path.symlink_to(folder / target)
        case {"json": value}:
            path.write_text(json.dumps(value))
        case {"notebook": sources}:
            cells = [nbformat.v4.new_code_cell(source) for source in sources]
            nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        case {"safetensors": header}:
            path.write_bytes(safetensors_bytes(header.encode(), spec.get("data", 0)))
        case {"tokenizer": changes}:
            path.write_text(tokenizer_json(**changes))
        case {"text": text}:
            path.write_text(written_out(text))


def filled(text, folder, url):
    text = re.sub(r"\$ANNOTATE (\S+) (\S+)", r"%llmcost --annotate \1 --to \2", text)
    return text.replace("$DIR", str(folder)).replace("$URL", url)


def run(case, folder):
    """What the case shows, and what became of its files."""
    with ExitStack() as stack:
        url = stack.enter_context(dripping(BODY)) if case.get("serve") else ""
        for spec in case.get("make", ()):
            make(folder, spec)
        before = {name: digest(folder / name) for name in case["expect"].get("keeps", {})}
        given = {
            **CASES["defaults"],
            **{key: case[key] for key in ("before", "dataframe") if key in case},
            "env": {key: filled(value, folder, url) for key, value in case.get("env", {}).items()},
            "run": filled(written_out(case["run"]), folder, url),
        }
        script = Path(__file__).parent / "run_case.py"
        done = subprocess.run(
            [sys.executable, str(script), json.dumps(given)],
            cwd=folder,
            capture_output=True,
            text=True,
            # The start of a process under load is not the cell's.
            timeout=60 + case.get("seconds", CASES["defaults"]["seconds"]),
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout), before


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES["cases"], ids=[each["id"] for each in CASES["cases"]])
def test_a_seeded_case(tmp_path, case):
    expected = case["expect"]
    if "dataframe" in case:
        pytest.importorskip("pandas")
    found, before = run(case, tmp_path)
    shown = "".join(found["shown"])
    assert not FORBIDDEN.search(shown), ascii(shown)
    if found["error"]:
        assert "LLMNumbersError" in found["error"], found
        assert "UnexpectedError" not in found["error"], found
        assert found["stdout"].count("\n") == 1
        assert len(found["stdout"]) <= 700
    assert expected["ends"] == "either" or (expected["ends"] == "line") == bool(found["error"]), found
    assert {name: found["figures"].get(name) for name in expected.get("value", {})} == expected.get(
        "value", {}
    )
    for name, fate in expected.get("keeps", {}).items():
        assert digest(tmp_path / name) == (before[name] if fate == "same" else "")
    assert expected.get("says", "") in shown
    assert not [word for word in expected.get("never", ()) if word in shown]
