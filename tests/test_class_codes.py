"""A class without a server: codes that are copied by hand, and the histograms that are drawn from them."""

from __future__ import annotations

import pytest

from ipython_llmnumbers.errors import FileError, UsageError
from ipython_llmnumbers.estimates.classroom.class_answers import read_class
from ipython_llmnumbers.estimates.classroom.codes import hand_in, read_code
from ipython_llmnumbers.estimates.classroom.guesses import read_guesses
from ipython_llmnumbers.estimates.classroom.paper import draw_paper
from ipython_llmnumbers.estimates.classroom.quiz import score_paper
from ipython_llmnumbers.messages import speaking

PAPER = draw_paper(5, 2023)
KEYS = [measure.row.key for measure in PAPER.measures]


def code(name: str, words: str, paper=PAPER) -> str:
    return hand_in(paper, read_guesses(words), name).details.code


@pytest.fixture
def write(tmp_path):
    def write(*lines: str, encoding: str = "utf-8") -> str:
        (tmp_path / "codes.txt").write_text("\n".join(lines), encoding=encoding)
        return str(tmp_path / "codes.txt")

    return write


@pytest.mark.parametrize(
    "words", ["10 7.2 3.3 1 1000000", "1:0.00123", "2:20..60 5:1万..1億", "4:12345678", "3:3.27 5:0.8M"]
)
def test_a_code_says_what_was_answered(words: str) -> None:
    guesses = read_guesses(words)
    handed_in = read_code(code("Aiko", words))
    assert (handed_in.name, handed_in.n_questions, handed_in.seed) == ("Aiko", 5, 2023)
    assert handed_in.paper_id == PAPER.id
    assert handed_in.guesses.keys() == guesses.keys()
    for index, guess in guesses.items():
        ends = (handed_in.guesses[index].low.value, handed_in.guesses[index].high.value)
        assert ends == pytest.approx((guess.low.value, guess.high.value), rel=0.005)
    assert score_paper(PAPER, handed_in.guesses).figure("total_points").value == pytest.approx(
        score_paper(PAPER, guesses).figure("total_points").value
    )


def test_a_guess_in_the_unit_of_memory_is_read_back_in_it() -> None:
    whole = draw_paper(24, 0)
    place = [measure.row.key for measure in whole.measures].index("gpu_memory") + 1
    (guess,) = read_code(code("A", f"{place}:24GB", whole)).guesses.values()
    assert (guess.text, guess.low.value) == ("24", 24)


def test_a_code_is_short_and_has_no_letter_that_is_taken_for_another() -> None:
    word = code("Aiko", "10 7.2 3.3 1 1000000").removeprefix("Aiko ")
    assert len(word.replace("-", "")) <= 40
    assert not set(word) & set("ILOU")


# As it is copied from a sheet of paper, a chat, or a screen in full width.
@pytest.mark.parametrize(
    "change",
    [
        str.lower,
        lambda line: line.replace("-", ""),
        lambda line: f"  {line}  ",
        lambda line: line.replace("0", "O"),
    ],
)
def test_a_code_may_be_written_otherwise(change) -> None:
    assert read_code(change(code("Bo", "10 5"))).guesses[1].low.value == 10


# As a word processor, a telephone, a form's table and a chat hand it on.
@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace("-", "–"),
        lambda line: line.replace("-", "-\u200b"),
        lambda line: line.replace(" ", "\u00a0"),
        lambda line: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in line),
        lambda line: f"- {line}",
        lambda line: f"3. {line}",
        lambda line: f"> 10:04 {line}",
        lambda line: f"{line}  paper E9KE · send this line to your teacher",
        lambda line: f'"{line}",,,',
        lambda line: f"2026/11/27 10:00:12,3B,{line}",
        lambda line: f"2026/11/27 10:00:12\tBo Ek\t{line}\t5",
        lambda line: line.replace("Ek ", "Ek,"),
        lambda line: line.replace("Ek ", "Ek;"),
        lambda line: line.replace("Ek ", "Ek: "),
    ],
)
def test_a_code_is_found_where_it_was_pasted(change) -> None:
    handed_in = read_code(change(code("Bo Ek", "10 5")))
    assert (handed_in.name, handed_in.guesses[2].low.value) == ("Bo Ek", 5)


@pytest.mark.parametrize(
    "name", ["Bo:", "Aiko, T.", "O'Brien", "Anna–Lena", "José", "Jose\u0301", "5", "R2-D2", "=1+1", "😀"]
)
def test_every_name_that_is_taken_is_read_back(name: str) -> None:
    line = code(name, "10 5")
    assert line.startswith(read_code(line).name)


# Excel: "CSV UTF-8", "Unicode text", and "CSV" of a Japanese and of a Western Windows.
@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8-sig", "山田 花子"), ("utf-16", "山田 花子"), ("cp932", "山田 花子"), ("cp1252", "José")],
)
def test_a_table_of_excel(tmp_path, encoding: str, name: str) -> None:
    rows = [f"{each} {code(each, '10 5').rpartition(' ')[2]}".replace(" ", ",", 1) for each in ("Bo", "Cy")]
    lines = ["Timestamp,Code", *rows, code(name, "20 5")]
    (tmp_path / "codes.csv").write_bytes("\r\n".join(lines).encode(encoding))
    assert read_class(str(tmp_path / "codes.csv")).details.names == ("Bo", "Cy", name)


def test_the_paper_of_the_class_is_what_most_have(write) -> None:
    lines = [code("Zed", "10 5", draw_paper(5, 7)), code("Bo", "10 5"), code("Cy", "10 5")]
    answers = read_class(write(*lines))
    assert answers.details.names == ("Bo", "Cy")
    assert answers.notes[0].text.startswith("Line 1 does not count: it is of paper")


def test_a_japanese_name() -> None:
    assert read_code(code("山田 花子", "10 5")).name == "山田 花子"


def test_every_changed_letter_is_noticed() -> None:
    line = code("Aiko", "10 7.2 3.3")
    start = line.index(" ") + 1
    for place in range(start, len(line)):
        if line[place] == "-":
            continue
        other = "7" if line[place] != "7" else "8"
        with pytest.raises(UsageError):
            read_code(line[:place] + other + line[place + 1 :])
    with pytest.raises(UsageError, match="a letter of the code or of the name"):
        read_code(line.replace("Aiko", "Aika"))


def test_neither_answers_nor_points_are_shown_with_a_code(shell) -> None:
    shown = shell.run_line_magic(
        "llmnumbers", "--quiz 5 --seed 2023 --hand-in 'Aiko T.' --answers 10 7.2 3.3 1 1000000"
    )
    text = str(shown) + str(shown.to_dict())
    assert text.count("Aiko T.") >= 1
    assert "points" not in text
    assert "source" not in text


def test_a_class_is_drawn_by_power_of_ten(write) -> None:
    guesses = ["5", "12", "50", "60", "200"]
    lines = [code(f"student{n}", f"{guess} 7") for n, guess in enumerate(guesses)]
    answers = read_class(write(*lines))
    first = answers.parts[0].details
    assert answers.parts[0].subject == KEYS[0] == "embedding_to_self_hosted_cost"
    assert dict(zip(first.bins, first.counts, strict=True)) == {"1–10": 1, "10–100": 3, "100–1,000": 1}
    assert first.bins[first.right] == "10–100"
    assert answers.details.names == tuple(f"student{n}" for n in range(5))
    alone = [score_paper(PAPER, read_guesses(f"{guess} 7")) for guess in guesses]
    assert answers.details.points == tuple(score.figure("total_points").value for score in alone)
    shown = str(answers)
    assert "5 students" in shown
    assert "the answer" in shown


def test_percentages_are_drawn_by_tens(write) -> None:
    paper = draw_paper(2, 0)  # 95 % and 40–90 %
    lines = [code(f"s{n}", f"{guess} 50", paper) for n, guess in enumerate((95, 93, 71, 100))]
    first = read_class(write(*lines)).parts[0].details
    assert dict(zip(first.bins, first.counts, strict=True)) == {"70–80": 1, "80–90": 0, "90–100": 3}
    assert first.bins[first.right] == "90–100"


def test_the_ranges_of_a_class_are_counted(write) -> None:
    lines = [code("a", "5..20 1..3"), code("b", "1..5 5..9"), code("c", "9 5..9")]
    answers = read_class(write(*lines))
    assert (answers.details.ranges, answers.details.ranges_holding) == ((2, 2, 1), (1, 1, 1))
    assert "3 of 5 ranges hold the answer, 60 %; 80 % should." in str(answers)


def test_what_does_not_count_is_one_line_each(write) -> None:
    good = code("Aiko", "10 7.2")
    lines = [
        good,
        "",
        code("AIKO", "50 7.2"),
        "hello",
        "Bo 22G00-0ZKQ4",
        code("Cy", "10 5", draw_paper(5, 7)),
        code("Di", "20 5"),
        "Ed https://example.org/",
    ]
    answers = read_class(write(*lines, encoding="utf-8-sig"))
    assert answers.details.names == ("Aiko", "Di")
    refused = [note.text for note in answers.notes if note.level == "warning"]
    assert [text.split(" does not count: ")[0] for text in refused] == [f"Line {n}" for n in (3, 4, 5, 6, 8)]
    assert "there already" in refused[0]
    assert f"not of {PAPER.id}" in refused[3]
    assert not [text for text in refused if "\n" in text]


@pytest.mark.parametrize("content", ["", "\n\n", "hello", "\x00\x01\x02"])
def test_a_file_without_a_code_is_one_line(write, content: str) -> None:
    with pytest.raises(UsageError, match="no code counts"):
        read_class(write(content))


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(FileError, match="no such file"):
        read_class(str(tmp_path / "codes.txt"))


def test_another_version_s_paper_is_refused(write, monkeypatch) -> None:
    lines = [code("Aiko", "10 7.2")]
    monkeypatch.setattr(type(PAPER), "id", "0000")
    with pytest.raises(UsageError, match="no code counts"):
        read_class(write(*lines))


def test_the_magic_draws_a_class(shell, write) -> None:
    path = write(code("Aiko", "10 7.2"), code("Bo", "5 5"))
    assert shell.run_line_magic("llmnumbers", f"--class {path}").details.names == ("Aiko", "Bo")
    with speaking("ja"):
        assert read_class(path).details.paper == PAPER.id


@pytest.mark.parametrize("name", ["", " ", "a\nb\x00", "x" * 41])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(UsageError, match="give a name of at most 40 characters"):
        code(name, "10 5")
