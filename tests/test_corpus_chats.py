"""A corpus of chats, and of rows with several fields: exactly their texts, with each model's own frames."""

from __future__ import annotations

import io
import json
import math

import pytest
from corpora import DOCUMENTS, by_tiktoken

from ipython_llmnumbers import count_corpus, estimate_cost
from ipython_llmnumbers.corpus.count import Asked
from ipython_llmnumbers.corpus.count import count_corpus as count
from ipython_llmnumbers.errors import FileError, UsageError

pytestmark = pytest.mark.usefixtures("openai_files")
MODEL = "gpt-4o"


def rows_in(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def user(text):
    return {"role": "user", "content": text}


def by_cookbook(chats, encoding="o200k_base"):
    """OpenAI cookbook, Chat_finetuning_data_prep: 3 tokens a message and a chat, every value, 1 a name."""
    values = [value for messages in chats for message in messages for value in message.values()]
    names = sum("name" in message for messages in chats for message in messages)
    frames = sum(3 + 3 * len(messages) for messages in chats) + names
    return frames + sum(by_tiktoken(values, encoding))


# -- published totals -----------------------------------------------------------------------------

HAPPY = {"role": "system", "content": "You are a happy assistant that puts a positive spin on everything."}
TENNIS = [
    *("I lost my tennis match today.", "It's ok, it happens to everyone.", "But I trained so hard!"),
    *("It will pay off next time.", "I'm going to switch to golf.", "Golf is fun too!"),
    *("I don't even know how to play golf.", "It's easy to learn!"),
]
# openai/openai-cookbook, examples/data/toy_chat_fine_tuning.jsonl: 27,385 bytes.
TOY = [
    [HAPPY, user("I fell off my bike today."), "It's great that you're getting exercise outdoors!"],
    [HAPPY, *(user(text) if n % 2 == 0 else text for n, text in enumerate(TENNIS))],
    [user("I lost my book today."), "You can read everything on ebooks these days!"],
    [HAPPY, "You're great!"],
    [HAPPY, user("I'm hungry."), "Eat a banana!" * 2000],
]
TOY = [
    [{"role": "assistant", "content": each} if isinstance(each, str) else each for each in chat]
    for chat in TOY
]


def test_the_cookbook_s_file_to_fine_tune_with(tmp_path):
    """Chat_finetuning_data_prep.ipynb: "Dataset has ~4306 tokens", whose last example, which is longer,
    has the most that was trained on then, 4096."""
    path = rows_in(tmp_path / "toy.jsonl", [{"messages": chat} for chat in TOY])
    assert (tmp_path / "toy.jsonl").stat().st_size == 27_385
    whole = count_corpus(path, model="gpt-3.5-turbo")
    assert whole["tokens"].value == by_cookbook(TOY, "cl100k_base")
    assert not whole["tokens"].has_range
    path = rows_in(tmp_path / "short.jsonl", [{"messages": chat} for chat in TOY[:4]])
    short = count_corpus(path, model="gpt-3.5-turbo")
    assert short["tokens"].value == 4306 - 4096
    assert (whole["documents"].value, whole["frame_tokens"].value) == (5, 3 * 5 + 4 * 19)
    assert whole["text_tokens"].value == whole["tokens"].value - whole["frame_tokens"].value


SYSTEM = (
    "You are an assistant that answers professional questions as a professional Endocrinologist "
    "according to the input .XPT dataset LBXTR (Triglyceride (mg/dL)) and LBDLDL(LDL-cholesterol "
    "(mg/dL)) columns specifically. Also, refer to the scientific paper file starting with doi:. If "
    "the user is asking a question related to level conversion, perform a data analysis first to "
    "find the correlation between these two data sets and predict the user's input data with linear "
    "regression. If the user is asking a correlation question, refer to the paper."
)
TURNS = [
    (
        "If I have an LDL level of 135 mg/dL, what should be my expected Triglyceride level",
        "It is highly likely that your high LDL level will come with a high Triglyceride level with"
        " ${YOUR_PREDICTED_VALUE_OF_TRIGLYCERIDE_LEVEL}",
    ),
    (
        "If I have a Triglyceride level of 160 mg/dL, what should be my expected LDL level",
        "It is highly likely that your high Triglyceride level will come with a high LDL level with"
        " ${YOUR_PREDICTED_VALUE_OF_LDL_LEVEL}",
    ),
    (
        "If I have a high Triglyceride level, should I expect a high LDL level",
        "It is highly likely that your high Triglyceride level will come with a high LDL level.",
    ),
]


def test_a_data_set_whose_total_was_published(tmp_path):
    """Liu-Qiming/iTRI-QA, utils/README.md: its msg1.jsonl "has ~546 tokens", an example 170 to 190."""
    rows = [
        {
            "messages": [
                {"role": "system", "content": SYSTEM},
                user(question),
                {"role": "assistant", "content": answer},
            ]
        }
        for question, answer in TURNS
    ]
    corpus = count_corpus(rows_in(tmp_path / "msg1.jsonl", rows), model="gpt-3.5-turbo")
    assert corpus["tokens"].value == 546
    frames = 3 + 3 * 4
    assert corpus["tokens_max"].value == 190 - frames


# -- the shapes that chats come in ------------------------------------------------------------------

TEXTS = ("Be brief.", "What is a token?", "A piece of text.")
MESSAGES = [
    {"role": role, "content": text} for role, text in zip(("system", "user", "assistant"), TEXTS, strict=True)
]
SHAREGPT = [{"from": one, "value": text} for one, text in zip(("system", "human", "gpt"), TEXTS, strict=True)]
CLAUDE = {"model": "claude-sonnet-4-5", "max_tokens": 9, "system": TEXTS[0], "messages": MESSAGES[1:]}
GOOGLE = {
    "systemInstruction": {"role": "system", "parts": [{"text": TEXTS[0]}]},
    "contents": [
        {"role": "user", "parts": [{"text": TEXTS[1]}]},
        {"role": "model", "parts": [{"text": TEXTS[2]}]},
    ],
}
SHAPES = {
    "openai": {"messages": MESSAGES},
    # huggingface/trl#1777, HuggingFaceH4/ultrachat_200k: a prompt and its id stand beside the messages.
    "ultrachat": {"prompt": TEXTS[1], "prompt_id": "f0e3", "messages": MESSAGES},
    "mixed parts": {
        "messages": [{**one, "content": [{"type": "text", "text": one["content"]}]} for one in MESSAGES]
    },
    # Tencent/AngelSlim#7: from and value where role and content were looked for.
    "sharegpt": {"id": "QWJhYvA_0", "conversations": SHAREGPT},
    # Tencent/AngelSlim#345: the system prompt of a ShareGPT record stands beside its turns.
    "sharegpt, system": {"conversations": SHAREGPT[1:], "system": TEXTS[0], "tools": "[]"},
    # NVIDIA-NeMo/Automodel#2375: OpenAI's turns in a column called conversations.
    "mixed names": {"conversations": MESSAGES},
    "lmsys": {"conversation_id": "3f", "model": "vicuna-13b", "conversation": MESSAGES, "turn": 1},
    "openai batch": {
        "custom_id": "r-1",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "gpt-4o", "messages": MESSAGES},
    },
    "responses batch": {
        "custom_id": "r-1",
        "method": "POST",
        "url": "/v1/responses",
        "body": {"model": "gpt-4o", "instructions": TEXTS[0], "input": MESSAGES[1:]},
    },
    "anthropic batch": {"custom_id": "r-1", "params": CLAUDE},
    "bedrock": {"recordId": "r-1", "modelInput": CLAUDE},
    "gemini batch": {"key": "r-1", "request": GOOGLE},
    "vertex tuning": GOOGLE,
    # openai/evals, docs/build-eval.md: a sample of an evaluation.
    "evals": {"input": MESSAGES, "ideal": "A piece of text."},
    "preferences": {"input": {"messages": MESSAGES, "tools": []}, "preferred_output": []},
    # headroomlabs-ai/headroom#2472: clients write the keys that a message does not have as null.
    "nulls": {"messages": [{**one, "name": None, "tool_calls": None} for one in MESSAGES], "tools": None},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_chat_is_found_and_counted_in_every_shape(tmp_path, shape):
    other = json.loads(json.dumps(SHAPES[shape]).replace("brief", "as brief as you can"))
    path = rows_in(tmp_path / "rows.jsonl", [SHAPES[shape], other])
    corpus = count_corpus(path, model=MODEL)
    longer = [{**MESSAGES[0], "content": "Be as brief as you can."}, *MESSAGES[1:]]
    assert corpus["tokens"].value == by_cookbook([MESSAGES, longer])
    assert (corpus["documents"].value, corpus["bad_rows"].value) == (2, 0)
    assert corpus["text_bytes"].value == sum(map(len, TEXTS)) * 2 + len("as ") + len(" as you can")
    assert not [note for note in corpus.notes if note.level == "warning"]


@pytest.mark.parametrize(
    "model", [MODEL, "gpt-3.5-turbo", "claude-sonnet-4-5", "llama-3.1-8b", "mistral-large"]
)
def test_a_corpus_of_chats_has_the_frames_of_its_prompts(tmp_path, model):
    """One rule for a prompt and for a million of them; where it is not published, its range."""
    chats = [MESSAGES, [user("Hi"), {"role": "tool", "content": "42"}], [{**user("Hi"), "name": "Ann"}]]
    corpus = count_corpus(
        rows_in(tmp_path / "rows.jsonl", [{"messages": chat} for chat in chats]), model=model
    )
    frames = [estimate_cost(chat, model=model)["frame_tokens"] for chat in chats]
    found = corpus["frame_tokens"]
    for end in ("low", "value", "high"):
        assert getattr(found, end) == sum(getattr(each, end) for each in frames), end


@pytest.mark.parametrize("write", [lambda row: row, json.dumps], ids=["object", "text"])
def test_one_sharegpt_chat_is_a_prompt_as_well(write):
    cost = estimate_cost(write({"conversations": SHAREGPT}), model=MODEL)
    assert cost["input_tokens"].value == by_cookbook([MESSAGES])


def test_chats_are_what_is_processed_and_texts_what_is_embedded(tmp_path):
    corpus = count_corpus(rows_in(tmp_path / "rows.jsonl", [SHAPES["openai"]] * 1000), model=MODEL)
    assert corpus["input_usd"].value * 400_000 == corpus["tokens"].value  # $2.50 for a million
    embedded = 1000 * sum(by_tiktoken(TEXTS, "cl100k_base"))
    assert corpus["embed_usd"].value * 50_000_000 == embedded  # $0.02


# -- tables -----------------------------------------------------------------------------------------


def parquet(rows):
    from pyarrow import Table
    from pyarrow import parquet as pq

    out = io.BytesIO()
    pq.write_table(Table.from_pylist(rows), out, row_group_size=2)
    return out.getvalue()


def arrow(rows, new):
    import pyarrow as pa

    table, out = pa.Table.from_pylist(rows), io.BytesIO()
    with getattr(pa.ipc, new)(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return out.getvalue()


TABLES = {
    "rows.parquet": parquet,
    "rows.arrow": lambda rows: arrow(rows, "new_file"),
    "stream.arrow": lambda rows: arrow(rows, "new_stream"),
}


@pytest.mark.parametrize("form", TABLES)
@pytest.mark.parametrize(
    "shape",
    ["openai", "ultrachat", "sharegpt", "sharegpt, system", "openai batch", "anthropic batch", "evals"],
)
def test_a_column_of_chats_in_a_table(tmp_path, form, shape):
    (tmp_path / form).write_bytes(TABLES[form]([SHAPES[shape]] * 5))
    corpus = count_corpus(str(tmp_path / form), model=MODEL)
    assert corpus["tokens"].value == by_cookbook([MESSAGES] * 5)


def test_a_field_within_a_column_of_requests_has_its_system_prompt(tmp_path):
    (tmp_path / "rows.parquet").write_bytes(parquet([SHAPES["anthropic batch"]] * 5))
    corpus = count_corpus(str(tmp_path / "rows.parquet"), field="params.messages", model=MODEL)
    assert corpus["tokens"].value == by_cookbook([MESSAGES] * 5)


def tables_in_memory(rows):
    import pandas as pd
    import pyarrow as pa

    yield pd.DataFrame(rows)
    yield pa.Table.from_pylist(rows)
    if all("messages" in row for row in rows):
        yield pd.Series([row["messages"] for row in rows])
        yield pa.array([row["messages"] for row in rows])
    try:
        import polars
    except ImportError:
        return
    yield polars.DataFrame(rows)


@pytest.mark.parametrize("shape", ["openai", "ultrachat", "sharegpt, system", "openai batch"])
def test_a_table_of_chats_in_memory(shape):
    for table in tables_in_memory([SHAPES[shape]] * 5):
        corpus = count_corpus(table, model=MODEL)
        assert corpus["tokens"].value == by_cookbook([MESSAGES] * 5), type(table)


def test_a_table_of_chats_from_a_parquet_file_of_pandas(tmp_path):
    """pandas reads a list of objects as an array of numpy's."""
    import pandas as pd

    (tmp_path / "rows.parquet").write_bytes(parquet([SHAPES["openai"]] * 5))
    frame = pd.read_parquet(tmp_path / "rows.parquet")
    assert count_corpus(frame, model=MODEL)["tokens"].value == by_cookbook([MESSAGES] * 5)


def test_a_data_set_of_chats_of_hugging_face():
    datasets = pytest.importorskip("datasets")
    value = datasets.Dataset.from_list([SHAPES["ultrachat"]] * 5)
    assert count_corpus(value, model=MODEL)["tokens"].value == by_cookbook([MESSAGES] * 5)


# -- what is no text --------------------------------------------------------------------------------

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Bonn"}'}}
PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}


# open-jarvis/OpenJarvis#608: a turn of calls alone added nothing to the total, and nothing was said of it.
# ericc-ch/copilot-api#21, Azure/azure-openai-benchmark#59: its content is null, which made counters fail.
def test_what_is_no_text_is_told_and_the_total_is_at_least(tmp_path):
    rows = [
        {"messages": [user("Weather?"), {"role": "assistant", "content": None, "tool_calls": [CALL]}]},
        {"messages": [user([{"type": "text", "text": "What is it?"}, PICTURE, PICTURE])]},
        {"messages": [user([PICTURE])]},
        {"messages": [user("Weather?")], "tools": [WEATHER]},
        {"messages": [user("Weather?")], "tools": json.dumps([WEATHER])},
        {"messages": [user("Weather?")], "functions": WEATHER},
        {"messages": [user("hi"), {"role": "assistant", "content": None}]},
    ]
    corpus = count_corpus(rows_in(tmp_path / "rows.jsonl", rows), model=MODEL)
    texts = ["Weather?", "What is it?", *["Weather?"] * 3, "hi"]
    assert corpus["text_tokens"].value == sum(by_tiktoken(texts))
    assert corpus["frame_tokens"].value == 7 * 3 + 9 * 4
    assert (corpus["tokens"].value, corpus["tokens"].high) == (
        corpus["text_tokens"].value + corpus["frame_tokens"].value,
        math.inf,
    )
    (note,) = [note.text for note in corpus.notes if note.level == "warning"]
    assert note == (
        "not counted: tools' calls and results in 1 row, images in 2 rows, tools in 3 rows;"
        " the total is at least what is shown"
    )
    assert str(corpus).startswith(f"at least {corpus['tokens'].value} tokens")


def test_chats_of_pictures_alone_are_documents_without_text(tmp_path):
    path = rows_in(tmp_path / "rows.jsonl", [{"messages": [user([PICTURE])]}] * 3)
    corpus = count_corpus(path, model=MODEL)
    assert (corpus["documents"].value, corpus["text_tokens"].value, corpus["tokens"].value) == (3, 0, 3 * 7)


# ai-dynamo/aiperf#828: one turn that is no object ended the reading of a whole data set.
def test_a_chat_that_cannot_be_read_is_a_bad_row(tmp_path):
    rows = [
        {"messages": MESSAGES},
        {"messages": []},
        {"messages": [user("hi"), "no object"]},
        {"messages": [{"role": "user"}]},
        {"messages": None},
        {"other": MESSAGES},
    ]
    corpus = count_corpus(rows_in(tmp_path / "rows.jsonl", rows), model=MODEL)
    assert corpus["tokens"].value == by_cookbook([MESSAGES])
    assert corpus.details.bad_rows == {
        "the field holds no text": 1,
        "its messages cannot be read": 1,
        "the field is empty (null)": 1,
        "the field is not there": 1,
    }


# -- lengths and samples ----------------------------------------------------------------------------


def test_lengths_are_those_of_the_text_and_say_so(tmp_path):
    corpus = count_corpus(rows_in(tmp_path / "rows.jsonl", [{"messages": chat} for chat in TOY]), model=MODEL)
    texts = [sum(by_tiktoken([one["content"] for one in chat])) for chat in TOY]
    assert corpus["tokens_max"].value == max(texts)
    assert corpus["tokens_mean"].value == sum(texts) / len(texts)
    assert "text alone" in corpus["tokens_p50"].note
    assert any("without the frames" in note.text for note in corpus.notes)


def test_processes_add_up_the_frames(tmp_path):
    rows = [{"messages": [user(text)] * (1 + n % 3)} for n, text in enumerate(DOCUMENTS * 60)]
    path = rows_in(tmp_path / "rows.jsonl", rows)
    corpus = count_corpus(path, model=MODEL, workers=2)
    n_messages = sum(len(row["messages"]) for row in rows)
    assert corpus.details.workers == 2
    assert corpus["frame_tokens"].value == 3 * len(rows) + 4 * n_messages
    lengths = by_tiktoken(DOCUMENTS) * 60
    assert corpus["text_tokens"].value == sum(
        n * len(row["messages"]) for n, row in zip(lengths, rows, strict=True)
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_sample_tells_the_frames_of_the_whole(tmp_path, monkeypatch, seed):
    monkeypatch.setattr("ipython_llmnumbers.corpus.count._SEED", seed)
    chats = [
        [user(text), {"role": "assistant", "content": text}] * (1 + n % 5) for n, text in enumerate(DOCUMENTS)
    ]
    path = rows_in(tmp_path / "rows.jsonl", [{"messages": chat} for chat in chats * 40])
    n_messages = 40 * sum(map(len, chats))
    result = count(Asked((path,), ("o200k_base",), sample=0.2, n_workers=1))
    assert result.sampled_size < result.size
    low, likely, high = result.chats["messages"]
    assert low <= n_messages <= high
    assert high - low < 0.5 * likely
    corpus = count_corpus(path, model=MODEL, sample=0.2)
    assert corpus["frame_tokens"].low <= 4 * n_messages + 3 * len(chats) * 40 <= corpus["frame_tokens"].high


# -- several fields ---------------------------------------------------------------------------------

ALPACA = [
    {"instruction": "Add them.", "input": "2 and 3", "output": "5"},
    {"instruction": "Name a colour.", "input": "", "output": "Red"},
    {"instruction": "Name a fruit.", "output": "Plum"},
    {"instruction": "Name a fish.", "input": None, "output": "Cod"},
]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet", "rows.arrow", "pandas"])
def test_the_texts_of_several_fields_are_one_document(tmp_path, name):
    texts = [text for row in ALPACA for text in row.values() if text]
    source = str(tmp_path / name)
    if name == "pandas":
        import pandas as pd

        source = pd.DataFrame(ALPACA)
    elif name == "rows.jsonl":
        rows_in(tmp_path / name, ALPACA)
    else:
        (tmp_path / name).write_bytes(TABLES[name](ALPACA))
    corpus = count_corpus(source, field="instruction,input,output", model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken(texts))
    assert (corpus["documents"].value, corpus["bad_rows"].value) == (4, 0)
    longest = max(sum(by_tiktoken([text for text in row.values() if text])) for row in ALPACA)
    assert corpus["tokens_max"].value == longest
    assert [note.text for note in corpus.notes] == [
        "rows counted without the field input, which they lack: 2"
    ]


def test_several_columns_of_csv(tmp_path):
    (tmp_path / "a.csv").write_text('id,prompt,completion\n1,"a, b",hello world\n2,hello\n3\n')
    corpus = count_corpus(str(tmp_path / "a.csv"), field=["prompt", "completion"], model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken(["a, b", "hello world", "hello"]))
    assert corpus.details.bad_rows == {"the field is not there": 1}


def test_a_space_around_the_name_of_a_column_does_not_count(tmp_path):
    (tmp_path / "a.csv").write_text("id, prompt, completion\n1, a b, hello world\n")
    corpus = count_corpus(str(tmp_path / "a.csv"), field="prompt,completion", model=MODEL)
    assert corpus["tokens"].value == sum(by_tiktoken([" a b", " hello world"]))


def test_a_row_needs_one_of_several_fields(tmp_path):
    rows = [{"a": "x", "b": "y"}, {"c": 1}, {"a": None}, {"a": 7, "b": "y"}]
    corpus = count_corpus(rows_in(tmp_path / "a.jsonl", rows), field="a,b", model=MODEL)
    assert corpus["documents"].value == 1
    assert corpus.details.bad_rows == {
        "the field is not there": 1,
        "the field is empty (null)": 1,
        "the field holds no text": 1,
    }


@pytest.mark.parametrize(
    ("row", "field", "error", "words"),
    [
        ({"a": "x", "b": "y"}, None, UsageError, "give field, one or more of a, b"),
        ({"chosen": MESSAGES, "rejected": MESSAGES}, None, UsageError, "one or more of chosen, rejected"),
        ({"a": "x"}, "c,d", FileError, "no field 'c'; its fields: a"),
    ],
)
def test_which_fields_is_asked_in_one_line(tmp_path, row, field, error, words):
    with pytest.raises(error) as caught:
        count_corpus(rows_in(tmp_path / "a.jsonl", [row]), field=field)
    assert words in str(caught.value)


def test_a_column_that_no_table_has_is_an_error(tmp_path):
    (tmp_path / "a.csv").write_text("prompt,completion\na,b\n")
    with pytest.raises(FileError, match="no field 'answer'; its fields: prompt, completion"):
        count_corpus(str(tmp_path / "a.csv"), field="prompt,answer")


def test_two_chats_in_a_row(tmp_path):
    """TRL's preference format: what was chosen, and what was not."""
    row = {"chosen": MESSAGES, "rejected": MESSAGES[:2]}
    corpus = count_corpus(rows_in(tmp_path / "a.jsonl", [row]), field="chosen,rejected", model=MODEL)
    assert corpus["tokens"].value == by_cookbook([MESSAGES, MESSAGES[:2]])
    assert corpus["documents"].value == 1


def test_the_magic_takes_several_fields(tmp_path, shell):
    path = rows_in(tmp_path / "a.jsonl", ALPACA)
    corpus = shell.run_line_magic("tokens", f"--corpus {path} --field instruction,output -m {MODEL}")
    texts = [text for row in ALPACA for text in (row["instruction"], row["output"])]
    assert corpus["tokens"].value == sum(by_tiktoken(texts))
