"""Numbers of estimates that the displays round or hide, by hand or from the source named above the test."""

from __future__ import annotations

import json

import nbformat
import pytest

from ipython_llmnumbers import count_tokens, estimate_cost, gpu_train
from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.notebooks.ipython_syntax import annotate


def reached(estimate, name):
    """The first figure of that name among everything that the estimate is made from."""
    return next(each for each in estimate.walk() if each.name == name)


@pytest.mark.parametrize(("seq", "good"), [(1, True), (10**8, True), (10**8 + 1, False), (0, False)])
def test_the_longest_sequence_of_a_training(seq, good):
    if good:
        assert gpu_train("llama-3.1-8b", seq_tokens=seq, gpu="H100").request["seq_tokens"] == seq
    else:
        with pytest.raises(UsageError, match="seq"):
            gpu_train("llama-3.1-8b", seq_tokens=seq, gpu="H100")


def test_norms_of_a_training_are_in_32_bits_or_in_the_weights_16():
    norms = reached(gpu_train("llama-3.1-8b", gpu="H100"), "norm_bytes")
    assert (norms.low, norms.high) == (0, 4)
    assert norms.source is not None


def test_a_gathered_model_is_two_layers_at_least():
    live = reached(gpu_train("llama-3.1-8b", gpu="H100", n_gpus=2, zero_stage=3), "live_params")
    # Llama 3.1 8B: 8,030,261,248 parameters in 32 layers; DeepSpeed's `stage3_max_live_parameters` is 1e9.
    assert (live.low, live.value) == (2 * 8_030_261_248 // 32, 10**9)


def test_a_request_names_what_was_asked():
    cost = estimate_cost("hello", "gpt-4o", output_tokens=200, calls=3)
    assert cost.request["model"] == "gpt-4o"
    assert (cost.request["output_tokens"], cost.request["calls"]) == (200, 3)
    assert count_tokens("hello", "gpt-4o").request["model"] == "gpt-4o"


def test_a_request_says_whether_a_share_is_of_tokens_or_a_percentage():
    asked = estimate_cost("word " * 9, cached="20%", cache_write=5).request
    assert (asked["cached"], asked["cache_write"]) == ("20%", 5)
    assert estimate_cost("word").request["cached"] is None


def test_one_prompt_that_is_too_long_is_this_prompt_and_of_several_the_longest():
    long, short = "word " * 9000, "word"
    for prompts, words in (([long], "this prompt has"), ([short, long], "the longest prompt has")):
        notes = [note.text for note in estimate_cost(prompts, "gpt-4").notes]
        assert any(text.startswith(words) for text in notes), notes


def test_tools_cost_their_names_and_words_at_least_and_their_json_at_most():
    tools = [{"name": "weather", "description": "The weather of a city", "parameters": {"city": "a name"}}]
    asked = {"messages": [{"role": "user", "content": "hello"}], "tools": tools}
    estimate = estimate_cost(asked, "deepseek-v4-pro")
    schema = reached(estimate, "schema_tokens")
    whole = json.dumps(tools[0], indent=4)
    assert schema.high == count_tokens(whole, "deepseek-v4-pro")["tokens"].value
    assert 0 < schema.low < schema.high


def test_an_annotation_counts_cells_from_one_and_names_what_was_asked(tmp_path):
    source, target = tmp_path / "a.ipynb", tmp_path / "b.ipynb"
    ask = 'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi there"}])'
    cells = [nbformat.v4.new_markdown_cell("# Text"), nbformat.v4.new_code_cell(ask)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source)
    found = annotate(str(source), str(target), "gpt-4o")
    assert [part.subject for part in found.parts] == ["cell 2"]
    assert found.request == {"notebook": str(source), "model": "gpt-4o"}
    written = nbformat.read(target, as_version=4).cells
    assert len(written) == 4  # a summary, and a line for the call
    assert not any(cell.source.endswith("\n") for cell in written)
