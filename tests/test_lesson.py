"""The lessons and their papers: each number is the product's own, and each copy runs."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import jsonschema
import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbclient import NotebookClient

from ipython_llmnumbers.__main__ import main
from ipython_llmnumbers.catalog.classroom.exercises import exercise_keys, exercise_row
from ipython_llmnumbers.catalog.classroom.texts import lesson_labels, lesson_lines
from ipython_llmnumbers.estimates.classroom.facts import fact, fact_figure, fact_names
from ipython_llmnumbers.lessons.notebook import student_notebook, teacher_notebook
from ipython_llmnumbers.lessons.papers import Options, Papers, bare_answer
from ipython_llmnumbers.lessons.source import MINUTES, read_lesson

LANGUAGES = ("en", "ja")
EXAMPLES = Path(__file__).parent.parent / "examples"
DATA = Path(__file__).parent / "data"
NOTEBOOKS = ("student.ipynb", "teacher.ipynb", "nbgrader.ipynb", "otter.ipynb")
FILES = {*NOTEBOOKS, "slides.html", "sheet.html", "sheet_filled.html", "grading.html"}

# The digits of a text that state no number of the product; every other one comes out of a `{{fact}}`.
NO_FACTS = (
    r"\{[^{}]*\}(?:e9\})?|`[^`]*`|%llmnumbers \w+|(?<!\d)分の1",  # what is put in, and code
    r"GPT-[\d.]+|LLaMA-13B|DeepSeek-V3|65B|13B|(?<!\d)2023(?!\d)",  # names, and the year of the document
    r"^#+ \d\. |^\d\. |[Ee]xercises? \d(?: (?:to|and) \d)?|練習[\d〜、]+|part 1|第1部",  # the order of things
    r"(?<= )\d(?:: |：)|(?<=。)\d：",
    r"\d(?=つ|本|人|行|枚|問|組)|(?<![\d,.])1(?= ?(?:文字|単語|語|トークン|要素|個|秒|台|時間))|1,000文字",
    r"45 or 50|not 5,? (?:and )?not 500|8 of 10|45か50か|5でも500でも|10回のうち8回",  # how to guess
    r"2倍以内|4分の1",  # the aim of the lesson, and `formulas.quiz.scaled_points`
    r"2 × (?:layers|層)|× 24 ×|÷ 8",  # formulas
    # Premises of exercises, of which their own answers are computed.
    r"4-bit|at 4 bits|4ビット|16 bits|16ビット|13 billion|130億個|10億バイトが1GB|0億個|(?<!\d)0%|100%",
)


def texts(language: str) -> list[str]:
    """Every text of a lesson before its numbers are put in: cells, and what exercises say."""
    source = "\n".join(lesson_lines("numbers", language))
    without_code = re.sub(r"```.*?```|<!--.*?-->", "", source, flags=re.S)
    rows = [exercise_row(key, language) for key in exercise_keys()]
    return [without_code, *(text for row in rows for text in (row.asks, *row.hints))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_in_a_text_comes_from_the_product(language: str) -> None:
    for text in texts(language):
        for pattern in NO_FACTS:
            text = re.sub(pattern, "", text, flags=re.M)
        assert not [line for line in text.splitlines() if re.search(r"\d", line)]


@pytest.mark.parametrize("name", fact_names())
def test_a_fact_has_a_value_and_a_source(name: str) -> None:
    figure = fact_figure(name)
    assert figure.value is not None
    assert figure.origin in ("published", "derived")
    if figure.origin == "published":
        assert figure.source is not None
        assert figure.source.checked is not None


# Every fact as the lesson writes it: as the document and its own inputs have it.
STATED = {
    "tokens_per_word": "1.3",
    "tokens_per_word_recomputed": "1.33",
    "example_words": "750",
    "example_tokens": "1,000",
    "ratio": "50",
    "ratio_prompts": "30",
    "ratio_answers": "60",
    "ratio_equal": "45",
    "answers_per_prompt": "2",
    "run_days": "21",
    "run_gpus": "2,048",
    "gpu_hour_usd": "5",
    "training_usd": "1,000,000",
    "words_per_token": "0.75",
    "llama_cpp_gb": "6",
    "kv_mb": "1",
    "kv_recomputed_mb": "0.819",
    "embedding": "10",
    "output_to_input": "5",  # gpt-6.1-sol of genai-prices: $10 to $2
    "deepseek_v3_params": "671,000,000,000",
}


def test_every_fact_is_what_its_source_says() -> None:
    assert {name: f"{fact(name)}" for name in fact_names()} == STATED


def test_every_fact_is_stated_somewhere() -> None:
    stated = {
        name for language in LANGUAGES for text in texts(language) for name in re.findall(r"\{(\w+)", text)
    }
    assert set(fact_names()) - stated <= {
        "training_usd",
        "cited_run_usd",
        "batching",
        "cached_percent",
        "reasoning",
    }


# "The rule did not become wrong; the vocabulary became larger" was false: English did not move at all.
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_false_cause_is_given(language: str) -> None:
    text = "\n".join(texts(language))
    assert "vocabulary became larger" not in text
    assert "語彙が大きくなったのです" not in text
    assert "factor of fifty" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("minutes", MINUTES)
def test_the_parts_fill_the_lesson(language: str, minutes: int) -> None:
    lesson = read_lesson("numbers", language, minutes)
    assert sum(lesson.parts.values()) == minutes
    student = json.loads(student_notebook(Papers(Options(language=language, minutes=minutes))))["cells"]
    assert len(student) == 12 if minutes == 45 else len(student) > 12


def test_both_languages_have_the_same_lesson() -> None:
    for minutes in MINUTES:
        english, japanese = (
            read_lesson("numbers", language, minutes, has_gpu=True) for language in LANGUAGES
        )
        assert english.parts == japanese.parts
        shape = [(cell.kind, cell.part, cell.audience, cell.exercises) for cell in english.cells]
        assert shape == [(cell.kind, cell.part, cell.audience, cell.exercises) for cell in japanese.cells]
        checked = [key for cell in english.cells for key in cell.exercises]
        assert sorted(checked) == sorted(exercise_keys(minutes))
    assert lesson_labels("en").keys() == lesson_labels("ja").keys()


# By facts of Japanese typography: JLREQ (W3C), and one term for one thing.
FORBIDDEN = (
    *("載る", "仮定", "嘘", "間違い", "枚いり", "質問は何", " ×倍", "≈", "〜〜", "千回", "何倍安"),
    *("プロンプト は", "トークン を"),
)


def test_the_japanese_is_set_as_japanese_is() -> None:
    sentences = [
        *(line for text in texts("ja") for line in text.splitlines()),
        *lesson_labels("ja").values(),
    ]
    for line in sentences:
        prose = re.sub(r"`[^`]*`|<!--.*?-->|%llmnumbers [\w{}:=. ]+|\{option:[^}]*\}", "", line)
        assert not [word for word in FORBIDDEN if word in prose], line
        assert not re.search(r"[ぁ-んァ-ヶ一-龠] [A-Za-z0-9]|[A-Za-z0-9] [ぁ-んァ-ヶ一-龠]", prose), line
        assert not re.search(r"[ぁ-んァ-ヶ一-龠、。]\(|\)[ぁ-んァ-ヶ一-龠、。]", prose), line
        assert not re.search(r"\*[ぁ-んァ-ヶ一-龠]+\*(?!\*)", prose.replace("**", "")), line
        assert not re.search(r"\d{5,}(?:円|回|ドル)", prose), line
    paragraphs = "\n".join(lesson_lines("numbers", "ja"))
    prose = re.sub(r"```.*?```|<!--.*?-->", "", paragraphs, flags=re.S)
    assert not re.search(r"[ぁ-んァ-ヶ一-龠、。]\n[ぁ-んァ-ヶ一-龠]", prose)


@pytest.fixture(scope="module", params=LANGUAGES)
def written(request, tmp_path_factory):
    """The papers as a teacher writes them, in an empty folder."""
    folder = tmp_path_factory.mktemp("school") / "lesson"
    arguments = ["lesson", str(folder), "--lang", request.param, "--no-gpu", "--rate", "150@2026-11-24"]
    assert main([*arguments, "--minutes", "45", "--students", "3"]) == 0
    return request.param, folder


def test_one_command_writes_every_paper(written) -> None:
    _, folder = written
    assert {path.name for path in folder.iterdir()} == FILES


@pytest.mark.parametrize("page", ["teachers.md", "teachers.ja.md"])
def test_the_teacher_s_page_names_every_paper_and_option(page: str, capsys) -> None:
    text = (EXAMPLES.parent / "docs" / page).read_text("utf-8")
    assert not [name for name in FILES if f"`{name}`" not in text]
    with pytest.raises(SystemExit):
        main(["lesson", "--help"])
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", text, re.M))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_one(written, name: str) -> None:
    notebook = nbformat.read(written[1] / name, as_version=4)
    nbformat.validate(notebook)
    assert name == "otter.ipynb" or not [cell for cell in notebook.cells if cell.get("outputs")]
    transform = TransformerManager().transform_cell
    for cell in notebook.cells:
        assert "{{" not in cell.source
        if cell.cell_type == "code":
            compile(transform(cell.source), name, "exec")


def test_the_student_s_files_hold_no_answer(written) -> None:
    language, folder = written
    papers = Papers(Options(language=language, has_gpu=False, rate="150@2026-11-24"))
    for name in ("student.ipynb", "sheet.html", "slides.html"):
        text = (folder / name).read_text("utf-8")
        assert f"--answers 1:{papers.quiz_answers()[0]}" not in text
        for exercise in papers.exercises:
            assert f"--check {exercise.row.key} {bare_answer(exercise)}" not in text
            answer = papers.amount(papers_answer(exercise), exercise.row.unit)
            assert answer not in text.replace(exercise.text, ""), (name, answer)
    assert lesson_labels(language)["for_the_teacher"] not in (folder / "student.ipynb").read_text("utf-8")


def papers_answer(exercise) -> float:
    return float(exercise.answer().value) / exercise.row.unit_size


def test_the_teacher_s_copy_is_solved(written) -> None:
    language, folder = written
    papers = Papers(Options(language=language, has_gpu=False))
    text = (folder / "teacher.ipynb").read_text("utf-8")
    for exercise in papers.exercises:
        assert f"--check {exercise.row.key} {bare_answer(exercise)}" in text
        assert papers.amount(papers_answer(exercise), exercise.row.unit).replace("$", "\\\\$") in text
    assert "…" not in "".join(re.findall(r"--answers [^\"]*", text))
    assert lesson_labels(language)["for_the_teacher"] in text


# The kinds of cell that nbgrader knows (user guide, "Developing assignments with the assignment toolbar"):
# an autograded answer, an autograded test and read-only text; what has no tags is the student's to play with.
# An answer in Markdown must be graded as well (jupyter/nbgrader#907), and ids are there once (#1083).
def test_the_tags_of_nbgrader(written) -> None:
    schema = json.loads((DATA / "nbgrader_v3.json").read_text("utf-8"))  # nbgrader 0.9.6, nbgraderformat
    notebook = nbformat.read(written[1] / "nbgrader.ipynb", as_version=4)
    nbformat.validate(notebook)
    tagged = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    tags = [cell.metadata.nbgrader for cell in tagged]
    for cell, each in zip(tagged, tags, strict=True):
        jsonschema.validate(each, schema)
        kind = (cell.cell_type, each.grade, each.solution, each.locked)
        assert kind in (
            ("markdown", False, False, True),
            ("code", False, True, False),
            ("code", True, False, True),
        )
        assert ("points" in each) is each.grade
        assert each.solution is ("BEGIN SOLUTION" in cell.source)
    assert len({each.grade_id for each in tags}) == len(tags)
    assert [each.grade_id for each in tags if each.grade] == list(exercise_keys(45))


def graded_cells(notebook) -> Iterator[tuple[str, str, str]]:
    """The key of each exercise, the cell of its answer, and the cell that checks it."""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for answer, check in pairwise(sources):
        if found := re.search(r"--check (ex\d+)", check):
            yield found[1], answer, check


# What nbgrader writes in the place of an answer: `ClearSolutions.code_stub`.
@pytest.mark.parametrize("name", ["nbgrader.ipynb", "otter.ipynb"])
@pytest.mark.parametrize(
    "stub", ["raise NotImplementedError()", "{key} = ...", "{key} = 123456789", "{key} = -1"]
)
def test_a_graded_exercise_takes_the_right_answer_alone(written, shell, name: str, stub: str) -> None:
    language, folder = written
    exercises = list(graded_cells(nbformat.read(folder / name, as_version=4)))
    assert [key for key, _, _ in exercises] == list(exercise_keys(45))
    shell.run_cell(f"%config LLMNumbers.language = '{language}'")
    for key, answer, check in exercises:
        shell.run_cell(stub.format(key=key))
        wrong = shell.run_cell(check)
        assert wrong.error_in_exec is not None or wrong.result is False
        shell.run_cell(answer).raise_error()
        right = shell.run_cell(check)
        assert right.error_in_exec is None
        assert right.result in (None, True)
    shell.run_cell("%config LLMNumbers.language = ''")


# Both commands of otter-grader 7.0.0 and nbgrader 0.9.6 were run on these files: docs/teachers.md.
def test_a_question_of_otter_has_its_marks(written) -> None:
    notebook = nbformat.read(written[1] / "otter.ipynb", as_version=4)
    nbformat.validate(notebook)
    raw = [cell.source.splitlines()[0] for cell in notebook.cells if cell.cell_type == "raw"]
    marks = ("BEGIN QUESTION", "BEGIN SOLUTION", "END SOLUTION", "BEGIN TESTS", "END TESTS", "END QUESTION")
    assert raw == ["# ASSIGNMENT CONFIG", *(f"# {mark}" for _ in exercise_keys(45) for mark in marks)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_cell_counts_the_sentence_of_an_exercise(language: str) -> None:
    """The lesson's own %tokens line is an example, not the answer to the line below it."""
    lesson = read_lesson("numbers", language, 90)
    code = "\n".join(cell.text for cell in lesson.cells if cell.kind == "code")
    for key in exercise_keys(90):
        assert not [text for text in exercise_row(key, language).drawn.get("text", ()) if text in code]


class Page(HTMLParser):
    """The tags of a page that are left open, and its addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attributes) -> None:
        if tag not in ("meta", "br", "html"):
            self.open.append(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag) -> None:
        if tag != "html":
            assert self.open.pop() == tag


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.endswith("html")))
def test_a_page_needs_nothing_but_itself(written, name: str) -> None:
    language, folder = written
    text = (folder / name).read_text("utf-8")
    page = Page()
    page.feed(text)
    assert page.open == []
    assert page.addresses == []
    assert f'<html lang="{language}">' in text
    assert "<script" not in text


def test_the_sheets_and_the_grading_sheet(written) -> None:
    language, folder = written
    papers = Papers(Options(language=language, has_gpu=False, n_students=3))
    blank, filled, grading = (
        (folder / name).read_text("utf-8") for name in ("sheet.html", "sheet_filled.html", "grading.html")
    )
    assert "size:A4" in blank
    assert blank.count("_____") > 10
    for exercise in papers.exercises:
        assert papers.amount(papers_answer(exercise), exercise.row.unit) in filled
    for student in range(4):
        row = [papers.number(papers_answer(each)) for each in papers.exercises_of(student)]
        cells = "".join(f'<td class="short">{cell}</td>' for cell in [str(student), *row])
        assert cells in grading
    assert papers.paper.id in blank


def test_a_changed_file_is_not_lost(written, capsys) -> None:
    language, folder = written
    again = [
        "lesson",
        str(folder),
        "--lang",
        language,
        "--no-gpu",
        "--rate",
        "150@2026-11-24",
        "--students",
        "3",
    ]
    assert main(again) == 0
    path = folder / "student.ipynb"
    mine = path.read_text("utf-8").replace("2023", "2024")
    path.write_text(mine, "utf-8")
    assert main(again) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert path.read_text("utf-8") == mine
    assert main([*again, "--overwrite"]) == 0
    assert path.read_text("utf-8") != mine


def test_the_options_change_what_they_say(tmp_path) -> None:
    def code(*arguments: str) -> str:
        assert main(["lesson", str(tmp_path), "--overwrite", *arguments]) == 0
        cells = nbformat.read(tmp_path / "student.ipynb", as_version=4).cells
        return "\n".join(cell.source for cell in cells if cell.cell_type == "code")

    plain = f"{code()}\n"
    options = ("--rate", "150@2026-11-24", "--seed", "7", "--student", "17", "--minutes", "90")
    changed = f"{code('--no-gpu', *options)}\n"
    gpu = "%gpufit llama-3.1-8b\n"
    assert (gpu in plain, gpu in changed) == (True, False)
    for said in ('"150@2026-11-24"', "--seed 7 --answers", "LLMNumbers.student = 17", "--check ex9"):
        assert (said in plain, said in changed) == (False, True), said


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--rate", "cheap"),
        ("--rate", "150"),
        ("--seed", "-1"),
        ("--student", "-3"),
        ("--students", "-1"),
        ("--students", "100000"),
    ],
)
def test_a_wrong_option_is_one_line(tmp_path, capsys, option: str, value: str) -> None:
    assert main(["lesson", str(tmp_path / "x"), option, value]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"{option} {value}" in error
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_teacher_s_copy_runs_and_every_answer_in_it_is_right(language: str, tmp_path) -> None:
    """The long one, which has every cell; the students' run among the examples."""
    options = Options(language=language, minutes=90, rate="150@2026-11-24")
    notebook = nbformat.reads(teacher_notebook(Papers(options)), as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    shown = "\n".join(output.get("data", {}).get("text/plain", output.get("text", "")) for output in outputs)
    assert not [output for output in outputs if output.output_type == "error"]
    assert "llmnumbers: " not in shown
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    checked = [output for cell in code if "--check" in cell.source for output in cell.outputs]
    first_lines = [each.data["text/plain"].split("  ")[0] for each in checked if "data" in each]
    assert len([line for line in first_lines if line in ("✔ right", "✔ 正解")]) == len(exercise_keys(90))
    assert re.search(r"15\D{1,12}15", shown)


def test_the_examples_are_the_students_copies() -> None:
    script = EXAMPLES / "store_outputs.py"
    spec = importlib.util.spec_from_file_location("store_outputs", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, options in module.LESSONS.items():
        stored = nbformat.read(EXAMPLES / name, as_version=4)
        fresh = nbformat.reads(student_notebook(Papers(options)), as_version=4)
        assert [cell.source for cell in stored.cells] == [cell.source for cell in fresh.cells]
        assert (EXAMPLES / name).stat().st_size < 100_000
