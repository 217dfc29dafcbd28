"""Whatever is written, given or read: an answer, or one line of ours. Nothing else is raised, nothing hangs.

The default run tries a hundred inputs of each kind, the nightly one a thousand; `make fuzz` a million in all.
"""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython.utils.capture import capture_output

from ipython_llmnumbers import count_tokens, estimate_cost, gpu_fit
from ipython_llmnumbers.catalog.hardware.gpus import find_gpu
from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.live.line import live_lines
from ipython_llmnumbers.magics import MAGICS
from ipython_llmnumbers.magics.settings import LLMNumbers
from ipython_llmnumbers.notebooks.ipython_syntax import annotate
from ipython_llmnumbers.probes.prompts import read_parts
from ipython_llmnumbers.probes.prompts.template import read_template

resource = pytest.importorskip("resource", reason="no alarms and limits here")

pytestmark = pytest.mark.no_cover  # the same lines hundreds of times

# Not the speed of an input: that none of them waits for ever.
ALARM_S = 30
# What the process may grow by, whatever it was given.
MOST_GROWTH_KB = 1_000_000

same_shell = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def alarm(_signal, _frame):
    raise TimeoutError(f"no end after {ALARM_S} s")


@contextmanager
def answer_or_line():
    """What is done within may fail with one line of ours, and ends."""
    before = signal.signal(signal.SIGALRM, alarm)
    signal.alarm(ALARM_S)
    try:
        yield
    except LLMNumbersError as error:
        line = str(error)
        if "\n" in line or len(line) > 1_000:
            raise
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True)
def _memory_stays_flat():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH_KB


# -- option lines and cells --------------------------------------------------------------

# They ask the network, write where the line says, or draw widgets: tests of their own try them.
EFFECTS = {
    "ask_provider",
    "update_prices",
    "hub",
    "json",
    "annotate",
    "to",
    "live",
    "sliders",
    "auto",
    "output",
}
MODELS = [
    "gpt-4o",
    "claude-opus-5-5",
    "llama-3.1-8b",
    "13B",
    "Qwen/Qwen3-8B",
    "gemini-2.5-pro",
    "grok-4",
    "o3",
]
NUMBERS = [
    "0",
    "-1",
    "1",
    "8k",
    "1e400",
    "nan",
    "inf",
    "1..2",
    "50%",
    "9" * 400,
    "1,000",
    "0.5",
    "+1",
    "²",
    "٣",
    "0x10",
]
WORDS = st.one_of(
    st.sampled_from(
        [*MODELS, *NUMBERS, "H100", "T4", "vllm", "llama.cpp", "q4_k_m", "fp8", "2026-01-01", "a=1", ""]
    ),
    st.text(max_size=12),
    st.sampled_from(["'", '"', "{x}", "$x", "{", "\\", "--", "-", "a,b", ",", "~/x", "/dev/zero", "x" * 300]),
)


@st.composite
def lines(draw):
    magic = draw(st.sampled_from(MAGICS))
    flags = [flag for option in magic.all_options if option.name not in EFFECTS for flag in option.flags]
    words = []
    for _ in range(draw(st.integers(0, 5))):
        words.append(draw(st.sampled_from(flags) | WORDS))
        if draw(st.booleans()):
            words.append(draw(WORDS))
    return magic.name, draw(st.sampled_from([" ", "  ", "="])).join(words)


TEXTS = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        ["user: hi", "- role: user\n  content: hi", '[{"role": "user", "content": "hi"}]', "{x} {", " "]
    ),
)


@pytest.mark.slow
@same_shell
@given(lines(), st.none() | TEXTS)
def test_any_option_line_and_body(shell, line, body):
    name, words = line
    is_cell = body and name in ("llmcost", "tokens")  # IPython itself refuses an empty cell
    with capture_output(), answer_or_line():
        if is_cell:
            shell.run_cell_magic(name, words, body)
        else:
            shell.run_line_magic(name, words)


@given(lines(), TEXTS, st.sampled_from(["%", "%%"]))
def test_any_line_while_it_is_typed(line, body, marks):
    name, words = line
    with answer_or_line():
        live_lines(f"{marks}{name} {words}\n{body}", LLMNumbers())


# -- messages, templates ----------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS = st.sampled_from(
    [
        *("role", "content", "parts", "type", "text", "name", "tools", "messages", "input", "contents"),
        *(
            "tool_calls",
            "function",
            "arguments",
            "image_url",
            "url",
            "source",
            "data",
            "media_type",
            "detail",
        ),
        *("function_declarations", "system", "output", "mime_type", "file_data", "filename", "format"),
        *("bytes", "json", "thinking", "signature", "response_format", "schema", "properties", "enum"),
        *("anyOf", "items", "required", "description", "tool_choice", "toolConfig", "video_metadata", "fps"),
        *("start_offset", "end_offset", "media_resolution", "level", "config", "title", "input_audio"),
        *read_parts._BY_KEY,
    ]
) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS
    | st.binary(max_size=20)
    | st.sampled_from(
        [
            *(
                "user",
                "assistant",
                "tool",
                "high",
                "MEDIA_RESOLUTION_LOW",
                "image/png",
                "application/pdf",
                "pdf",
            ),
            *(
                "data:image/png;base64,iVBO",
                "data:application/pdf;base64,JVBERi0xLjcK",
                "10s",
                "object",
                "array",
            ),
            *read_parts._BY_TYPE,
        ]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


MESSAGES = st.lists(st.dictionaries(KEYS, VALUES, max_size=5), max_size=4)


@pytest.mark.slow
@given(MESSAGES | VALUES, st.sampled_from(["gpt-4o", "gpt-6-sol", "gemini-3.8-flash", "grok-4"]))
def test_any_value_as_messages(value, model):
    with answer_or_line():
        estimate_cost(value, model)
    with answer_or_line():
        estimate_cost(json.dumps({"messages": value}, default=str), "claude-opus-5-5")


@given(
    st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": VALUES}), min_size=1), VALUES, VALUES
)
def test_any_request(messages, tools, beside):
    asked = {"messages": messages, "tools": tools, "tool_choice": beside, "response_format": beside}
    for model in ("gpt-4o", "claude-opus-4-8", "qwen2.5-vl-7b-instruct"):
        with answer_or_line():
            estimate_cost(asked, model, output_tokens=3, turns=3)


def test_a_value_that_holds_itself_is_one_line():
    loop: dict = {"type": "tool_use"}
    loop["input"] = loop
    for value in (
        [{"role": "user", "content": [loop]}],
        {"messages": [{"role": "user", "content": "x"}], "tools": [loop]},
    ):
        with pytest.raises(LLMNumbersError, match="or holds itself"):
            estimate_cost(value, "gpt-4o")
    deep: list = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(LLMNumbersError):
        estimate_cost([{"role": "user", "content": deep}], "gpt-4o")


@given(st.text(alphabet=st.sampled_from(list("{}!:.[]x0 a")), max_size=40))
def test_any_template(text):
    with answer_or_line():
        read_template(text).fill({"x": 1, "a": [2]})


@given(st.text(max_size=300), st.sampled_from([*MODELS, "text-davinci-003"]))
def test_any_text_is_counted(text, model):
    with answer_or_line():
        assert count_tokens(text, model)["tokens"].value >= 0


@pytest.mark.slow
@given(st.text(max_size=60))
def test_any_name(name):
    for ask in (
        find_price,
        find_gpu,
        lambda word: count_tokens("hi", word),
        lambda word: gpu_fit(word, gpu="T4"),
    ):
        with answer_or_line():
            ask(name)


# -- files ------------------------------------------------------------------------------

PIECES = [
    *("ask(", '"hi"', ")", "x", "=", "f'{x}'", "\n", " ", "def f(", "):", "[", "]", "{", "}", "+", ",", "?"),
    *(
        "client.chat.completions.create(",
        "messages=",
        "model='gpt-4o'",
        "!ls",
        "%time ",
        "await ",
        "lambda x: ",
    ),
    *("%%llmcost -m gpt-4o\n", "```prompt\n", "```", "~~~", "prompt\n"),
]
PYTHON = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=15).map("".join)


@st.composite
def notebooks(draw):
    cell = st.fixed_dictionaries(
        {
            "cell_type": st.sampled_from(["code", "markdown", "raw", "x"]) | SCALARS,
            "source": PYTHON | SCALARS,
        },
        optional={"metadata": VALUES, "outputs": VALUES, "execution_count": SCALARS, "id": SCALARS},
    )
    return draw(
        st.fixed_dictionaries(
            {"cells": st.lists(cell, max_size=4) | SCALARS, "nbformat": st.sampled_from([4, 3, 5, None])},
            optional={"metadata": VALUES, "nbformat_minor": SCALARS, "worksheets": VALUES},
        )
    )


@given(notebooks() | VALUES)
def test_any_notebook(tmp_path_factory, notebook):
    folder = tmp_path_factory.getbasetemp()
    source = folder / "fuzzed.ipynb"
    text = json.dumps(notebook, default=str)
    source.write_text(text, encoding="utf-8")
    with answer_or_line():
        annotate(str(source), str(folder / "fuzzed-out.ipynb"), "gpt-4o", overwrite=True)
    assert source.read_text(encoding="utf-8") == text


TOML_VALUES = st.sampled_from(
    [
        "1",
        "-1",
        "nan",
        "inf",
        "true",
        '"x"',
        "''",
        "[]",
        "{}",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "1e400",
        "0",
        "9" * 400,
    ]
)
TOML_KEYS = st.sampled_from(
    [
        *("model", "name", "checked", "source", "url", "tokenizer", "provider", "memory_gib", "usd_per_hour"),
        *("input_usd_per_mtok", "output_usd_per_mtok", "context_window_tokens", "bf16_tflops", "x"),
    ]
)


@same_shell
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["[[prices]]", "[[gpus]]", "[prices]", "[[x]]"]),
            st.dictionaries(TOML_KEYS, TOML_VALUES, max_size=6),
        ),
        max_size=3,
    )
)
def test_any_table_of_the_user_s(user_table, rows):
    text = "".join(
        f"{head}\n" + "".join(f"{key} = {value}\n" for key, value in row.items()) for head, row in rows
    )
    user_table.write_text(text, encoding="utf-8")
    with answer_or_line():
        estimate_cost("hi", "x")
    with answer_or_line():
        gpu_fit("8B", gpu="x")


LLAMA = {
    "model_type": "llama",
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_attention_heads": 8,
    "num_hidden_layers": 8,
    "num_key_value_heads": 2,
    "vocab_size": 1_000,
    "max_position_embeddings": 4_096,
    "torch_dtype": "bfloat16",
}
DEEPSEEK = {
    **LLAMA,
    "model_type": "deepseek_v3",
    "moe_intermediate_size": 128,
    "q_lora_rank": 64,
    "kv_lora_rank": 32,
    "qk_nope_head_dim": 16,
    "qk_rope_head_dim": 8,
    "v_head_dim": 16,
    "n_routed_experts": 8,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "first_k_dense_replace": 1,
}
GEMMA = {
    **LLAMA,
    "model_type": "gemma3_text",
    "head_dim": 32,
    "sliding_window": 128,
    "sliding_window_pattern": 3,
}
JAMBA = {
    **LLAMA,
    "model_type": "jamba",
    "attn_layer_offset": 1,
    "attn_layer_period": 4,
    "mamba_d_state": 16,
    "mamba_d_conv": 4,
    "mamba_expand": 2,
    "mamba_dt_rank": 16,
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "expert_layer_period": 2,
    "expert_layer_offset": 1,
}
CONFIGS = [
    {**LLAMA, "head_dim": 32, "rope_scaling": None, "tie_word_embeddings": False},
    DEEPSEEK,
    GEMMA,
    JAMBA,
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, -1, 1, 2, 3, 7, 2**31, 10**9, 10**30, 0.5, 1e300, float("inf"), "", "x", "8", "9*(9*full)"]
    ),
    st.lists(st.sampled_from([0, 1, "full_attention", "sliding_attention", None]), max_size=5),
    st.dictionaries(st.sampled_from(["rope_type", "factor", "quant_method", "bits"]), SCALARS, max_size=3),
)


@given(st.sampled_from(CONFIGS), st.data())
def test_any_config_json(tmp_path_factory, config, data):
    names = st.sampled_from(
        [*config, "layer_types", "quantization_config", "text_config", "num_nextn_predict_layers"]
    )
    changed = {**config, **data.draw(st.dictionaries(names, ODD, max_size=3))}
    path = tmp_path_factory.getbasetemp() / "config.json"
    path.write_text(json.dumps(changed), encoding="utf-8")
    engine = data.draw(st.sampled_from([None, "vllm", "llama.cpp", "transformers"]))
    quant = data.draw(st.sampled_from([None, "q4_k_m", "fp8", "int4"]))
    with answer_or_line():
        str(gpu_fit(str(path), gpu="H100", engine=engine, quant=quant))
