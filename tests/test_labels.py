"""What is shown of a figure is in the reader's language: its name, its number's unit, and how it is known.

The language of these tests is English between marks: what stands outside them was never translated.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import catalogues
import nbformat
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from classroom_answers import classroom
from media_files import pdf, png, wav
from nbformat.v4 import new_code_cell, new_notebook, new_output
from recorded_calls import bill, every_call, every_entry
from test_checkpoint import KEYS, LLAMA, TENSORS, Module, gguf_bytes
from test_monotone import ONE_AT_A_TIME, TURNS

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
    messages,
    models_that_fit,
    numbers,
    training_cost,
)
from ipython_llmnumbers.catalog.numbers_2023 import all_number_keys
from ipython_llmnumbers.estimates.classroom.details import ClassQuestion, EssayYear, QuizQuestion
from ipython_llmnumbers.estimates.classroom.guesses import read_guesses
from ipython_llmnumbers.estimates.classroom.quiz import make_quiz, score_quiz
from ipython_llmnumbers.figures import Estimate, Figure, Level, Note, Origin, Source, Verdict, assumed, given
from ipython_llmnumbers.formulas.parameters import matrix_params
from ipython_llmnumbers.formulas.speed import tokens_per_s
from ipython_llmnumbers.messages import speaking
from ipython_llmnumbers.notebooks.cell import cell_prompts
from ipython_llmnumbers.notebooks.ipython_syntax import annotate
from ipython_llmnumbers.render import layouts
from ipython_llmnumbers.render.figure_text import beginning, range_or_number_text, value_text
from ipython_llmnumbers.render.formula_labels import INPUT_LABELS
from ipython_llmnumbers.render.labels import LABELS, label
from ipython_llmnumbers.render.verdict_words import MARKS, level_text, origin_text, verdict_text
from ipython_llmnumbers.usage.call_cost import call_cost
from ipython_llmnumbers.usage.cell_run import cell_run
from ipython_llmnumbers.usage.ledger.ledger import ledger
from ipython_llmnumbers.usage.ledger.reconcile import reconcile
from ipython_llmnumbers.usage.recording.recording import Recording

LANGUAGE = "marked"
# A unit in words; symbols (TFLOP/s, GiB, ms) have no three small letters in a row.
WORD = re.compile("[a-z]{3,}")


@pytest.fixture(scope="module", autouse=True)
def _marked_language(tmp_path_factory):
    """A language whose every message is the English one between marks, from a catalogue like the others."""
    folder = tmp_path_factory.mktemp("locale")
    path = folder / LANGUAGE / "LC_MESSAGES" / f"{messages.DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    catalogue = Catalog(domain=messages.DOMAIN)
    for text in catalogues.messages():
        catalogue.add(text, f"⟦{text}⟧")
    with path.open("wb") as file:
        write_mo(file, catalogue)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "LOCALE_DIR", folder)
        patch.setitem(messages.LANGUAGES, LANGUAGE, "marked")
        with speaking(LANGUAGE):
            yield


def outside(text):
    """What of a text is in no message."""
    while (less := re.sub("⟦[^⟦⟧]*⟧", "", text)) != text:
        text = less
    return text


# -- every kind of estimate ---------------------------------------------------------------

CALLS = (
    "from openai import OpenAI\nclient = OpenAI()\n"
    'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])\n'
    'client.chat.completions.create(model="gpt-4o", max_tokens=9, messages=[{"content": f"Ho {x}"}])'
)
LOGS = Path(__file__).parent / "data" / "engine_logs"
TEXT = "Summarise the text below in three sentences."


def chat(*images):
    """Messages, of which one has a name, with tools and images."""
    shown = [{"type": "image_url", "image_url": image} for image in images]
    turns = [{"role": "user", "name": "you", "content": TEXT}, {"role": "user", "content": shown}]
    return {"messages": turns, "tools": [{"name": "weather"}]}


def every_part(role):
    """A message with one part of each kind."""
    clip = {"start_offset": "0s", "end_offset": "10s"}
    parts = [
        {"type": "text", "text": TEXT},
        {"type": "document", "source": {"type": "base64", "data": b64encode(pdf(3)).decode()}},
        {"type": "input_audio", "input_audio": {"data": b64encode(wav(2)).decode()}},
        {"file_data": {"mime_type": "video/mp4", "file_uri": "gs://b/a"}, "video_metadata": clip},
        {"type": "tool_use", "name": "weather", "input": {"city": "Rome"}},
        {"type": "thinking", "thinking": "Hm. Rome?"},
        {"type": "tool_result", "content": "sunny"},
        {"type": "input_file", "file_id": "file-1"},
    ]
    return {"role": role, "content": parts}


CITY = {"type": "object", "properties": {"name": {"description": "x"}}}
PLACE = {"type": "object", "properties": {"city": CITY}}
TOOLS = {
    "tools": [{"name": "weather", "input_schema": PLACE}, {"type": "bash_20250124", "name": "bash"}],
    "tool_choice": {"type": "tool", "name": "weather"},
    "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": PLACE}},
}
OPTIONS = {
    "output_tokens": (200, 400),
    "calls": 3,
    "cached": "20%",
    "cache_write": 5,
    "concise": True,
    "currency": "JPY",
    "rate": "150@2026-11-24",
}


def estimates(folder):
    """Estimates of every kind, with the options that bring figures of their own."""
    (folder / "model.gguf").write_bytes(gguf_bytes(KEYS, TENSORS))
    (folder / "config.json").write_text(json.dumps(LLAMA), encoding="utf-8")
    index = {"metadata": {"total_size": 999}, "weight_map": {"a": "model-1.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    costs = [
        estimate_cost("hello", "gpt-4o,grok-4", output_tokens=3, calls=2),
        estimate_cost("hello"),
        estimate_cost("ho"),
    ]
    yield from costs
    yield ledger(every_entry())
    yield reconcile(every_entry(), bill())
    yield cell_run(
        Recording("7", calls=list(every_call()), n_faults=1, n_processes=1, n_of_earlier=1),
        lacking=["g"],
    )
    yield cell_run(Recording("8", calls=list(every_call())[-3:-2] * 2), cell_prompts(CALLS, "gpt-4o", str))
    yield call_cost(next(every_call()))
    yield estimate_cost([TEXT, f"user: {TEXT}"], "gpt-4o", versus="gpt-4", **OPTIONS)
    yield estimate_cost([TEXT, f"{TEXT} " * 40_000], "gpt-6.1-sol", cached="50%", cache_write="10%")
    yield estimate_cost(f"user: {TEXT}", "claude-opus-4-8", output_tokens=900, turns=4)
    yield estimate_cost(TEXT, "sonar-pro", output_tokens=100, cache_write=5, cache_ttl="1h")
    url = {"url": f"data:image/png;base64,{b64encode(png(1000, 800)).decode()}"}
    yield estimate_cost(chat(url, {"url": "https://example.org/a.png"}), "gpt-4o", **OPTIONS)
    models = "gpt-4o,claude-opus-5-5,gemini-2.5-pro,gemini-3.8-flash,gpt-4.1-mini,gpt-6-sol,pixtral-12b"
    yield estimate_cost(chat(url), models, **OPTIONS)
    everything = [every_part(role) for role in ("user", "assistant", "user")]
    yield estimate_cost(TEXT, "mistral-embed")
    for model in (
        *("gpt-4o", "claude-opus-4-8", "gemini-2.5-flash", "gemini-3.8-flash", "grok-4"),
        "mistral-small-2506",
    ):
        yield estimate_cost({"messages": everything, **TOOLS}, model, output_tokens=3)
    for model in ("gpt-4o", "grok-4", "deepseek-chat"):
        yield count_tokens(TEXT, model)
    yield count_tokens(TEXT, ["gpt-4o", "grok-4"])
    yield count_tokens(["one", "two words", "three more words"] * 9, label="texts")
    yield from corpora(folder / "corpus")
    yield cell_prompts(CALLS, "gpt-4o", str)
    answers = {"text/plain": "Usage(input_tokens=8, output_tokens=1) Usage(input_tokens=9, output_tokens=1)"}
    cell = new_code_cell(CALLS, outputs=[new_output("execute_result", data=answers)])
    (folder / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=[cell]), folder / "notebooks" / "a.ipynb")
    yield annotate(str(folder / "notebooks" / "a.ipynb"), str(folder / "b.ipynb"), "gpt-4o")
    yield annotate(str(folder / "notebooks"), str(folder / "copies"), "gpt-4o")
    yield numbers()
    yield numbers(since="2023-05-08")
    yield numbers("tokens_per_word", words=1200)
    for key in all_number_keys():
        yield numbers(key, model="gpt-4o", gpu="H100")
    yield make_quiz(5, seed=3)
    yield score_quiz(5, 3, read_guesses("1000000 7"))
    yield score_quiz(24, 0, read_guesses(" ".join(f"{n}:5..7" for n in range(1, 25))))
    yield score_quiz(24, 0, read_guesses(" ".join(f"{n}:5" for n in range(1, 25))))
    yield from classroom(folder)
    for model in ("13B", "llama-3.1-8b", "gpt-oss-20b", "GLM-5", "gemma-3-27b", "whisper-tiny"):
        yield gpu_fit(model)
    yield gpu_fit("gpt-oss-20b", gpu="H100-80GB-SXM", engine="sglang")
    for draft in ("qwen3-0.6b", "gemma-3-1b"):
        yield gpu_fit("qwen3-8b", gpu="L4", engine="vllm", max_num_batched_tokens=9, max_loras=1, draft=draft)
    yield gpu_fit("qwen3-8b", gpu="L4", engine="llama.cpp", draft="qwen3-0.6b")
    for engine in ("llama.cpp", "ollama", "transformers"):
        yield gpu_fit("Qwen3-30B-A3B", gpu="RTX 2080,RTX 3060 12GB", engine=engine, ram="64GB DDR5-5600")
    yield gpu_fit("13B", gpu="2x T4", engine="llama.cpp", ngl=30, ram="64GB")
    yield gpu_fit("qwen3-8b", gpu="L4", engine="vllm", pp=2, cpu_offload_gb=2)
    yield gpu_speed("qwen3-8b", gpu="L4", engine="vllm", cpu_offload_gb=2)
    yield gpu_speed("Qwen3-30B-A3B", gpu="RTX 2080", engine="llama.cpp", ram="64GB")
    for engine in ("vllm", "sglang", "llama.cpp", "transformers"):
        for model in ("llama-3.1-8b", "DeepSeek-V3", "gemma-3-27b", "mamba-2.8b-hf", "Mixtral-8x7B"):
            quant = "q4_k_m" if engine == "llama.cpp" else "int4"
            yield gpu_fit(model, gpu="H100-80GB-SXM", engine=engine, quant=quant, tp=2)
    yield gpu_fit("13B", gpu="T4", engine="vllm", quant="int8", kv="fp8", draft_layers=1)
    yield gpu_fit(str(folder / "model.gguf"), gpu="T4", engine="llama.cpp")
    for model in (str(folder / "model.safetensors.index.json"), Module()):
        yield gpu_fit(model, gpu="T4")
    for model in ("llama-3.1-8b", "Mixtral-8x7B", "13B"):
        yield gpu_speed(model, gpu="H100-80GB-SXM", tp=2)
    for method in ("full", "lora", "qlora"):
        yield gpu_train(
            "llama-3.1-8b", method=method, train_tokens=10**9, gpu="H100-80GB-SXM", n_gpus=2, zero_stage=3
        )
        yield gpu_train("13B", method=method, offload="all", attention="eager")
    yield gpu_train("llama-3.1-8b", step_in_backward=True, checkpointing="none")
    for generator in ("policy", "colocate", "server"):
        yield gpu_train("llama-3.1-8b", method="grpo", gpu="H200", generator=generator)
    yield gpu_train("13B", method="grpo-lora", gpu="H200", chunked_loss=True, reference_model=True)
    yield training_cost("13B", train_tokens=1_400_000_000_000)
    yield models_that_fit(vram="8GB", ram="32GB", most=60)
    yield gpus_that_fit("llama-3.1-8b", most=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LLMNUMBERS_FILE", str(folder / "llmnumbers.toml"))
        yield compare_log("QwQ-32B", log=str(LOGS / "sglang_0_4_qwq_4xl4.log"), gpu="L4", keep=True)
        yield compare_log(log=str(LOGS / "ollama_0_20_qwen25_coder_rtx3060.log"))
        yield compare_log("qwen3-next-80b-a3b", log=str(LOGS / "ollama_0_11_partial.log"), gpu="24GiB")
        yield corrections()
        yield gpu_fit("QwQ-32B", gpu="L4", engine="sglang", tp=4)
        yield gpu_fit("QwQ-32B", gpu="L4", engine="sglang==0.4", tp=4)


def corpora(folder):
    """Counts of a corpus: whole, of several models, a sample, and two with what cannot be counted."""
    folder.mkdir()
    rows = "".join(json.dumps({"text": f"{TEXT} {n}"}) + "\n" for n in range(3_000))
    (folder / "a.jsonl").write_text(rows, "utf-8")
    yield count_corpus(str(folder), output_tokens=(200, 400), currency="JPY", rate="150@2026-11-24")
    yield count_corpus(str(folder), model="gpt-4o,claude-opus-4-8,grok-4")
    yield count_corpus(str(folder), model="claude-opus-4-8", sample=0.1)
    (folder / "a.jsonl").write_text('{"text": 7}\n{"text": "a"}\n{"b": "a"}\n{"text": null}\nno\n', "utf-8")
    for number in range(7):
        (folder / f"{number}.zip").write_bytes(b"PK\x03\x04")
    yield count_corpus(str(folder), field="text")
    yield count_corpus(str(folder / "a.jsonl"), field="text", embed_model="voyage-3", tune_model="13B")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    return list(estimates(folder))


@pytest.fixture(scope="module")
def figures(made):
    """Every figure that the estimates are made from."""
    return {
        (each.name, each.unit, each.origin): each for estimate in made for each in estimate.walk()
    }.values()


@pytest.mark.slow
def test_every_kind_of_estimate_is_among_them(made):
    found = {type(each) for estimate in made for each in estimate._with_parts()}
    for module in layouts._FILES:  # each is imported when it is first shown
        layouts._register(f"ipython_llmnumbers.{module}")
    assert found - {QuizQuestion, ClassQuestion, EssayYear} == set(layouts._layout.registry) - {
        object,
        Figure,
    }


def test_what_turns_within_a_range_has_none(made):
    """`derive` looks at a range's two ends: of a formula that turns between them it would tell too little."""
    ranged = {
        (figure.function, each.name)
        for estimate in made
        for figure in estimate.walk()
        for each in figure.inputs
        if each.has_range
    }
    assert (tokens_per_s, "step_s") in ranged
    assert ranged & set(TURNS) == set()
    functions = [function for function, _ in ranged]
    assert [function for function in ONE_AT_A_TIME if functions.count(function) > 1] == []


# Everything that a figure may be measured in; "" is a plain number.
UNITS = {
    *(
        "",
        "%",
        "×",
        "× per year",
        "s",
        "ms",
        "days",
        "points",
        "W",
        "Wh",
        "queries/s",
        "vectors",
        "words/min",
    ),
    *("USD", "USD/h", "USD/Mtok", "JPY", "JPY/USD"),
    *(
        "tokens",
        "tokens/character",
        "tokens/s",
        "tokens/word",
        "words",
        "words/token",
        "characters",
        "pixels",
    ),
    *("files", "frames", "pages", "patches", "tools", "turns"),
    *("buckets", "calls", "estimates", "messages", "names", "queries", "sequences", "texts", "documents"),
    *("bytes", "bytes/parameter", "bytes/s", "bytes/token", "bits", "bits/parameter"),
    *("elements", "parameters", "rows"),
    *("experts", "heads", "layers", "moments", "FLOP", "FLOP/s", "GPU-h", "GPUs"),
}


def test_every_figure_is_complete(figures):
    assert {each.unit for each in figures} == UNITS
    for each in figures:
        assert each.name.isidentifier(), each
        assert isinstance(each.note, str), each
        if each.origin in ("given", "assumed"):
            assert each.note or each.source, each
        if each.source is not None:
            assert isinstance(each.source.name, str), each
            assert each.source.name, each
        if each.value is not None:
            assert each.low <= each.value <= each.high, each


def test_every_estimate_is_complete(made):
    for estimate in made:
        for each in (estimate, *estimate.parts):
            assert isinstance(each.subject, str)
            assert all(isinstance(note.text, str) and note.text for note in each.notes)
            assert {note.level for note in each.notes} <= {*get_args(Level)}
            assert all(isinstance(key, str) and key.isidentifier() for key in each.request)
            names = [figure.name for figure in each.figures]
            assert len(names) == len(set(names))


# -- names --------------------------------------------------------------------------------


def test_every_figure_has_a_label_in_the_readers_language(figures):
    without = {each.name for each in figures if label(each.name)[0] != "⟦"}
    # A tensor is called as in the model's file.
    tensors = {each.name for each in figures if each.function is matrix_params}
    assert without - tensors == set()
    assert {"attn_q", "ffn_down"} < tensors


def test_every_label_is_of_a_figure(figures):
    names = {each.name for each in figures}
    without_number = {re.sub(r"_\d+$", "", name) for name in names}
    assert {*LABELS, *INPUT_LABELS} - names - without_number == set()


def test_a_label_of_an_input_is_the_name_that_its_formula_knows():
    with speaking("en"):
        for name in INPUT_LABELS:
            assert label(name).casefold() == name.replace("_", " ")


@pytest.mark.parametrize(
    ("name", "english", "marked"),
    [
        ("kv_cache_bytes", "KV cache", "⟦KV cache⟧"),
        ("question_3", "Question 3", "⟦⟦Question⟧ 3⟧"),
        ("int4_experts_bytes", "Int4 experts bytes", "⟦int4_experts bytes⟧"),
        ("ffn_gate_exps", "Ffn gate exps", "ffn_gate_exps"),
        ("norm_2", "Norm 2", "norm_2"),
        ("bytes", "Bytes", "bytes"),
    ],
)
def test_a_name_without_a_row(name, english, marked):
    assert label(name) == marked
    with speaking("en"):
        assert label(name) == english


# -- values -------------------------------------------------------------------------------


def test_every_value_is_in_the_readers_language(figures):
    for each in figures:
        assert not WORD.search(outside(value_text(each))), each


@pytest.mark.parametrize(
    ("unit", "low", "high", "english", "number"),
    [
        ("tokens/s", 1600, 2000, "1.6–2k tokens/s", "1.6–2k"),
        ("tokens/s", 800, 1200, "800–1.2k tokens/s", "800–1.2k"),
        ("tokens/s", 90_000, 2_000_000, "90k tokens/s–2M tokens/s", "90k–2M"),
        ("sequences", 1, 4, "1–4 sequences", "1–4"),
        ("USD/Mtok", Decimal("2.5"), Decimal(5), "$2.50–5.00/Mtok", "$2.50–5.00"),
        ("bytes", 2**20, 2**31, "1.00 MiB–2.0 GiB", "1.00 MiB–2.0 GiB"),
        ("×", 30, 60, "30–60 ×", "30–60 ×"),
        ("%", 30, 60, "30–60 %", "30–60 %"),
    ],
)
def test_a_range_has_its_unit_once(unit, low, high, english, number):
    figure = assumed("x", high, unit, "example", low=low, high=high)
    with speaking("en"):
        assert value_text(figure).endswith(f", {english}")
        assert range_or_number_text(figure) == number
    # The signs of a range and its unit are the reader's, too.
    assert value_text(figure).startswith("⟦⟦≈")
    assert re.sub("[⟦⟧]", "", value_text(figure)).endswith(f", {english}")


def test_what_is_not_known_is_said_so():
    assert value_text(given("x", None, "tokens", "you")) == "⟦unknown⟧"
    assert value_text(given("x", None, "USD", "you")) == "⟦unpriced⟧"


# -- codes --------------------------------------------------------------------------------


def test_every_code_is_said_in_words():
    function = dict.fromkeys
    for origin in get_args(Origin):
        figure = Figure("x", 1, "", origin, source=Source("a table", None, date.today()), function=function)
        assert origin_text(figure) == f"⟦{origin}⟧"
    for verdict in get_args(Verdict):
        assert verdict_text(Estimate("x", verdict=verdict)) == f"{MARKS[verdict]} ⟦{verdict}⟧"
    assert verdict_text(Estimate("x")) == "⟦unknown⟧"
    for level in get_args(Level):
        assert level_text(Note("x", level)) == f"⟦{level.capitalize()}⟧"


def test_what_stands_before_a_colon_is_found_in_any_language():
    assert beginning("exact: by the table") == beginning("exact：表による") == "exact"
