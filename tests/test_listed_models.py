"""The list of two thousand open models, the tool that writes it, and the ids that people paste."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from ipython_llmnumbers import gpu_fit, gpu_speed, training_cost
from ipython_llmnumbers.catalog import open_models
from ipython_llmnumbers.catalog.open_models.find import checkpoint_names, find_model, known_models, model_key
from ipython_llmnumbers.catalog.open_models.listed import listed, listed_names
from ipython_llmnumbers.errors import LLMNumbersError, UnknownNameError, UsageError

TOOL = Path(__file__).parent.parent / "tools" / "open_models_extract.py"
PASTED = Path(__file__).parent / "data" / "pasted_models.tsv"


# -- the list -------------------------------------------------------------------------------


def test_each_model_has_a_total_a_source_and_a_name_of_its_own() -> None:
    names = listed_names()
    assert len(names) > 1_900
    keys = [model_key(name) for name in names]
    assert len(set(keys)) == len(keys)
    # A model whose config.json is among ours is not in the list.
    assert not {model_key(name) for own in checkpoint_names() for name in own} & set(keys)
    for name in names:
        row = listed(name)
        assert 10**5 < row.params < 10**13
        assert row.source.url
        assert row.source.checked
        assert row.context_tokens != 4_096  # a default of its source, which says nothing


def test_a_shape_gives_the_published_total() -> None:
    """Of ours, to 1 %: the Hub counts the layers that draft, which Nemotron and Qwen have."""
    proved = [name for name in listed_names() if listed(name).shape]
    assert len(proved) > 800
    for name in proved:
        row, spec = listed(name), find_model(name)
        if row.like:
            assert row.like in known_models()
            whole = sum(each.params for each in spec.architecture.matrices)
            assert row.params == pytest.approx(spec.architecture.params, rel=0.01) or (
                row.params == pytest.approx(whole, rel=2e-4)
            )
        else:
            buffers = spec.architecture.n_layers * spec.architecture.head_dim // 2
            assert row.params - spec.architecture.params in {0, buffers}


# What each config.json says: https://huggingface.co/Qwen/Qwen3-30B-A3B-Instruct-2507 and the others.
@pytest.mark.parametrize(
    ("name", "context", "kv_bytes_per_token"),
    [
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", 262_144, 98_304),
        ("Qwen/Qwen3-30B-A3B-Thinking-2507-FP8", 262_144, 98_304),
        ("Qwen/Qwen3-Coder-30B-A3B-Instruct", 262_144, 98_304),
        ("Qwen/Qwen3-8B-Base", 32_768, 147_456),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", 131_072, 327_680),
        ("01-ai/Yi-1.5-34B-32K", 32_768, 245_760),
        ("moonshotai/Kimi-K2-Thinking", 262_144, 70_272),
    ],
)
def test_a_version_has_its_own_context_and_the_cache_of_its_shape(
    name: str, context: int, kv_bytes_per_token: int
) -> None:
    assert find_model(name).max_context_tokens == context
    fit = gpu_fit(name, gpu="B300", context_tokens=1_000)
    assert fit["kv_bytes_per_token"].value == kv_bytes_per_token


def test_of_a_total_alone_the_weights_are_known_and_the_cache_is_not() -> None:
    fit = gpu_fit("google/gemma-3n-E4B-it", gpu="H100")
    assert fit["params"].origin == "published"
    assert fit["weights_bytes"].value == 2 * 7_849_978_192
    for name in ("kv_cache_bytes", "kv_bytes_per_token", "total_bytes", "max_context_tokens"):
        assert fit[name].value is None
    assert fit.verdict is None
    assert any("only the number of parameters is known" in str(note) for note in fit.notes)
    # What is too large without a cache does not fit with one.
    assert gpu_fit("google/gemma-3n-E4B-it", gpu="RTX-3060-Ti").verdict == "does not fit"
    with pytest.raises(UsageError, match=r"only the number of parameters is known: .* needs its layers"):
        gpu_speed("google/gemma-3n-E4B-it", gpu="H100")


def test_what_it_costs_to_train_is_not_guessed_where_experts_may_be() -> None:
    # Qwen/Qwen3.8-Flash-Next may have experts: then most of its parameters have no part in 6 · N · D.
    cost = training_cost("Qwen/Qwen3.8-Flash-Next", train_tokens=10**12)
    assert cost["training_usd"].value is None
    assert training_cost("Qwen/Qwen3-8B-Base", train_tokens=10**12)["training_usd"].value


def test_a_packed_checkpoint_takes_the_bits_that_it_is_stored_in() -> None:
    # "~160 GB" and "~865 GB" of files: https://framia.pro/page/en-US/news/deepseek-v4-parameters
    for name, size in (("DeepSeek-V4-Flash", 160e9), ("DeepSeek-V4-Pro", 865e9)):
        figure = gpu_fit(f"deepseek-ai/{name}", gpu="B300")["weights_bytes"]
        assert figure.value == pytest.approx(size, rel=0.05)


def test_an_unknown_name_names_near_ones_of_the_list_too() -> None:
    with pytest.raises(UnknownNameError, match=r"Yi-1\.5-34B"):
        find_model("01-ai/Yi-1.5-35B-Chat-32K")


def test_the_list_is_not_read_before_a_name_needs_it() -> None:
    code = (
        "import ipython_llmnumbers as m\n"
        "from ipython_llmnumbers.catalog.open_models import listed\n"
        "m.gpu_fit('llama-3.1-8b', gpu='L4'); m.gpu_fit('13B', gpu='L4')\n"
        "print(listed._lines.cache_info().misses)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "0"


# -- the tool -------------------------------------------------------------------------------


def test_the_list_names_its_release_and_carries_its_licence() -> None:
    folder = files(open_models)
    head = folder.joinpath("listed.tsv").read_text("utf-8").splitlines()[0]
    assert head.split("\t") == [
        "# llmfit 1.1.17, its list of models",
        "https://pypi.org/project/llmfit/1.1.17/",
        "2026-11-26",
    ]
    assert "MIT License" in folder.joinpath("llmfit_LICENSE.txt").read_text("utf-8")


def row(name: str, params: int, kind: str, **fields: object) -> dict[str, object]:
    empty = dict.fromkeys(
        ("num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "hidden_size")
    )
    empty |= dict.fromkeys(("vocab_size", "moe_intermediate_size", "context_length", "release_date"))
    return {
        **empty,
        "name": name,
        "parameters_raw": params,
        "architecture": kind,
        "hf_downloads": 9,
        **fields,
    }


YI = {
    "num_hidden_layers": 60,
    "num_attention_heads": 56,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "hidden_size": 7168,
    "vocab_size": 64_000,
    "moe_intermediate_size": 20_480,
}


@pytest.mark.skipif(not TOOL.exists(), reason="the sdist has no tools")
def test_what_the_tool_keeps_of_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("open_models_extract", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = tool
    spec.loader.exec_module(tool)
    monkeypatch.setattr(tool, "TABLE", tmp_path / "listed.tsv")
    monkeypatch.setattr(tool, "LICENCE", tmp_path / "LICENSE.txt")
    rows = [
        row("01-ai/Yi-34B", 34_388_917_248, "llama", context_length=4096, **YI),
        row("acme/Yi-34B-v9", 34_388_917_249, "llama", context_length=200_000, **YI),  # not to the parameter
        row("acme/Tuned-8B", 8_030_261_248, "llama", num_hidden_layers=32, context_length=8192),
        row("acme/Guessed-7B", 5_164_236_800, "llama"),  # not 7B
        row("acme/Guessed", 32_000 * 4096 + 32 * (4 * 4096**2 + 2 * 4096 * 11_008), "llama")
        | {
            "hidden_size": 4096,
            "num_hidden_layers": 32,
            "moe_intermediate_size": 11_008,
            "vocab_size": 32_000,
        },
        row("acme/Tuned-8B-AWQ", 8_030_261_248, "llama"),
        row("unsloth/Yi-34B", 34_847_669_248, "llama"),  # a mirror, with the head twice
        row("Qwen/Qwen3-8B", 8_190_735_360, "qwen3"),  # ours has its config.json
        row(
            "acme/Mistral-tune-7B", 7_241_732_096, "mistral", num_hidden_layers=32
        ),  # with a window, or without
    ]
    wheel = tmp_path / "llmfit-9.8.7-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        text = json.dumps(rows, indent=2).encode()
        archive.writestr("llmfit-9.8.7.data/scripts/llmfit", b"\x7fELF\xff" + text + b"\x00\xfe")
        archive.writestr("llmfit-9.8.7.dist-info/licenses/LICENSE", "MIT License")
    tool.main(wheel, "2026-11-26")
    _, _, _, *lines = (tmp_path / "listed.tsv").read_text("utf-8").splitlines()
    kept = {line.split("\t")[0]: line.split("\t")[3:5] for line in lines}
    assert kept == {
        "01-ai/Yi-34B": ["", "7168 60 56 8 128 20480 64000 0 0 0"],
        "acme/Yi-34B-v9": ["200000", ""],
        "acme/Tuned-8B": ["8192", "=Llama-3-8B"],
        "acme/Mistral-tune-7B": ["", ""],
    }


# -- as people paste them -------------------------------------------------------------------


def pasted() -> list[dict[str, str]]:
    with PASTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t"))


def answer(id_: str) -> str:
    """What an id is answered with: its parameters, or why it is refused."""
    try:
        return str(find_model(id_).params_figure().value)
    except UnknownNameError:
        return "unknown"
    except UsageError as error:
        return "closed" if "not published" in str(error) else str(error)
    except LLMNumbersError as error:
        return str(error)


def is_right(case: dict[str, str]) -> bool:
    given = answer(case["id"])
    if not given.isdecimal() or not case["billions"][0].isdecimal():
        return given == case["billions"]
    wanted = float(case["billions"])
    return abs(int(given) / 1e9 - wanted) <= 0.01 * wanted


def test_the_ids_that_people_paste_are_answered_or_refused_for_the_right_reason() -> None:
    cases = pasted()
    assert len(cases) >= 180
    wrong = [(case["id"], answer(case["id"]), case["billions"]) for case in cases if not is_right(case)]
    assert len(wrong) <= 0.05 * len(cases), wrong


def test_gemma_4_of_two_and_four_billion_is_counted_to_the_parameter() -> None:
    """The Hub counts 5,123,178,051 and 7,996,156,490 (llmfit 1.1.17): with the audio tower, which we do not.

    It also counts what the last layers store and no engine loads, keys and values with a norm, and a
    scalar of each layer. What is left, the tower, is the same in both but for the width that it ends in.
    """
    e2b, e4b = (find_model(f"google/gemma-4-{size}-it") for size in ("E2B", "E4B"))
    # 16 and 15 of the layers with a window, 4 and 3 of the full ones, use the cache of another.
    unused = {
        "E2B": 16 * (2 * 256 * 1536 + 256) + 4 * (2 * 512 * 1536 + 512) + 35,
        "E4B": 15 * (2 * 512 * 2560 + 256) + 3 * (2 * 1024 * 2560 + 512) + 42,
    }
    audio_2 = 5_123_178_051 - e2b.architecture.params - unused["E2B"]
    audio_4 = 7_996_156_490 - e4b.architecture.params - unused["E4B"]
    assert audio_4 - audio_2 == (2560 - 1536) * 1536
    assert gpu_fit("gemma-4-e4b", gpu="L4", context_tokens=131_072)["kv_cache_bytes"].value == (
        4 * 131_072 * 2 * 2 * 512 * 2 + 20 * 512 * 2 * 2 * 256 * 2
    )
