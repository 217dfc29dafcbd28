"""Every magic in a real ipykernel, as a notebook sees it."""

from __future__ import annotations

import ast
import json

import pytest

CELLS = {
    "llmcost": "%%llmcost -m gpt-4o --out 300 --calls 1000\nhello world",
    "comparison": "%%llmcost -m gpt-4o,claude-opus-5-5,Qwen/Qwen3-8B\nSummarise the text below.",
    "tokens": "%tokens -m gpt-4o Hello, world",
    "tokens cell": "%%tokens -m gpt-4o\nHello,\nworld",
    "gpufit": "%gpufit llama-3.1-8b --gpu 'A100 80GB'",
    "gpufit local": "%gpufit 13B",
    "llmnumbers": "%llmnumbers",
}


@pytest.mark.parametrize("code", CELLS.values(), ids=CELLS)
def test_each_magic_displays_itself_in_every_type(kernel, code):
    data = kernel.result(code)
    assert {"text/plain", "text/html"} <= set(data) <= {"text/plain", "text/html", "text/markdown"}
    assert "<table" in data["text/html"]
    assert "\x1b" not in data["text/plain"]


def test_figures_are_there_by_the_names_that_callers_rely_on(kernel):
    def answer(code):
        kernel.result(code)
        # Not `_`, which IPython leaves alone once a cell has used it.
        shown = kernel.result("import json; json.dumps(Out[max(Out)].to_dict())")["text/plain"]
        return json.loads(ast.literal_eval(shown))

    data = answer(CELLS["llmcost"])["figures"]
    assert {"input_tokens", "output_tokens", "input_usd", "output_usd", "total_usd"} <= set(data)
    assert data["input_tokens"]["value"] == 2
    assert "tokens" in answer(CELLS["tokens"])["figures"]
    fit = answer(CELLS["gpufit"])
    assert {"weights_bytes", "kv_cache_bytes", "overhead_bytes", "free_bytes", "max_context_tokens"} <= set(
        fit["figures"]
    )
    assert fit["verdict"] == "fits"


def test_an_assignment_is_silent_and_keeps_the_estimate(kernel):
    reply, messages = kernel.run("kept = %llmcost -m gpt-4o hello world")
    assert reply["status"] == "ok"
    assert not [m for m in messages if m["msg_type"] in ("execute_result", "display_data", "stream")]
    assert kernel.result("kept['input_tokens'].value")["text/plain"] == "2"
    shown = kernel.result("import json; json.dumps(kept.to_dict())")["text/plain"]
    assert json.loads(ast.literal_eval(shown))["figures"]


def test_explanations_open_in_a_notebook(kernel):
    kernel.run("kept = %llmcost -m gpt-4o hello world")
    data = kernel.result("kept.explain('input_usd')")
    assert "<details" in data["text/html"]
    assert "tokens * usd_per_mtok / 1_000_000" in data["text/plain"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("%%llmcost -m gpt-4p\nx", "nearest: gpt-4"),
        ("%%llmcost --nope\nx", "unknown option '--nope'"),
        ("%%llmcost\n\n", "nothing to count"),
        ("%gpufit nosuch", "unknown model 'nosuch'"),
    ],
)
def test_bad_input_is_one_line_and_the_kernel_goes_on(kernel, code, message):
    lines = kernel.error(code)
    assert len(lines) == 1
    assert message in lines[0]
    assert "\n" not in lines[0]
    assert kernel.result("1 + 1")["text/plain"] == "2"


def test_completion_and_inspection_come_through_the_kernel(kernel):
    kernel.client.complete("%%llmcost -m gpt-4o-mini", 24)
    reply = kernel.client.get_shell_msg(timeout=300)["content"]
    assert "gpt-4o-mini" in reply["matches"]
    assert reply["cursor_start"] == 13
    kernel.client.inspect("%llmcost", 8)
    reply = kernel.client.get_shell_msg(timeout=300)["content"]
    assert "--calls" in reply["data"]["text/plain"]


def test_html_in_a_prompt_is_escaped(kernel):
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    for code in (f"%%tokens -m gpt-4o\n{attack}", f"%%llmcost -m gpt-4o\n{attack}"):
        html = kernel.result(code)["text/html"]
        assert "<script" not in html
        assert "<img" not in html


def test_unload_and_reload_in_a_kernel(kernel):
    kernel.run("%unload_ext ipython_llmnumbers")
    reply, _ = kernel.run("%tokens x")
    assert reply["status"] == "error"
    kernel.run("%load_ext ipython_llmnumbers")
    assert kernel.result("%tokens -m gpt-4o hello world")["text/plain"].startswith("2 tokens  gpt-4o")
