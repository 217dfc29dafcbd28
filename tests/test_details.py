"""The details of an answer: typed for a program that reads them, and complete in `to_dict`."""

from __future__ import annotations

import copy
import pickle
from dataclasses import MISSING, fields, replace
from pathlib import Path

import nbformat
import pytest
from classroom_answers import classroom
from nbformat.v4 import new_code_cell, new_notebook
from recorded_calls import bill, every_call, every_entry

from ipython_llmnumbers import (
    compare_log,
    corrections,
    count_corpus,
    count_tokens,
    estimate_cost,
    gpu_fit,
    gpu_speed,
    gpu_train,
    gpus_that_fit,
    models_that_fit,
    numbers,
    training_cost,
)
from ipython_llmnumbers.estimates.classroom.guesses import read_guesses
from ipython_llmnumbers.estimates.classroom.quiz import make_quiz, score_quiz
from ipython_llmnumbers.estimates.devices import local_device
from ipython_llmnumbers.figures import Details
from ipython_llmnumbers.notebooks.ipython_syntax import annotate
from ipython_llmnumbers.probes.hardware.gpu_device import GpuDevice, GpuProcess
from ipython_llmnumbers.usage.cell_run import cell_run
from ipython_llmnumbers.usage.ledger.ledger import ledger
from ipython_llmnumbers.usage.ledger.reconcile import reconcile
from ipython_llmnumbers.usage.recording.recording import Recording

CALL = "client.responses.create(model='gpt-4o', input=f'Summarise {text} in three points.')"
GPU = GpuDevice(0, "GPU-1", "NVIDIA A100-SXM4-80GB", 80, 70, processes=(GpuProcess(12, 5, "python"),))


LOG = str(Path(__file__).parent / "data" / "engine_logs" / "sglang_0_4_qwq_4xl4.log")


def of_a_log(folder):
    """A log beside the estimate, and what is kept of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLMNUMBERS_FILE", str(folder / "llmnumbers.toml"))
        return [compare_log("QwQ-32B", log=LOG, gpu="L4", keep=True), corrections()]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """An answer of each kind."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell(CALL)]), folder / "notebooks" / "a.ipynb")
    cost = estimate_cost("hello", "gpt-4o")
    local = local_device(GPU, "580.1", "NVML")
    fit = gpu_fit("13B", gpu="L4")
    return [
        count_tokens("hello world", ids=True),
        count_tokens("hello world", "gpt-4o,o3"),
        count_tokens(["one", "two words"]),
        cost,
        estimate_cost("hello", "gpt-4o,o3"),
        ledger(every_entry()),
        reconcile(every_entry(), bill()),
        cell_run(Recording("7", calls=list(every_call()))),
        annotate(str(folder / "notebooks" / "a.ipynb"), str(folder / "b.ipynb"), "gpt-4o"),
        annotate(str(folder / "notebooks"), str(folder / "copies"), "gpt-4o"),
        fit,
        replace(fit, details=replace(fit.details, gpu=local.gpu_details)),
        gpu_train("13B", gpu="L4"),
        training_cost("13B", train_tokens=10**12),
        gpu_speed("13B", gpu="L4"),
        models_that_fit(vram="8GB", most=1),
        gpus_that_fit("13B", most=1),
        *of_a_log(folder),
        count_corpus(str(folder / "notebooks" / "a.ipynb")),
        numbers(),
        numbers("tokens_per_word"),
        numbers(since="2023-05-08"),
        make_quiz(2, seed=1),
        score_quiz(2, 1, read_guesses("1:5")),
        *classroom(tmp_path_factory.mktemp("class")),
    ]


def details_of(answers):
    """Every details among the answers and their parts, with the estimate that has them."""
    for answer in answers:
        for estimate in answer._with_parts():
            if "details" in vars(estimate):
                yield estimate, estimate.details


def subclasses_of(cls):
    for each in cls.__subclasses__():
        yield each
        yield from subclasses_of(each)


def test_every_field_is_in_to_dict(answers):
    for estimate, details in details_of(answers):
        plain = estimate.to_dict()["details"]
        for field in fields(details):
            value = getattr(details, field.name)
            if isinstance(value, Details):
                assert value.to_dict().keys() <= plain.keys()
            elif value is not None or field.default is MISSING:
                assert field.name in plain, (type(details), field.name)
            if isinstance(value, bool | int | str) or (value is None and field.default is MISSING):
                assert plain[field.name] == value


def test_every_class_of_details_is_among_the_answers(answers):
    found = {
        type(each).__name__ for _, details in details_of(answers) for each in (details, *inside(details))
    }
    classes = subclasses_of(Details)
    known = {each.__name__ for each in classes if each.__module__.startswith("ipython_llmnumbers")}
    assert known - found == {"TokensDetails"}  # those of one text and of many are subclasses


def inside(details):
    values = [getattr(details, field.name) for field in fields(details)]
    values += [each for value in values if isinstance(value, tuple) for each in value]
    return [value for value in values if isinstance(value, Details)]


def test_what_is_optional_is_left_out_and_what_is_unknown_is_null():
    assert "ids" not in count_tokens("hello").to_dict()["details"]
    assert count_tokens("hello", ids=True).to_dict()["details"]["ids"] == [24912]
    unpriced = estimate_cost("hello", "o200k_base")
    assert unpriced.details.provider is None
    assert unpriced.to_dict()["details"]["provider"] is None


def test_a_gpu_of_this_machine_tells_its_driver_and_processes(answers):
    fit = next(each for each, details in details_of(answers) if "GPU-1" in str(details))
    plain = fit.to_dict()["details"]
    assert plain["driver"] == "580.1"
    assert plain["processes"] == [{"pid": 12, "name": "python", "used_bytes": 5, "kin": None}]


def test_a_prompt_of_a_notebook_is_sent_by_its_call(answers):
    (prompt,) = next(each for each in answers if each.kind == "annotation").parts[0].parts
    assert (prompt.details.how, prompt.details.n_unknown) == ("client.responses.create", 1)
    assert prompt.details.cost.how == "exact"
    assert prompt.to_dict()["details"]["how"] == "client.responses.create"


@pytest.mark.parametrize("ask", [numbers, lambda: estimate_cost("x", "gpt-4o,o3")], ids=["numbers", "costs"])
def test_an_answer_about_several_subjects_refers_to_its_parts(ask):
    answer = ask()
    with pytest.raises(AttributeError, match=r"no attribute 'details'; each of its parts has: parts\[0\]"):
        answer.details  # noqa: B018 (it raises)
    assert answer.to_dict()["details"] == {}
    assert replace(answer, notes=()).parts == answer.parts
    assert copy.copy(answer) == answer


def test_what_no_estimate_has_is_no_attribute():
    with pytest.raises(AttributeError, match="'CostEstimate' object has no attribute 'detials'"):
        estimate_cost("hello").detials  # noqa: B018 (it raises)
    with pytest.raises(AttributeError, match="'CostDetails' object has no attribute 'tokeniser'"):
        estimate_cost("hello").details.tokeniser  # noqa: B018 (it raises)


def test_details_are_kept_by_pickle():
    details = estimate_cost("hello").details
    assert pickle.loads(pickle.dumps(details)) == details


def test_each_part_can_be_shown_alone(answers):
    for answer in answers:
        for estimate in answer._with_parts():
            assert str(estimate)
            assert set(estimate._repr_mimebundle_()) >= {"text/plain", "text/html"}
