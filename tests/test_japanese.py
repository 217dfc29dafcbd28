"""Japanese as its readers write it: the catalogue, and what the magics show.

The rules are those of Japanese typesetting (JIS X 4051, JLReq) and of the usual style guides for technical
text: full-width brackets, no space between Latin letters and kana, 〜 between the ends of a range.
"""

from __future__ import annotations

import re

import catalogues
import pytest
from babel.messages.pofile import read_po
from IPython.utils.capture import capture_output
from test_golden import CELLS
from test_languages import FURTHER, _in_japanese

KANA = "\u3040-\u30ff\u3400-\u9fff"
FAULTS = {
    # Not behind `%magic`, which is code, nor behind a sign that has spaces on both sides.
    "a space between Latin and Japanese": re.compile(
        rf"[{KANA}、。）」] (?=[A-Za-z{{$])|(?<!\S)(?![%–])[^\s{KANA}]*[A-Za-z0-9}}%)] (?=[{KANA}（「])"
    ),
    "a half-width bracket": re.compile(rf"[{KANA}]\((?!\))|(?<!\()\)[{KANA}]|\([^()]*[{KANA}]"),
    "a dash in a range": re.compile(r"(?<=[0-9}%])–(?=[0-9{$])"),
    "a sign for about or times": re.compile(r"≈|(?<=[0-9}]) ×(?=$|[^ ])"),
    "a space before %": re.compile(r"(?<=[0-9}何]) %"),
    "a word that says another thing": re.compile(
        rf"嘘|何倍安い|GPUに載|[0-9}}]基|GPU\S{{0,8}}枚|\s(?=[、。，．）」])|、、|[{KANA}]\n[{KANA}]"
    ),
}
# No line begins with these, and none ends with those (JIS X 4051).
NOT_FIRST, NOT_LAST = "、。，．）」』】％・ーっゃゅょッャュョ！？", "（「『【¥$"


def faults(text):
    return [f"{name}: {text}" for name, pattern in FAULTS.items() if pattern.search(text)]


def test_every_message_is_written_as_japanese_is():
    path = catalogues.PACKAGE / "locale" / "ja" / "LC_MESSAGES" / "ipython_llmnumbers.po"
    with path.open("rb") as file:
        said = [message.string for message in read_po(file) if message.id and message.string]
    assert len(said) > 1_500
    japanese = [text for text in said if re.search(f"[{KANA}]", text)]
    assert [fault for text in japanese for fault in faults(text)] == []


@pytest.mark.parametrize("name", [*CELLS, *FURTHER])
def test_every_line_that_is_shown_is_written_as_japanese_is(shell, name):
    with capture_output():
        estimate = shell.run_cell(_in_japanese({**CELLS, **FURTHER}[name])).result
    # What is quoted as it was published or typed is as it is; columns are parted by two spaces.
    lines = [line for line in str(estimate).splitlines() if not re.search("https?://|出典|公表", line)]
    cells = [cell for line in lines for cell in re.split(r"\s{2,}", line) if "未訳" not in line]
    assert [fault for cell in cells if re.search(f"[{KANA}]", cell) for fault in faults(cell)] == []
    assert [line for line in lines if re.match(rf"\s*[{NOT_FIRST}]", line)] == []
    assert [line for line in lines if re.search(rf"[{NOT_LAST}]\s*$", line)] == []


def test_yen_and_calls_are_counted_by_myriads(shell):
    with capture_output():
        cell = "%%llmcost --lang ja -m gpt-4o --out 300 --calls 100000000 --rate 150@2026-11-24\nHello"
        shown = str(shell.run_cell(cell).result)
    # 100,000,000 calls at $0.0030025 are $300,250 or 45,037,500 yen.
    assert "1億回" in shown
    assert "4,503万7,500円" in shown
    assert "¥" not in shown
