"""Annotated copies of a folder's notebooks, with one total."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from ipython_llmnumbers.__main__ import main
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.notebooks.ipython_syntax import annotate

HELLO = "messages=[{'role': 'user', 'content': 'Hi'}]"
CALL = f"client.chat.completions.create(model='gpt-4o', max_tokens=10, {HELLO})"


def write(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=[new_code_cell(each) for each in cells]), path)


@pytest.fixture
def course(tmp_path):
    """A folder as courses have it: lessons, one deeper, one without prompts, a checkpoint, a text."""
    folder = tmp_path / "course"
    write(folder / "01.ipynb", CALL)
    write(folder / "unit" / "02.ipynb", CALL, CALL)
    write(folder / "03.ipynb", "x = 1")
    write(folder / ".ipynb_checkpoints" / "01-checkpoint.ipynb", CALL)
    write(folder / ".venv" / "lib" / "demo.ipynb", CALL)
    (folder / "notes.txt").write_text("text")
    return folder


def test_each_notebook_is_copied_to_its_place_and_the_total_is_of_all(course, tmp_path):
    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    total = annotate(str(course), str(tmp_path / "out"), "gpt-4o")
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before
    written = sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.ipynb")
    )
    assert written == ["01.ipynb", "03.ipynb", "unit/02.ipynb"]
    assert [part.subject for part in total.parts] == written
    assert (total.details.n_notebooks, total.details.n_prompts) == (3, 3)
    assert total["input_tokens"].value == 3 * 8
    assert total["max_output_usd"].value == 3 * total.parts[0]["max_output_usd"].value
    text = str(total)
    assert "course, 3 notebooks · 3 prompts, 24 input tokens" in text
    assert "unit/02.ipynb" in text
    assert "03.ipynb" not in text  # it has no prompts


def test_a_second_run_writes_the_same_and_does_not_read_the_copies(course):
    target = course / "priced"
    first = annotate(str(course), str(target), "gpt-4o")
    again = annotate(str(course), str(target), "gpt-4o")
    assert first.details == again.details
    assert not (target / "priced").exists()


def test_a_notebook_that_cannot_be_read_or_written_is_a_note(course, tmp_path):
    (course / "04.ipynb").write_text("{")
    out = tmp_path / "out"
    out.mkdir()
    (out / "01.ipynb").write_text("mine")
    total = annotate(str(course), str(out), "gpt-4o")
    assert [part.subject for part in total.parts] == ["03.ipynb", "unit/02.ipynb"]
    warnings = [note.text for note in total.notes if ".ipynb: " in note.text]
    assert [text.partition(":")[0] for text in warnings] == ["01.ipynb", "04.ipynb"]
    assert "is there already" in warnings[0]
    assert "is not a notebook" in warnings[1]
    assert (out / "01.ipynb").read_text() == "mine"
    assert len(annotate(str(course), str(out), "gpt-4o", overwrite=True).parts) == 3


def test_a_name_that_one_notebook_stores_is_known_in_those_beside_it(tmp_path):
    # anthropics/prompt-eng-interactive-tutorial: %store in 00, %store -r in the lessons.
    use = f"%store -r MODEL\nclient.messages.create(model=MODEL, {HELLO})"
    folder = tmp_path / "course"
    write(folder / "00.ipynb", "MODEL = 'claude-3-haiku-20240307'\n%store MODEL")
    write(folder / "01.ipynb", use)
    write(folder / "other" / "01.ipynb", use)
    total = annotate(str(folder), str(tmp_path / "out"), "gpt-4o")
    models = {part.subject: part.parts[0].parts[0].subject for part in total.parts if part.parts}
    assert models == {"01.ipynb": "claude-3-haiku-20240307", "other/01.ipynb": "gpt-4o"}
    assert "gpt-4o (default)" in str(total)


def test_what_cannot_be_done_is_one_line(course, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    for source, target, said in (
        (course, None, "needs to='FOLDER'"),
        (course, course, "the originals are never changed"),
        (tmp_path / "empty", tmp_path / "out", "no notebook is there"),
        (course, tmp_path / "file", "is no folder|cannot be made"),
    ):
        with pytest.raises(LLMNumbersError, match=said) as caught:
            annotate(str(source), None if target is None else str(target), "gpt-4o")
        assert "\n" not in str(caught.value)


def test_a_folder_without_prompts_is_one_line(tmp_path):
    write(tmp_path / "a" / "1.ipynb", "x = 1")
    total = annotate(str(tmp_path / "a"), str(tmp_path / "b"), "gpt-4o")
    assert str(total).splitlines()[0] == "no prompts  a, 1 notebook"


def test_the_magic_and_the_command_line_take_a_folder(course, tmp_path, shell, capsys):
    estimate = shell.run_line_magic("llmcost", f"--annotate {course} --to {tmp_path / 'out'}")
    assert estimate.details.n_notebooks == 3
    assert main(["annotate", str(course), str(tmp_path / "again")]) == 0
    assert "3 notebooks · 3 prompts" in capsys.readouterr().out
