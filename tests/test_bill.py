"""A provider's usage or cost export beside the ledger: published files, and every bucket to the cent."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import fake_provider
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.utils.capture import capture_output
from recorded_cells import POST

from ipython_llmnumbers.errors import FileError
from ipython_llmnumbers.estimates.ledger.entry import Entry
from ipython_llmnumbers.usage.ledger.bill import read_bill
from ipython_llmnumbers.usage.ledger.reconcile import reconcile

DAY = datetime(2025, 1, 11, tzinfo=UTC)


@pytest.fixture
def saved(tmp_path):
    """A function that saves a text, or JSON, and reads it as a bill."""

    def save(content, name="export"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return read_bill(path)

    return save


def call(at, model, usd, *, vendor="openai", tokens=(1000, 0, 100), listed_as=None):
    """A recorded call with these tokens of input, of that cached, and of output."""
    dollars = None if usd is None else Decimal(usd)
    given, cached, written = tokens
    return Entry(
        kind="call",
        session="s",
        cell="1",
        at=at,
        model=model,
        listed_as=listed_as or model,
        sold_by=vendor,
        how="computed" if usd else "unknown",
        state="complete",
        input_tokens=given,
        input_tokens_low=given,
        input_tokens_high=given,
        cached_tokens=cached,
        output_tokens=written,
        output_tokens_low=written,
        output_tokens_high=written,
        usd=dollars,
        usd_low=dollars,
        usd_high=dollars,
    )


def page(*buckets, has_more=False):
    """A page of OpenAI's: each bucket is a day's start and its results."""
    data = [
        {
            "object": "bucket",
            "start_time": int(start.timestamp()),
            "end_time": int((start + timedelta(days=1)).timestamp()),
            "results": results,
        }
        for start, results in buckets
    ]
    return {"object": "page", "data": data, "has_more": has_more, "next_page": None}


def cost(line_item, value, currency="usd"):
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": currency},
        "line_item": line_item,
        "project_id": None,
    }


def matches(reconciliation):
    return {
        (f"{part.details.start:%m-%d %H:%M}", part.details.model): part.details.match
        for part in reconciliation.parts
    }


# -- published files ------------------------------------------------------------------------

# OpenAI API reference, usage: completions, the example; Anthropic's, messages usage report and cost report.
OPENAI_USAGE = {
    "object": "page",
    "data": [
        {
            "object": "bucket",
            "start_time": 1730419200,
            "end_time": 1730505600,
            "results": [
                {
                    "object": "organization.usage.completions.result",
                    "input_tokens": 1000,
                    "output_tokens": 500,
                    "input_cached_tokens": 800,
                    "num_model_requests": 5,
                    "project_id": None,
                    "user_id": None,
                    "api_key_id": None,
                    "model": None,
                    "batch": None,
                }
            ],
        }
    ],
    "has_more": True,
    "next_page": "AAAAAGdGxdEiJdKOAAAAAGcqsYA=",
}
ANTHROPIC_COST = {
    "data": [
        {
            "ending_at": "2025-08-02T00:00:00Z",
            "results": [
                {
                    "amount": "123.78912",
                    "context_window": "0-200k",
                    "cost_type": "tokens",
                    "currency": "USD",
                    "description": "Claude Opus 5 Usage - Input Tokens",
                    "inference_geo": "global",
                    "model": "claude-opus-5",
                    "service_tier": "standard",
                    "token_type": "uncached_input_tokens",
                    "workspace_id": "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ",
                }
            ],
            "starting_at": "2025-08-01T00:00:00Z",
        }
    ],
    "has_more": True,
    "next_page": "page_MjAyNS0wNS0xNFQwMDowMDowMFo=",
}


def test_the_example_of_openai_s_reference(saved):
    bill = saved(OPENAI_USAGE)
    (row,) = bill.rows
    assert row.tokens == {"input": 1000, "cached": 800, "written": 0, "output": 500}
    assert (row.requests, row.model, row.usd) == (5, None, None)
    assert (row.start, row.end) == (datetime(2024, 11, 1, tzinfo=UTC), datetime(2024, 11, 2, tzinfo=UTC))
    assert "more pages follow" in str(reconcile([], bill))


def test_the_example_of_anthropic_s_reference_is_cents(saved):
    """`"123.45"` is $1.23, says the reference; people took it for dollars (claude-code#51198)."""
    (row,) = saved(ANTHROPIC_COST).rows
    assert row.usd == Decimal("1.2378912")
    assert (row.model, row.start.day, row.end.day) == ("claude-opus-5", 1, 2)


def test_the_cents_of_a_worked_example(saved):
    # langwatch#6977 quotes Anthropic's guide: "41280.000000" is $412.80.
    ANTHROPIC_COST["data"][0]["results"][0]["amount"], before = "41280.000000", "123.78912"
    try:
        (row,) = saved(ANTHROPIC_COST).rows
    finally:
        ANTHROPIC_COST["data"][0]["results"][0]["amount"] = before
    assert row.usd == Decimal("412.8")


def test_the_newer_cost_report_of_anthropic_has_the_same_amounts(saved):
    """`/v1/organizations/analytics/cost`, to which that of the older one points: "123.45" is $1.23."""
    result = {
        "product": "chat",
        "model": "claude-opus-5",
        "cost_type": "tokens",
        "token_type": "output_tokens",
        "currency": "USD",
        "amount": "123.45",
        "list_amount": "123.45",
        "requests": None,
    }
    bucket = {"starting_at": "2026-09-08T00:00:00Z", "ending_at": "2026-09-09T00:00:00Z", "results": [result]}
    (row,) = saved({"data": [bucket], "has_more": False, "next_page": None}).rows
    assert row.usd == Decimal("1.2345")


# openai-cookbook, examples/completions_usage_api.ipynb: the first rows of its costs.
COOKBOOK = [
    (DAY, [cost("ft-gpt-4o-2024-08-06, input", 0.127440), cost("ft-gpt-4o-2024-08-06, output", 0.003090)]),
    (DAY, [cost("assistants api | file search", 0.000271), cost("assistants api | file search", 0.000003)]),
    (DAY + timedelta(days=1), [cost("evals | gpt-4o-mini-2024-07-18, input", 0.028607)]),
]


@pytest.mark.parametrize("as_list", [False, True], ids=["pages", "the cookbook's list of buckets"])
def test_the_costs_of_openai_s_cookbook(saved, as_list):
    bill = saved(page(*COOKBOOK)["data"] if as_list else page(*COOKBOOK))
    found = reconcile([], bill)
    billed = {part.subject: part.figure("billed_usd").value for part in found.parts}
    assert billed == {
        "ft-gpt-4o-2024-08-06": Decimal("0.13053"),
        "assistants api | file search": Decimal("0.000274"),
        "evals | gpt-4o-mini-2024-07-18, input": Decimal("0.028607"),
    }
    assert found.figure("billed_usd").value == found.figure("rest_usd").value == Decimal("0.159411")


# wanlonghenry/aiecon, examples/openai_dashboard_cost_to_aiecon.py and its test: the dashboard's CSV.
DASHBOARD = """\
start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,\
user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source
1790467200,1790553600,2026-09-27T00:00:00+00:00,2026-09-28T00:00:00+00:00,,,,,,,,,,,,,
1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,0.003835980000000000000000000000,usd,,,,,,,\
org-fixture,,Fixture Org,someone@example.com,
1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,0.5,usd,1000,tokens,"gpt-5-nano, input_tokens",\
,key_1,proj_a,org-fixture,Proj A,someone@example.com,
"""


def test_the_costs_that_openai_s_dashboard_exports(saved):
    bill = saved(DASHBOARD, "cost_2026-09-25_2026-09-29.csv")
    assert [(row.model, row.usd) for row in bill.rows] == [
        (None, Decimal("0.00383598")),
        ("gpt-5-nano", Decimal("0.5")),
    ]
    assert bill.n_unread == 0


# nosredna123/genai-devbench, its analysis of completions_usage_2025-10-27: a real export by the minute,
# with two keys in one bucket, and requests as 3.0.
MINUTES = """\
start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,api_key_id,model,input_tokens,\
output_tokens,input_cached_tokens,input_uncached_tokens
1761523800,1761523860,2025-10-27T00:10:00+00:00,2025-10-27T00:11:00+00:00,p,3.0,key_3Q,gpt-4o-mini,4212,1673,0,4212
1761523800,1761523860,2025-10-27T00:10:00+00:00,2025-10-27T00:11:00+00:00,p,3.0,key_Y0,gpt-4o-mini,5904,1419,0,5904
1761523440,1761523500,2025-10-27T00:04:00+00:00,2025-10-27T00:05:00+00:00,p,1.0,key_3Q,gpt-4o-mini,7162,10,1280,5882
"""


def test_the_rows_of_several_keys_are_one_bucket(saved):
    found = reconcile([], saved(MINUTES))
    counts = {part.details.start.minute: part for part in found.parts}
    assert counts[10].figure("billed_input_tokens").value == 10_116
    assert counts[10].figure("billed_output_tokens").value == 3_092
    assert counts[10].figure("billed_calls").value == 6
    assert counts[4].figure("billed_cached_tokens").value == 1_280


# wanlonghenry/aiecon, examples/anthropic_console_usage_to_aiecon.py: the console's columns.
CONSOLE = """\
usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,\
usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,\
usage_output_tokens,web_search_count,inference_geo,speed
2026-07-31,claude-opus-5,key,"Acme, Inc",standard,≤ 200k,109911,2528,0,0,34988,0,global,
"""
# axigatelabs/axigate-finops, internal/importers/anthropic/csv_test.go: made up, in a real export's columns.
CONSOLE_COSTS = """\
usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,\
inference_geo,speed,api_key_id,api_key_status
2026-08-04,Claude Haiku 4.5,Default,demo-key,message,≤ 200k,input_no_cache,0.05,0.05,token,not_available,,\
apikey_01AAA,archived
2026-08-04,Claude Haiku 4.5,Default,demo-key,message,≤ 200k,output,0.02,0.02,token,not_available,,\
apikey_01AAA,archived
2026-08-05,Claude Sonnet 4.5,Default,demo-key,message,≤ 200k,input_cache_read,0.10,1.00,token,not_available,,\
apikey_01AAA,archived
2026-08-05,Claude Opus 4.5,Default,other-key,message,≤ 200k,output,0.30,0.30,token,not_available,,\
apikey_01BBB,archived
"""


def test_the_tokens_that_anthropic_s_console_exports_are_priced_at_their_day(saved):
    """109,911 at $5, 2,528 written at $6.25 and 34,988 at $25 a million: $1.440055."""
    (part,) = reconcile([], saved(CONSOLE)).parts
    assert part.figure("billed_usd").value == Decimal("1.440055")
    assert part.figure("billed_input_tokens").value == 109_911 + 2_528


def test_the_costs_that_anthropic_s_console_exports_name_models_in_words(saved):
    """What is asked counts, and not the list's price, which is $1.00 for the cache."""
    at = datetime(2026, 8, 4, 9, tzinfo=UTC)
    recorded = [
        call(at, "claude-haiku-4-5-20251001", "0.07", vendor="anthropic", listed_as="claude-haiku-4-5")
    ]
    found = reconcile(recorded, saved(CONSOLE_COSTS))
    assert matches(found) == {
        ("08-04 00:00", "Claude Haiku 4.5"): "agrees",
        ("08-05 00:00", "Claude Sonnet 4.5"): "not recorded",
        ("08-05 00:00", "Claude Opus 4.5"): "not recorded",
    }
    assert found.figure("rest_usd").value == Decimal("0.40")


# -- bucket by bucket -----------------------------------------------------------------------


def test_each_bucket_agrees_or_says_by_how_much_it_differs(saved):
    bill = saved(
        page(
            (DAY, [cost("gpt-4o-2024-08-06, input", 0.0025), cost("gpt-4o-2024-08-06, output", 0.001)]),
            (DAY + timedelta(days=1), [cost("gpt-4o-2024-08-06, input", 1.25)]),
        )
    )
    recorded = [
        call(DAY, "gpt-4o", "0.0035"),
        call(DAY + timedelta(days=1), "gpt-4o", "1.00"),
        call(DAY + timedelta(days=1, hours=23, minutes=59), "gpt-4o", "0.20"),
        call(DAY, "o3", "0.5"),
        call(DAY, "claude-opus-5", "7", vendor="anthropic"),
        call(DAY - timedelta(seconds=1), "gpt-4o", "9"),
        call(DAY + timedelta(days=2), "gpt-4o", "9"),
    ]
    found = reconcile(recorded, bill)
    assert matches(found) == {
        ("01-11 00:00", "gpt-4o-2024-08-06"): "agrees",
        ("01-12 00:00", "gpt-4o-2024-08-06"): "differs",
        ("01-11 00:00", "o3"): "not billed",
    }
    values = [found.figure(name).value for name in ("billed_usd", "recorded_usd", "rest_usd")]
    assert values == [Decimal("1.2535"), Decimal("1.7035"), Decimal("-0.45")]
    text = str(found)
    assert "−$0.45 unexplained  of $1.25 billed · 1 of 3 buckets agree" in text
    assert "Unexplained rest" in text
    assert "recorded calls outside the bill's time: 2" in text


@pytest.mark.parametrize(
    ("billed", "match"),
    [("0.0149", "agrees"), ("0.0051", "agrees"), ("0.0151", "differs"), ("0.0049", "differs")],
)
def test_agreeing_is_to_the_cent(saved, billed, match):
    found = reconcile(
        [call(DAY, "gpt-4o", "0.01")], saved(page((DAY, [cost("gpt-4o, input", float(billed))])))
    )
    assert [part.details.match for part in found.parts] == [match]


def test_a_bill_of_tokens_that_no_table_prices_says_so(saved):
    usage = json.loads(json.dumps(OPENAI_USAGE))
    usage["data"][0]["results"][0]["model"] = "ft:unheard-of"
    text = str(reconcile([], saved(usage)))
    assert text.startswith("no table prices what is billed")
    assert "unknown unexplained" not in text


@pytest.mark.parametrize(("cached", "match"), [(800, "agrees"), (0, "differs")])
def test_of_a_bill_of_tokens_each_count_must_agree(saved, cached, match):
    usage = json.loads(json.dumps(OPENAI_USAGE))
    usage["data"][0]["results"][0]["model"] = "gpt-4o-2024-08-06"
    at = datetime(2024, 11, 1, 12, tzinfo=UTC)
    # 200 at $2.50, 800 at $1.25 and 500 at $10 a million.
    found = reconcile([call(at, "gpt-4o", "0.0065", tokens=(1000, cached, 500))], saved(usage))
    assert [part.details.match for part in found.parts] == [match]
    assert found.figure("billed_usd").value == Decimal("0.0065")


def test_a_bill_that_sums_over_models_is_held_against_all_of_them(saved):
    recorded = [call(DAY, "gpt-4o", "0.25"), call(DAY, "o3", "0.50")]
    found = reconcile(recorded, saved(page((DAY, [cost(None, 0.75)]))))
    assert matches(found) == {("01-11 00:00", None): "agrees"}


@pytest.mark.parametrize(("billed", "match"), [(0.75, "may agree"), (0.80, "may agree"), (0.70, "differs")])
def test_a_call_of_unknown_cost_is_no_agreement(saved, billed, match):
    """It costs something, so that less than the known ones is no bill of both."""
    recorded = [call(DAY, "gpt-4o", "0.75"), call(DAY, "gpt-4o", None)]
    found = reconcile(recorded, saved(page((DAY, [cost("gpt-4o, input", billed)]))))
    assert [part.details.match for part in found.parts] == [match]
    assert found.figure("recorded_usd").is_at_least


@pytest.mark.parametrize(
    ("billed", "match"),
    [(0.22, "may agree"), (0.11, "may agree"), (0.44, "may agree"), (0.10, "differs"), (0.45, "differs")],
)
def test_a_call_of_a_range_agrees_with_nothing_and_may_agree_within_it(saved, billed, match):
    """A stream that was cut off has no usage: its output, and so its dollars, are a range.

    Taken for the final cost, what was measured of it is too little (theam/facility#248).
    """
    cut_off = replace(call(DAY, "gpt-4o", "0.22"), usd_low=Decimal("0.11"), usd_high=Decimal("0.44"))
    found = reconcile([cut_off], saved(page((DAY, [cost("gpt-4o, input", billed)]))))
    assert [part.details.match for part in found.parts] == [match]
    assert (found.figure("agreeing_buckets").value, found.parts[0].details.match) == (0, match)
    recorded, rest = found.figure("recorded_usd"), found.figure("rest_usd")
    assert (recorded.low, recorded.high) == (Decimal("0.11"), Decimal("0.44"))
    ends = (Decimal(str(billed)) - Decimal("0.44"), Decimal(str(billed)) - Decimal("0.11"))
    assert (rest.low, rest.high) == ends
    assert ("−$0.22 to $0.11 unexplained" in str(found)) == (billed == 0.22)


@pytest.mark.parametrize(("written", "match"), [(500, "may agree"), (99, "differs"), (900, "may agree")])
def test_of_a_call_whose_output_is_not_known_the_tokens_are_at_least(saved, written, match):
    at = datetime(2024, 11, 1, 12, tzinfo=UTC)
    usage = json.loads(json.dumps(OPENAI_USAGE))
    usage["data"][0]["results"][0] |= {"model": "gpt-4o", "output_tokens": written}
    known = call(at, "gpt-4o", "0.0025", tokens=(900, 800, 100))
    unknown = replace(
        call(at, "gpt-4o", None, tokens=(100, 0, 0)),
        output_tokens=None,
        output_tokens_low=None,
        output_tokens_high=None,
    )
    (part,) = reconcile([known, unknown], saved(usage)).parts
    assert part.figure("output_tokens").is_at_least
    assert part.details.match == match


def test_a_refused_call_is_on_no_bill(saved):
    refused = replace(call(DAY, "gpt-4o", "0"), how="free", state="refused", usd=Decimal(0))
    found = reconcile([refused], saved(page((DAY, [cost("o3, input", 1)]))))
    assert matches(found) == {("01-11 00:00", "o3"): "not recorded"}


def test_pages_may_be_one_on_each_line_and_the_last_says_whether_more_follow(saved):
    first = page((DAY, [cost("o3, input", 1)]), has_more=True)
    last = page((DAY + timedelta(days=1), [cost("o3, input", 2)]))
    bill = saved(f"{json.dumps(first)}\n{json.dumps(last)}\n")
    assert (sum(row.usd for row in bill.rows), bill.is_partial) == (3, False)
    assert saved(json.dumps(first)).is_partial


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_program_may_have_saved_it_anew(saved, separator):
    text = CONSOLE_COSTS.replace(",", separator)
    assert sum(row.usd for row in saved("\ufeff" + text.replace("\n", "\r\n")).rows) == Decimal("0.47")


def test_what_excel_calls_unicode_text_is_read(tmp_path):
    """Which is UTF-16 with a mark, and tabs."""
    path = tmp_path / "unicode.txt"
    path.write_bytes(CONSOLE_COSTS.replace(",", "\t").replace("\n", "\r\n").encode("utf-16"))
    assert sum(row.usd for row in read_bill(path).rows) == Decimal("0.47")


# A table program in a language with decimal commas saves `0,19`, and parts the columns by semicolons or tabs.
# dannymcc/may#244 and firefly-iii/firefly-iii#4106 were read 100 times too high (10,00 as 1000). 173,900 in a
# file of semicolons: harung1993/dollardollar#55; 1.355,90: deadlocker8/BudgetMaster#731; 1.000 where other
# numbers have a comma: actualbudget/actual#2143; Swiss and Swedish thousands: #4106,
# jagduvi1/Cellarion#437.
@pytest.mark.parametrize(
    ("amounts", "separator", "usd"),
    [
        (("0,19", "0,03", "0,00", "1,67"), ";", "1.89"),
        (("0,19", "0,03", "0,00", "1,67"), "\t", "1.89"),
        (("$0.19", "0.03", "0.00", "1,670.00"), ";", "1670.22"),
        (("1,234", "0,03", "0,00", "1.000,67"), ";", "1001.934"),
        (("1,234", "3", "0", "1"), ";", "5.234"),
        (("173,900", "0", "0", "0"), ";", "173.9"),
        (("1.355,90", "0", "0", "0"), ";", "1355.90"),
        (("1.000", "0,19", "0", "0"), "\t", "1000.19"),
        (("-3.000", "0", "0", "0"), ";", "-3000"),
        (("1'234.50", "0.5", "0", "0"), ";", "1235"),
        (("1 234,56", "0,44", "0", "0"), "\t", "1235"),
        (("1,234", "3", "0", "1"), "\t", "1238"),
        (("1,234", "0.03", "0", "-$1.5"), "\t", "1232.53"),
    ],
)
def test_a_comma_parts_the_fraction_where_the_numbers_of_the_file_say_so(saved, amounts, separator, usd):
    head, *rows = (line.split(",") for line in CONSOLE_COSTS.splitlines())
    for row, amount in zip(rows, amounts, strict=True):
        row[7:9] = [amount, amount]
    bill = saved("\n".join(separator.join(row) for row in (head, *rows)))
    assert sum(row.usd for row in bill.rows) == Decimal(usd)


@pytest.mark.parametrize(
    "amounts",
    [
        *[("0,19", "0.03"), ("1,2,3", "1"), ("1.234.5", "1"), ("1'23", "1"), ("1 2", "1")],
        *[("e5", "1"), (".", "1"), ("-", "1"), ("$", "1"), (".e5", "1"), ("٣", "1")],
    ],
)
def test_an_amount_that_may_be_two_is_refused(saved, amounts):
    rows = [f'2026-08-15,Claude Haiku 4.5,"{amount}"' for amount in amounts]
    with pytest.raises(FileError, match=r"row [12]: cost_usd is"):
        saved("\n".join(["usage_date_utc,model,cost_usd", *rows]))


@pytest.mark.parametrize(
    ("widths_h", "is_refused"), [([1, 24], True), ([24, 168], True), ([24, 24], False), ([24], False)]
)
def test_spans_that_overlap_are_refused_as_they_bill_a_call_twice(saved, widths_h, is_refused):
    """An export by the hour beside one by the day, and one by the day beside one by the week, in one file."""
    start = int(DAY.timestamp())
    buckets = [
        {
            "start_time": start,
            "end_time": start + width * 3_600,
            "results": [{"input_tokens": 1000 + i, "output_tokens": 100, "model": "gpt-4o"}],
        }
        for i, width in enumerate(widths_h)
    ]
    if is_refused:
        with pytest.raises(FileError, match=r"twice: 2025-01-11 00:00–.*; export buckets of one"):
            saved(buckets)
    else:
        assert len(saved(buckets).rows) == len(widths_h)


@pytest.mark.parametrize("parts_of_pages", ["lines", "list"])
def test_a_page_that_was_saved_twice_counts_once(saved, parts_of_pages):
    """The cookbook's loop over `next_page` begins anew with the first page after an error."""
    one = page((DAY, [cost("gpt-4o, input", 0.5)]), (DAY + timedelta(days=1), []))
    two = page((DAY + timedelta(days=2), [cost("gpt-4o, input", 0.25)]))
    pages = [one, one, two]
    found = reconcile([], saved(pages if parts_of_pages == "list" else "\n".join(map(json.dumps, pages))))
    assert found.figure("billed_usd").value == Decimal("0.75")
    assert "buckets that stand in the file twice, counted once: 1" in str(found)


def test_a_row_without_a_model_beside_named_ones_is_not_all_models(saved):
    """The dashboard's row of $0.0038 has no line item; a call of another model is not its."""
    at = datetime(2026, 9, 28, 12, tzinfo=UTC)
    found = reconcile([call(at, "gpt-5-nano", "0.5"), call(at, "o3", "0.25")], saved(DASHBOARD))
    assert {part.subject: part.details.match for part in found.parts} == {
        "no model": "not recorded",
        "gpt-5-nano": "agrees",
        "o3": "not billed",
    }
    assert found.figure("recorded_usd").value == Decimal("0.75")


# -- what is no bill --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            "date,total\n2026-01-01,5\n",
            "no export of usage or costs of OpenAI or Anthropic; its columns: 'date, total'",
        ),
        ("", "is no export of usage or costs"),
        ("{", "is neither JSON nor CSV"),
        ('{"data": []}', "is no export of usage or costs"),
        (page((DAY, [cost("o3, input", 1, "eur")])), "row 1: its amount is in 'eur', not in dollars"),
        (page((DAY, [cost("o3, input", "lots")])), "row 1: amount.value is 'lots'"),
        (CONSOLE.replace("109911", "-5"), "row 1: usage_input_tokens_no_cache is '-5'"),
        (CONSOLE.replace("109911", "1.5"), "row 1: usage_input_tokens_no_cache is '1.5'"),
        (CONSOLE.replace("2026-07-31", "yesterday"), "row 1: usage_date_utc is 'yesterday'"),
        (MINUTES.replace("1761523860", "1761523000"), "row 1: it ends before it begins"),
        ('a,"b\nc', "is neither JSON nor CSV"),
    ],
)
def test_what_is_no_bill_is_one_line(saved, content, words):
    with pytest.raises(FileError) as caught:
        saved(content)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_any_bytes_are_a_bill_or_one_line(content):
    _bill_or_one_line(content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
RESULTS = st.dictionaries(
    st.sampled_from(["model", "input_tokens", "output_tokens", "amount", "line_item", "num_model_requests"]),
    VALUES | st.integers(0, 10**12) | st.fixed_dictionaries({"value": VALUES, "currency": VALUES}),
)


@given(st.lists(RESULTS, max_size=3), VALUES | st.integers(-(10**12), 10**12))
def test_any_results_are_a_bill_or_one_line(results, end):
    page = {"data": [{"start_time": 0, "end_time": end, "results": results}]}
    _bill_or_one_line(json.dumps(page).encode())


def _bill_or_one_line(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bill"
        path.write_bytes(content)
        try:
            said = str(reconcile([], read_bill(path)))
        except FileError as error:
            said = str(error)
            assert "\n" not in said
        assert said


def test_rows_of_another_kind_are_counted(saved):
    content = page((DAY, [cost("o3, input", 1), {"object": "organization.usage.images.result", "images": 3}]))
    assert "rows of another kind, which are not compared: 1" in str(reconcile([], saved(content)))


def test_the_magic_compares_what_was_recorded(shell, tmp_path):
    with fake_provider.fake_provider() as provider, capture_output():
        shell.push({"url": provider.url})
        shell.run_cell(POST)
        shell.run_cell("%%llmcost --run\nfor _ in range(3): post()")
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    usage = {"input_tokens": 300, "input_cached_tokens": 120, "output_tokens": 150, "num_model_requests": 3}
    bucket = {"start_time": int(start.timestamp()), "end_time": int(start.timestamp()) + 2 * 86_400}
    path = tmp_path / "usage.json"
    path.write_text(json.dumps([{**bucket, "results": [{**usage, "model": "gpt-4o"}]}]))
    found = shell.run_line_magic("llmcost", f"--ledger --bill {path}")
    assert [part.details.match for part in found.parts] == ["agrees"]
    assert (found.figure("billed_usd").value, found.figure("rest_usd").value) == (Decimal("0.0021"), 0)
    assert "300 / 300" in str(found)
