"""Public data sets as their cards show them: which field is counted without being asked, and what it is."""

from __future__ import annotations

import gzip
import io
import json

import pytest
from corpora import by_tiktoken

from ipython_llmnumbers import count_corpus
from ipython_llmnumbers.errors import UsageError

pytestmark = pytest.mark.usefixtures("openai_files")
MODEL = "gpt-4o"

TURNS = [{"content": "How can I be brief?", "role": "user"}, {"content": "Say less.", "role": "assistant"}]
SHARED = [{"from": "human", "value": "How can I be brief?"}, {"from": "gpt", "value": "Say less."}]
ASKED, ANSWERED = (turn["content"] for turn in TURNS)
EMOJIS = {"name": ["+1"], "count": [10]}

# The columns and their nesting: https://huggingface.co/datasets/ and the name.
FOUND = {
    "HuggingFaceH4/ultrachat_200k": ({"prompt": ASKED, "prompt_id": "f0e37e9f", "messages": TURNS}, TURNS),
    "stingning/ultrachat": ({"id": "0", "data": [ASKED, ANSWERED]}, [ASKED, ANSWERED]),
    "tatsu-lab/alpaca": ({"instruction": "a", "input": "", "output": "b", "text": ASKED}, [ASKED]),
    "OpenAssistant/oasst1": (
        {
            "message_id": "6ab24d72",
            "parent_id": None,
            "text": ASKED,
            "role": "prompter",
            "lang": "en",
            "review_count": 3,
            "emojis": EMOJIS,
        },
        [ASKED],
    ),
    "lmsys/lmsys-chat-1m": (
        {"conversation_id": "3f", "model": "vicuna-13b", "conversation": TURNS, "turn": 1, "redacted": False},
        TURNS,
    ),
    "allenai/WildChat": (
        {
            "conversation_hash": "c9",
            "model": "gpt-4",
            "conversation": [{**one, "toxic": False} for one in TURNS],
        },
        TURNS,
    ),
    "Open-Orca/SlimOrca": ({"conversations": [{**one, "weight": None} for one in SHARED]}, TURNS),
    "HuggingFaceH4/ultrafeedback_binarized": (
        {"prompt": ASKED, "prompt_id": "b", "chosen": TURNS, "rejected": TURNS, "messages": TURNS},
        TURNS,
    ),
    "HuggingFaceFW/fineweb": (
        {"text": ASKED, "id": "<urn:uuid:e5a3>", "url": "http://a", "language_score": 0.9, "token_count": 6},
        [ASKED],
    ),
    "wikimedia/wikipedia, ja": (
        {
            "id": "5",
            "url": "https://ja.wikipedia.org/wiki/5",
            "title": "アンパサンド",
            "text": "並立助詞「…と…」",
        },
        ["並立助詞「…と…」"],
    ),
    "allenai/c4": ({"text": ASKED, "timestamp": "2019-04-25T12:57:54Z", "url": "https://a"}, [ASKED]),
}
ASKED_FOR = {
    "databricks/databricks-dolly-15k": (
        {"instruction": ASKED, "context": "", "response": ANSWERED, "category": "open_qa"},
        "instruction,context,response",
    ),
    "openai/gsm8k": ({"question": ASKED, "answer": ANSWERED}, "question,answer"),
    "Anthropic/hh-rlhf": ({"chosen": ASKED, "rejected": ANSWERED}, "chosen,rejected"),
    "rajpurkar/squad": (
        {"id": "57", "title": "t", "context": ASKED, "question": "?", "answers": {"text": [ANSWERED]}},
        "context,answers.text",
    ),
}


def as_jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_array(rows):
    return b"\xef\xbb\xbf" + json.dumps(rows, indent=2, ensure_ascii=False).encode()


def as_parquet(rows):
    from pyarrow import Table, parquet

    out = io.BytesIO()
    parquet.write_table(Table.from_pylist(rows), out, row_group_size=1)
    return out.getvalue()


FORMS = {
    "rows.jsonl": as_jsonl,
    "rows.json": as_jsonl,  # its lines tell what it is
    "rows.json.gz": lambda rows: gzip.compress(as_jsonl(rows)),
    "array.json": as_array,
    "array.json.gz": lambda rows: gzip.compress(as_array(rows)),
    "rows.parquet": as_parquet,
}


def tokens_of(texts):
    """Of texts, or of a chat: the cookbook's rule."""
    if isinstance(texts[0], str):
        return sum(by_tiktoken(texts))
    return sum(by_tiktoken([one["content"] for one in texts])) + 3 + 4 * len(texts)


def is_any_json(name, form):
    """A list of texts is no usual field: JSON of such rows may be anything else."""
    return ".json" in form and ".jsonl" not in form and name == "stingning/ultrachat"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FOUND)
def test_the_text_of_a_data_set_is_found(tmp_path, name, form):
    row, texts = FOUND[name]
    (tmp_path / form).write_bytes(FORMS[form]([row, row]))
    asked = {"field": "data"} if is_any_json(name, form) else {}
    corpus = count_corpus(str(tmp_path / form), model=MODEL, **asked)
    assert corpus["tokens"].value == 2 * tokens_of(texts)
    assert (corpus["documents"].value, corpus["bad_rows"].value) == (2, 0)


@pytest.mark.parametrize("form", ["rows.jsonl", "array.json", "rows.parquet"])
@pytest.mark.parametrize("name", ASKED_FOR)
def test_where_several_fields_are_texts_they_are_asked_for(tmp_path, name, form):
    row, field = ASKED_FOR[name]
    path = tmp_path / form
    path.write_bytes(FORMS[form]([row, row]))
    if form != "array.json":
        with pytest.raises(UsageError, match="several fields hold text; give field, one or more of"):
            count_corpus(str(path))
    corpus = count_corpus(str(path), field=field, model=MODEL)
    assert corpus["tokens"].value == 2 * sum(by_tiktoken([ASKED, ANSWERED]))
    assert corpus["documents"].value == 2


def test_the_published_count_of_a_row_of_fineweb(tmp_path):
    """Its card, Data Instances: `token_count` by GPT-2's tokenizer."""
    text = (
        "This is basically a peanut flavoured cream thickened with egg yolks and then set into a "
        "ramekin on top of some jam. Tony, one of the Wedgwood chefs, suggested sprinkling on some "
        "toasted crushed peanuts at the end to create extra crunch, which I thought was a great "
        "idea. The result is excellent."
    )
    (tmp_path / "a.parquet").write_bytes(as_parquet([{"text": text, "token_count": 69}]))
    assert count_corpus(str(tmp_path), model="gpt2")["tokens"].value == 69


def test_an_array_whose_fields_nobody_names_is_text_and_says_so(tmp_path):
    rows = [
        {"instruction": "a", "input": "", "output": "b"}
    ] * 3  # tatsu-lab/stanford_alpaca, alpaca_data.json
    path = tmp_path / "alpaca_data.json"
    path.write_text(json.dumps(rows))
    corpus = count_corpus(str(path), model=MODEL)
    assert corpus["tokens"].value == by_tiktoken([path.read_text()])[0]
    assert [note.text for note in corpus.notes] == [
        "JSON is counted as text, with its marks; field counts its fields"
    ]
    named = count_corpus(str(path), field="instruction,output", model=MODEL)
    assert (named["tokens"].value, named["documents"].value) == (6, 3)


def test_an_array_is_read_to_where_it_breaks(tmp_path):
    rows = [{"text": f"{n} {ASKED}"} for n in range(50_000)]  # some megabytes: more than is held at once
    written = json.dumps([*rows[:10], {"text": None}, *rows[10:]])
    (tmp_path / "whole.json").write_text(written)
    whole = count_corpus(str(tmp_path / "whole.json"), model=MODEL)
    assert whole["tokens"].value == sum(by_tiktoken([row["text"] for row in rows]))
    assert whole.details.samples["the field is empty (null)"] == (f"{tmp_path / 'whole.json'}, row 10",)
    (tmp_path / "cut.json").write_text(written[: len(written) // 2])
    cut = count_corpus(str(tmp_path / "cut.json"), model=MODEL)
    assert 0.49 * len(rows) < cut["documents"].value < 0.51 * len(rows)
    assert any("broken, counted up to there" in note.text for note in cut.notes)


def test_a_chat_that_a_table_holds_as_json(tmp_path):
    import csv

    with (tmp_path / "log.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "messages"), (1, json.dumps(TURNS)), (2, "[not JSON"), (3, "Hi")])
    corpus = count_corpus(str(tmp_path / "log.csv"), model=MODEL)
    assert corpus["tokens"].value == tokens_of(TURNS) + sum(by_tiktoken(["[not JSON", "Hi"]))


# openai/openai-python, a batch's lines: https://platform.openai.com/docs/guides/batch
@pytest.mark.parametrize(
    ("url", "body", "tokens"),
    [
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "hello world"}, 2),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": ["hello", "hello world"]}, 3),
        ("/v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "hello world"}, 2),
        ("/v1/responses", {"model": "gpt-4o", "input": "hello world"}, 2 + 3 + 4),
    ],
)
def test_a_batch_of_requests_that_are_no_chats(tmp_path, url, body, tokens):
    row = {"custom_id": "r-1", "method": "POST", "url": url, "body": body}
    (tmp_path / "batch.jsonl").write_bytes(as_jsonl([row, row]))
    assert count_corpus(str(tmp_path), model=MODEL)["tokens"].value == 2 * tokens


def test_a_log_that_begins_with_what_describes_it(tmp_path):
    """openai/evals, its recorders: the first line is the run, the others are events."""
    rows = [
        {"spec": {"completion_fns": ["gpt-4"], "eval_name": "test"}},
        {"run_id": "23", "event_id": 0, "type": "sampling", "data": {"prompt": TURNS, "sampled": ["x"]}},
    ]
    (tmp_path / "log.jsonl").write_bytes(as_jsonl(rows))
    for asked in ({}, {"field": "data.prompt"}):
        corpus = count_corpus(str(tmp_path), model=MODEL, **asked)
        assert corpus["tokens"].value == tokens_of(TURNS)
        assert corpus.details.bad_rows == {"the field is not there": 1}


# haotian-liu/LLaVA, docs/Finetune_Custom_Data.md: the picture stands beside the conversation.
def test_a_picture_beside_a_conversation_is_told(tmp_path):
    row = {"id": "1", "image": "a.jpg", "conversations": [{"from": "human", "value": "<image>\nWhat?"}]}
    (tmp_path / "rows.json").write_text(json.dumps([row, row]))
    corpus = count_corpus(str(tmp_path), model=MODEL)
    assert any(note.text.startswith("not counted: images in 2 rows") for note in corpus.notes)
