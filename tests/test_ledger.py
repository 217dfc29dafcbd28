"""`%llmcost --ledger`: sums by cell, model and day, exports, and that nothing but counts is kept."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import fake_provider
import pandas as pd
import pytest
from recorded_calls import every_entry
from recorded_cells import POST, asking_shell, run

from ipython_llmnumbers.errors import FileError, UsageError
from ipython_llmnumbers.estimates.ledger.entry import Entry
from ipython_llmnumbers.render.layouts import lay_out
from ipython_llmnumbers.usage.ledger.exports import write_csv
from ipython_llmnumbers.usage.ledger.ledger import ledger

ASK = """
ask = [{"role": "user", "content": "Say hello to all of my friends"}]
_ = client.chat.completions.create(model="gpt-4o", messages=ask)
"""


@pytest.fixture
def asking(shell):
    with asking_shell(shell) as asking:
        yield asking


def test_a_cell_has_its_estimate_beside_what_it_cost(asking):
    run(asking, f"%%llmcost --run --out 20{ASK}")
    found = asking.run_line_magic("llmcost", "--ledger")
    (cell,) = found.by("cell")
    # 14 tokens at $2.50 and 20 at $10 a million; the answer says 100, of which 40 at half the price, and 50.
    assert cell["expected_usd"].value == Decimal("0.000235")
    assert cell["recorded_usd"].value == Decimal("0.0007")
    assert round(cell["usd_difference_percent"].value, 1) == Decimal("-66.4")
    assert str(found).startswith("$0.0007  1 recorded call · 100 tokens in, 50 out\n")


def test_a_prompt_that_is_sent_twice_is_not_compared_with_two(asking):
    """As many calls as prompts, and yet no pairs: the other prompt is never sent."""
    create = 'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "%s"}])'
    twice = f"    {create % 'Greet Ann warmly.'}\n"
    never = f'    if os.environ.get("NOT_SET"): {create % "Greet Bob warmly."}\n'
    cell = f"%%llmcost --run --out 20\nimport os\nfor _ in range(len(os.environ) and 2):\n{twice}{never}"
    text = run(asking, cell).outputs[0].data["text/plain"]
    assert "prompts 2 (gpt-4o)" in text
    assert "%" not in text
    (group,) = asking.run_line_magic("llmcost", "--ledger").by("cell")
    assert group["recorded_calls"].value == 2
    assert "usd_difference_percent" not in group


def test_the_sums_of_days_models_and_cells_are_those_of_all(asking):
    run(asking, "%llmcost -m gpt-4o --out 10 hello world")
    run(asking, "%%llmcost --run\npost(); post(model='gpt-4o-2024-08-06')")
    run(asking, "%%llmcost --run\npost('/v1/messages', model='claude-sonnet-4-5')")
    found = asking.run_line_magic("llmcost", "--ledger")
    assert found["recorded_calls"].value == 3
    for kind in ("day", "model", "cell"):
        groups = found.by(kind)
        for name in ("recorded_usd", "estimates_usd"):
            assert sum(group[name].value for group in groups if name in group) == found[name].value
    # The snapshot is the same model.
    assert [group.subject for group in found.by("model")] == ["gpt-4o", "claude-sonnet-4-5"]
    assert found["gpt-4o"]["recorded_calls"].value == 2


def test_in_a_kernel_a_line_has_the_number_of_its_prompt(kernel):
    numbers = []
    with fake_provider.fake_provider() as provider:
        kernel.run(f"url = {provider.url!r}\n{POST}")
        for cell in ("%llmcost -m gpt-4o hello", "%%llmcost -m gpt-4o\nhello", "%%llmcost --run\npost()"):
            reply, _ = kernel.run(cell)
            numbers.append(str(reply["execution_count"]))
    kernel.run("%llmcost --ledger -o kept")
    _, messages = kernel.run("print([entry.cell for entry in kept.details.entries][-3:])")
    (printed,) = (m["content"]["text"] for m in messages if m["msg_type"] == "stream")
    assert printed.strip() == repr(numbers)


def test_a_cell_without_a_call_is_not_in_the_ledger(asking):
    run(asking, "%%llmcost --run\nask = 'Summarise the article in three points.'")
    assert asking.run_line_magic("llmcost", "--ledger").details.entries == ()


def test_several_days_stand_first_with_a_bar_each():
    calls = [entry for entry in every_entry() if entry.state == "complete" and entry.usd]
    later = [replace(call, at=call.at + timedelta(days=1), session="later") for call in calls]
    found = ledger([*calls, *later])
    assert [group.subject for group in found.by("day")] == ["2026-11-26", "2026-11-27"]
    text = str(found)
    assert "Day (UTC)" in text
    assert text.count("█" * 20) == 2
    assert "2026-11-27 cell 7" in text


def test_two_sessions_of_a_day_are_told_apart():
    calls = [entry for entry in every_entry() if entry.state == "complete" and entry.usd][:2]
    others = [replace(call, session="another") for call in calls]
    names = [row[0] for table in lay_out(ledger([*calls, *others])).tables for row in table.rows]
    cells = [name for name in names if "cell" in name]
    assert len(cells) == len(set(cells)) == 2 * len({call.cell for call in calls})
    assert {name.partition(", cell")[0] for name in cells} == {"2026-11-26 session 1", "2026-11-26 session 2"}


@pytest.mark.parametrize("line", ["--ledger extra words", "--ledger --csv kept.csv behind"])
def test_the_ledger_takes_no_text(shell, line):
    with pytest.raises(UsageError, match="--ledger shows what is booked, and takes no text, so not"):
        shell.run_line_magic("llmcost", line)


def test_what_is_written_as_csv_is_said(shell, tmp_path, capsys):
    path = tmp_path / "ledger.csv"
    shell.run_line_magic("llmcost", f"--ledger --csv {path}")
    assert f"llmnumbers: lines written to {path}: 0" in capsys.readouterr().out


@pytest.mark.usefixtures("pyplot")
def test_a_plot_has_a_bar_for_each_row_of_the_first_table():
    calls = [entry for entry in every_entry() if entry.how == "computed"]
    days = [replace(call, at=call.at + timedelta(days=n)) for n, call in enumerate(calls)]
    axes = ledger(days).plot("matplotlib")
    assert len(axes.patches) == len(days)
    assert axes.get_xlabel() == "Cost in $"


def test_of_many_cells_the_last_are_shown_and_all_are_kept():
    entry = every_entry()[0]
    found = ledger([replace(entry, cell=str(n), at=entry.at + timedelta(seconds=n)) for n in range(50)])
    assert "The last 20 of 50 cells" in str(found)
    assert len(found.to_records()) == 50


def test_calls_of_unknown_cost_make_the_total_the_least():
    found = ledger(every_entry())
    assert found["recorded_usd"].is_at_least
    assert "not in the total, which is the least" in str(found)


# -- exports --------------------------------------------------------------------------------


def test_the_csv_file_has_every_field_of_every_line(tmp_path):
    path, entries = tmp_path / "ledger.csv", every_entry()
    write_csv(path, entries)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [each.name for each in fields(Entry)]
    assert [row["model"] for row in rows] == [entry.model or "" for entry in entries]
    assert [Decimal(row["usd"]) for row in rows if row["usd"]] == [
        e.usd for e in entries if e.usd is not None
    ]
    frame = pd.read_csv(path)
    assert frame["usd"].sum() == pytest.approx(float(sum(e.usd for e in entries if e.usd is not None)))
    write_csv(path, entries[:1])  # it is ours
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FileError, match="was not written by this extension"):
        write_csv(path, entries)


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "\tx"])
def test_no_name_becomes_a_formula(tmp_path, name):
    """A model's name is what an answer says (OWASP, CSV injection)."""
    path = tmp_path / "ledger.csv"
    write_csv(path, [replace(every_entry()[0], model=name)])
    (row,) = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    assert row["model"] == f"'{name}"


def test_a_data_frame_has_numbers():
    frame = ledger(every_entry()).to_dataframe()
    assert frame["usd"].dtype == "float64"
    assert frame["input_tokens"].dtype == "Int64"
    assert frame.groupby("listed_as")["usd"].sum()["gpt-4o"] > 0
    assert list(ledger([]).to_dataframe().columns) == [each.name for each in fields(Entry)]


def test_the_json_file_has_the_lines(shell, tmp_path):
    shell.run_line_magic("llmcost", "-m gpt-4o hello")
    path = tmp_path / "ledger.json"
    shell.run_line_magic("llmcost", f"--ledger --json {path} --csv {tmp_path / 'ledger.csv'}")
    (entry,) = json.loads(path.read_text(encoding="utf-8"))["details"]["entries"]
    assert (entry["kind"], entry["model"], entry["usd"]) == ("estimate", "gpt-4o", "0.0000025")
    assert (tmp_path / "ledger.csv").read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--bill x.json", "--bill belongs to --ledger"),
        ("--csv x.csv hello", "--csv belongs to --ledger"),
        ("--spans", "--spans belongs to --ledger"),
        ("--ledger --out 3", "--out has no part in --ledger"),
        ("--ledger --bill /no/such/file.json", "no such file"),
        ("--ledger --csv /no/such/folder/x.csv", "cannot be written"),
    ],
)
def test_wrong_options_are_one_line(shell, line, words):
    with pytest.raises((UsageError, FileError)) as caught:
        shell.run_line_magic("llmcost", line)
    assert words in str(caught.value)


# -- OpenTelemetry ----------------------------------------------------------------------------


@pytest.fixture
def spans():
    """A tracer provider of OpenTelemetry's own SDK, and the spans that it is handed."""
    sdk = pytest.importorskip("opentelemetry.sdk.trace")
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider, exporter


def test_a_call_is_a_span_by_the_semantic_conventions(spans):
    """Names, types and what is part of what: semantic-conventions-genai, docs/gen-ai/gen-ai-spans.md."""
    from opentelemetry.trace import SpanKind, StatusCode

    from ipython_llmnumbers.usage.ledger.spans import send_spans

    provider, exporter = spans
    calls = [entry for entry in every_entry() if entry.kind == "call"]
    assert send_spans(provider.get_tracer("test"), calls) == len(calls)
    sent = exporter.get_finished_spans()
    assert len(sent) == len(calls)
    span = next(each for each in sent if each.name == "chat gpt-4o" and each.status.is_unset)
    assert span.kind is SpanKind.CLIENT
    assert span.parent is None
    started = datetime(2026, 11, 26, 15, tzinfo=UTC)
    assert span.start_time == int(started.timestamp()) * 10**9
    assert span.end_time - span.start_time == 2 * 10**9
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": "gpt-4o",
        "server.address": "llm.example.com",
        "server.port": 443,
        "gen_ai.usage.input_tokens": 1000,
        "gen_ai.usage.cache_read.input_tokens": 400,
        "gen_ai.usage.cache_creation.input_tokens": 200,
        "gen_ai.usage.audio.input_tokens": 5,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.reasoning.output_tokens": 30,
        "gen_ai.usage.audio.output_tokens": 4,
    }
    assert {name: span.attributes.get(name) for name in expected} == expected
    refused = next(each for each in sent if each.status.status_code is StatusCode.ERROR)
    assert refused.attributes["error.type"]
    assert "gen_ai.response.model" not in refused.attributes


def test_the_names_are_in_the_registry_of_the_conventions(spans):
    """What the package `opentelemetry-semantic-conventions` has of them; it lags behind the repository."""
    registry = pytest.importorskip("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")
    from ipython_llmnumbers.usage.ledger.spans import send_spans

    known = {value for name, value in vars(registry).items() if name.startswith("GEN_AI_")}
    if "gen_ai.usage.cache_read.input_tokens" not in known:
        pytest.skip("a registry from before these names")
    provider, exporter = spans
    send_spans(provider.get_tracer("test"), [entry for entry in every_entry() if entry.kind == "call"])
    ours = {name for span in exporter.get_finished_spans() for name in span.attributes}
    # In the repository since 2026, in no release of the package yet.
    newer = {f"gen_ai.usage.{name}" for name in ("audio.input_tokens", "audio.output_tokens")}
    assert {name for name in ours if name.startswith("gen_ai.")} - newer <= known
    assert {name.partition(".")[0] for name in ours} <= {"gen_ai", "server", "error", "openai", "llmnumbers"}


def test_spans_are_handed_over_once(asking, spans, monkeypatch):
    from opentelemetry import trace

    provider, exporter = spans
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    run(asking, "%%llmcost --run\npost(); post()")
    for expected in (2, 2):
        run(asking, "%llmcost --ledger --spans")
        assert len(exporter.get_finished_spans()) == expected
    run(asking, "%%llmcost --run\npost()")
    run(asking, "%llmcost --ledger --spans")
    assert len(exporter.get_finished_spans()) == 3


def test_spans_that_nobody_takes_are_one_line(shell):
    pytest.importorskip("opentelemetry")
    with pytest.raises(UsageError, match="no TracerProvider is set, so that spans would be lost"):
        shell.run_line_magic("llmcost", "--ledger --spans")


# -- what is kept -----------------------------------------------------------------------------

PROMPT, ANSWER = "the-secret-of-the-prompt", "the-secret-of-the-answer"
HEADER, KEY, QUERY = "the-secret-of-a-header", "sk-secret-key-of-the-user", "the-secret-of-a-query"


def test_nothing_that_is_kept_has_a_prompt_an_answer_a_header_or_a_key(asking, tmp_path, monkeypatch):
    """The file, its journal, the key, the exports, the display and what a program gets: all is searched."""
    home = tmp_path / "home"
    monkeypatch.setenv("LLMNUMBERS_FILE", str(home / "llmnumbers.toml"))
    run(asking, f"%config LLMNumbers.ledger = {str(tmp_path / 'ledger.db')!r}")
    cell = f"""%%llmcost --run
import json, os, urllib.request
KEY, prompt = {KEY!r}, {PROMPT!r}
def create(model, messages):
    body = json.dumps({{"model": model, "messages": messages, "user": KEY}}).encode()
    headers = {{"Authorization": f"Bearer {{KEY}}", "X-Own": {HEADER!r}, "Content-Type": "application/json"}}
    request = urllib.request.Request(url + "/v1/chat/completions?key={QUERY}", body, headers)
    return urllib.request.urlopen(request).read()
client.chat.completions.create = create
for name in os.environ:
    asked = [{{"role": "user", "content": f"{PROMPT} {{name}}"}}]
    client.chat.completions.create(model="gpt-4o", messages=asked)
    break
"""
    with asking.user_ns["provider"].behaving(headers={"X-Answer": HEADER}):
        run(asking, cell)
    run(asking, f"%%llmcost -m gpt-4o\n{PROMPT}")
    run(asking, f"%llmcost --ledger -o kept --json {tmp_path / 'l.json'} --csv {tmp_path / 'l.csv'}")
    kept = asking.user_ns["kept"]
    assert kept["recorded_calls"].value == 1
    assert any(entry.template for entry in kept.details.entries)
    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in stored} >= {"ledger.db", "ledger.key", "l.json", "l.csv"}
    contents = {path.name: path.read_bytes().decode("latin-1") for path in stored}
    contents["display"] = str(kept) + json.dumps(kept._repr_mimebundle_()) + repr(kept) + kept.explain()
    contents["records"] = repr(kept.to_records())
    for secret in (PROMPT, ANSWER, HEADER, KEY, QUERY, "Bearer"):
        assert not [name for name, text in contents.items() if secret in text], secret


def test_the_search_would_find_them(asking):
    """Else the test above would pass for a recorder that sees nothing: the provider was sent all of it."""
    run(asking, f"%%llmcost --run\npost(messages=[{{'role': 'user', 'content': {PROMPT!r}}}])")
    assert PROMPT in json.dumps(asking.user_ns["provider"].asked)
