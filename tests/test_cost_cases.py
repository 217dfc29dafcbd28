"""Prompts as people send them, against what vendors publish and what was billed: `data/cost_cases.yaml`."""

from __future__ import annotations

import base64
import gzip
import math
import random
import re
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
import yaml
from media_files import pdf, png, wav
from nbformat.v4 import new_code_cell, new_notebook
from time_machine import travel

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.notebooks.ipython_syntax import annotate

CASES = yaml.safe_load((Path(__file__).parent / "data" / "cost_cases.yaml").read_text("utf-8"))["cases"]
FILES = {"png": "image/png", "pdf": "application/pdf", "wav": "audio/wav", "random": "application/pdf"}


MAKERS = {"png": lambda size: png(*size), "pdf": pdf, "wav": wav, "random": random.Random(0).randbytes}


def filled(value):
    """A case's value with the data made that it asks for."""
    match value:
        case {"$words": n}:
            return "word " * n
        case dict() if len(value) == 1 and next(iter(value)).startswith(("$b64_", "$url_")):
            form, _, kind = next(iter(value))[1:].partition("_")
            data = base64.b64encode(MAKERS[kind](value[f"${form}_{kind}"])).decode()
            return data if form == "b64" else f"data:{FILES[kind]};base64,{data}"
        case dict():
            return {key: filled(each) for key, each in value.items()}
        case list():
            return [filled(each) for each in value]
        case _:
            return value


def asked(case, shell, folder, capsys):
    """The estimate that a case gives, and all that is shown of it."""
    match case["call"]:
        case "estimate_cost":
            output = case.get("output_tokens")
            estimate = estimate_cost(filled(case["prompt"]), case["model"], output_tokens=output)
        case "annotate":
            return annotated(case, folder)
        case magic:
            for name, spec in case.get("files", {}).items():
                (folder / name).write_bytes(gzip.compress(b"word " * spec["gz"]))
            shell.user_ns.update(filled(case.get("variables", {})))
            done = shell.run_cell(f"%{magic} " + case["line"].replace("$DIR", str(folder)))
            if not done.success:
                printed = capsys.readouterr()
                return None, printed.out + printed.err
            estimate = done.result
    return estimate, f"{estimate}\n" + "\n".join(note.text for note in estimate.notes)


def annotated(case, folder):
    source, target = folder / "in.ipynb", folder / "out.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in case["cells"]]), source)
    estimate = annotate(str(source), str(target), "gpt-4o")
    assert sum(len(part.parts) for part in estimate.parts) == case["expect"].get("prompts", 1)
    shown = f"{estimate}\n" + "\n".join(f"{part}" for part in estimate.parts)
    number = case["expect"].get("cell")
    if number:
        estimate = next(part for part in estimate.parts if part.details.cell == number)
    return estimate, shown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case(case, shell, tmp_path, capsys):
    with ExitStack() as stack:
        moment = datetime.fromisoformat(case.get("at", "2026-11-27T12:00")).replace(tzinfo=UTC)
        stack.enter_context(travel(moment, tick=False))
        estimate, shown = asked(case, shell, tmp_path, capsys)
        expect = case["expect"]
        if estimate is None:
            assert expect.get("or_refused"), shown
            assert len(shown.strip().splitlines()) == 1
            return
        figure = estimate[expect.get("figure", "input_tokens")]
        assert_number(figure, expect, shown)
        assert_told(estimate, expect, shown, moment)


def assert_number(figure, expect, shown):
    is_unknown = figure.value is None or figure.high == math.inf
    if is_unknown and (expect.get("or_unknown") or expect.get("unknown")):
        assert re.search("not counted|unknown|unpriced|no price|at least", shown)
        return
    assert not (is_unknown and {"exact", "value", "between", "not_zero"} & set(expect)), shown
    assert not expect.get("unknown"), shown
    if "exact" in expect:
        assert figure.low == figure.high
        assert float(figure.value) == pytest.approx(expect["exact"])
    if "value" in expect:
        assert figure.low <= expect["value"] <= figure.high <= expect.get("widest", 2) * figure.low
    if "between" in expect:
        assert expect["between"][0] <= float(figure.low) <= float(figure.high) <= expect["between"][1]
    if expect.get("not_zero"):
        assert figure.value


def assert_told(estimate, expect, shown, moment):
    if "says" in expect:
        assert re.search(expect["says"], shown)
    if "says_not" in expect:
        assert not re.search(expect["says_not"], shown)
    provider = getattr(vars(estimate).get("details"), "provider", None)
    if "provider" in expect:
        assert re.search(expect["provider"], provider)
    if "provider_not" in expect:
        assert provider is None or not re.search(expect["provider_not"], provider)
    if "source_not_today" in expect:
        for each in estimate.walk():
            dated = each.source is not None and each.source.checked == moment.date()
            assert not (dated and re.search(expect["source_not_today"], each.source.name)), each
