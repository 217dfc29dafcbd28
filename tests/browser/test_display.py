"""What the magics show in a real JupyterLab: readable in every theme, inside the cell, trusted or not."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .contrast import CONTRASTS, LEAST_CONTRAST

HIGH_CONTRAST = "Dark High Contrast"
_LAB_THEMES = Path(sys.prefix, "share/jupyter/lab/themes/@jupyterlab")
THEMES = "@jupyterlab/apputils-extension:themes"
MAGICS = (
    "%%llmcost -m gpt-4o --out 300 --calls 1000\nSummarise the following article in three bullet points.",
    "%%llmcost -m gpt-4o,gpt-4o-mini,grok-4,claude-opus-5-5 --out 300\nSummarise the following article.",
    "%%tokens -m gpt-4o\nTokenization isn't always intuitive: 日本語 👩‍💻 <b>bold</b>",
    "%gpufit llama-3.1-8b --gpu RTX-4090",
    "%gpufit llama-3.1-70b --gpu T4",
    "%gpufit llama-3.1-8b --gpu H100 --speed",
    "%llmnumbers",
)
# The outputs and lines of which something reaches beyond their cell; with `mayScroll`, those
# where a reader could not scroll to it inside the cell.
_TOO_WIDE = """(mayScroll) => {
    const areas = [...document.querySelectorAll(".jp-OutputArea-output, .llmnumbers-line")];
    const isTooWide = (area) => {
        const { right } = area.getBoundingClientRect();
        const scrolls = mayScroll && ["auto", "scroll"].includes(getComputedStyle(area).overflowX);
        const isBeyond = (e) => e.getBoundingClientRect().right > right + 1;
        const reaches = [...area.querySelectorAll("*")].some(isBeyond);
        return right > innerWidth || (reaches && !scrolls);
    };
    return areas.filter(isTooWide).map((area) => area.textContent.slice(0, 60));
}"""

# What lies behind each word, bar and tint.
_BACKGROUNDS = """() => [...document.querySelectorAll(".llmnumbers span, .llmnumbers div")].map(
    (element) => getComputedStyle(element).backgroundColor
)"""

# Of each output: the size of its first text against that around it, whether any text is bolder, where it
# begins, and where it ends from the output's top.
_ANSWERS = """() => [...document.querySelectorAll(".llmnumbers")].map((root) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const styles = [];
    while (texts.nextNode()) {
        if (texts.currentNode.data.trim()) styles.push(texts.currentNode.parentElement);
    }
    const size = (element) => parseFloat(getComputedStyle(element).fontSize);
    const weight = (element) => parseInt(getComputedStyle(element).fontWeight);
    const first = styles[0];
    return {
        text: first.textContent,
        em: size(first) / size(root),
        bolder: styles.filter((each) => weight(each) > weight(first)).map((each) => each.textContent),
        bottom: root.firstElementChild.getBoundingClientRect().bottom - root.getBoundingClientRect().top,
    };
})"""


# The cells of tables whose text runs into the next one.
_SPILLING = """() => [...document.querySelectorAll(".llmnumbers td, .llmnumbers th")]
    .filter((cell) => cell.checkVisibility() && cell.scrollWidth > cell.clientWidth + 1)
    .map((cell) => cell.textContent)"""


@pytest.fixture(scope="session")
def executed(lab):
    """A notebook with every display as its outputs: run once, opened in every way."""
    from nbclient import NotebookClient

    cells = [nbformat.v4.new_code_cell(code) for code in ("%load_ext ipython_llmnumbers", *MAGICS)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    NotebookClient(notebook, timeout=120).execute()
    nbformat.write(notebook, lab.root / "displays.ipynb")
    return "displays.ipynb"


@pytest.fixture
def theme(lab, request):
    if request.param == HIGH_CONTRAST and not (_LAB_THEMES / "theme-dark-high-contrast-extension").is_dir():
        pytest.skip("no such theme: JupyterLab has it from 4.2 on")
    lab.setting(THEMES, f'{{"theme": "JupyterLab {request.param}"}}')
    yield request.param
    lab.setting(THEMES, "{}")


def shown(notebook):
    """Wait until the first and the last display, and a live line, are on the page."""
    for index in (0, -1):
        notebook.page.locator(".jp-OutputArea-output").nth(index).scroll_into_view_if_needed()
    expect(notebook.lines.first).to_contain_text("tokens")
    texts = "[...document.querySelectorAll('.llmnumbers')].map(each => each.textContent)"
    notebook.page.wait_for_function(f"() => {texts}.length >= 6 && {texts}.every(text => text)")
    return notebook


@pytest.mark.parametrize("theme", ["Light", "Dark", HIGH_CONTRAST], indirect=True)
def test_every_text_has_contrast_in_the_theme(executed, open_notebook, theme):
    notebook = shown(open_notebook(executed, height=3000))
    is_light = notebook.page.evaluate("document.body.dataset.jpThemeLight")
    assert is_light == ("true" if theme == "Light" else "false")
    contrasts = notebook.page.locator("body").evaluate(CONTRASTS)
    assert len(contrasts) > 100
    weak = [each for each in contrasts if each[0] < LEAST_CONTRAST]
    assert weak == []


@pytest.mark.parametrize("theme", ["Light", "Dark", HIGH_CONTRAST], indirect=True)
def test_axe_finds_nothing_in_the_displays(executed, open_notebook, theme):  # noqa: ARG001 (the theme is set)
    notebook = shown(open_notebook(executed, height=4000))
    notebook.page.evaluate("document.querySelectorAll('.llmnumbers details').forEach(e => e.open = true)")
    found = Axe().run(notebook.page, {"include": [[".llmnumbers"]]})
    assert found.response["violations"] == []


def test_an_untrusted_notebook_shows_the_same(executed, open_notebook):
    """nbclient signs nothing, so JupyterLab sanitises these outputs; a run cell's are kept whole."""
    notebook = shown(open_notebook(executed, height=3000))
    cells = "[...window.jupyterapp.shell.currentWidget.content.model.cells]"
    assert notebook.page.evaluate(f"() => {cells}[1].trusted === false")
    displays = notebook.page.locator(".llmnumbers")
    untrusted, colours = displays.all_text_contents(), notebook.page.evaluate(_BACKGROUNDS)
    assert len(set(colours)) >= 8  # the parts of bars, the tints of tokens, the verdicts
    assert len(untrusted) == len(MAGICS)
    notebook.ready()
    notebook.run_all()
    notebook.page.wait_for_function(f"() => {cells}.every(cell => cell.trusted)")
    expect(notebook.page.locator(".jp-InputPrompt").last).not_to_have_text("[*]:")
    # The page draws an output some time after its cell has run: `expect` waits for it, and
    # compares the text that is there, whether or not it is scrolled into view.
    expect(displays).to_have_text(untrusted)
    assert notebook.page.evaluate(_BACKGROUNDS) == colours


@pytest.mark.parametrize(("width", "may_scroll"), [(1200, False), (800, False), (480, True)])
def test_nothing_is_wider_than_its_cell(executed, open_notebook, width, may_scroll):
    """On a phone's width the widest tables scroll inside their cell; the page does not."""
    notebook = shown(open_notebook(executed, width=width, height=4000))
    assert notebook.page.evaluate(_TOO_WIDE, may_scroll) == []
    assert notebook.page.evaluate(_SPILLING) == []


def test_the_answer_is_met_first(executed, open_notebook):
    """The first text is the answer: large, whole within 60 px of the top, and nothing is bolder."""
    notebook = shown(open_notebook(executed, width=800, height=4000))  # 600 px for the output
    for answer in notebook.page.evaluate(_ANSWERS):
        assert answer["em"] >= 1.4, answer
        assert answer["bolder"] == [], answer
        assert answer["bottom"] <= 60, answer


PROMPT = (
    "%%llmcost -m gpt-4o\nsystem: import nothing for me\nuser: is it True that 3 > 2?\n\n    in or not in"
)

# Of each line of a cell: the colours of its words, and what is bold.
_INK = """(cell) => [...cell.querySelectorAll(".cm-line")].map((line) => {
    const words = [...line.querySelectorAll("span")].filter((each) => !each.children.length);
    const style = (each) => getComputedStyle(each);
    return {
        colours: [...new Set(words.map((each) => style(each).color))],
        plain: style(line).color,
        bold: words.filter((each) => parseInt(style(each).fontWeight) > 400).map((each) => each.textContent),
    };
})"""


def test_a_prompt_is_not_coloured_as_python(lab, open_notebook):
    """Python's words keep their colour in other cells, and in a prompt only a role has one."""
    notebook = open_notebook(lab.write("prompt.ipynb", PROMPT, PROMPT.partition("\n")[2]))
    notebook.ready()
    ink = [notebook.page.locator(".jp-CodeCell").nth(index).evaluate(_INK) for index in range(2)]
    _magic, system, user, empty, indented = ink[0]
    assert (system["bold"], user["bold"]) == (["system"], ["user"])
    assert len(set(system["colours"]) - {system["plain"]}) == 1  # the role's
    assert set(indented["colours"]) <= {indented["plain"]}
    assert empty["bold"] == []
    python = [colour for line in ink[1] for colour in line["colours"]]
    assert set(python) - {ink[1][0]["plain"]}


def test_a_cell_is_python_again_once_its_magic_is_gone(lab, open_notebook):
    """Somebody puts a magic above Python, writes a role, and takes the magic away."""
    notebook = open_notebook(lab.write("magic.ipynb", "import os", ""))
    notebook.ready()
    cell, keys = notebook.page.locator(".jp-CodeCell").first, notebook.page.keyboard

    def inks():
        return [set(line["colours"]) - {line["plain"]} for line in cell.evaluate(_INK)]

    (keyword,) = inks()
    assert keyword
    cell.locator(".cm-content").click()
    keys.press("Control+Home")
    keys.insert_text("%%llmcost -m gpt-4o\n")
    expect(cell.locator(".llmnumbers-prompt")).to_have_count(1)
    assert inks() == [set(), set()]
    keys.press("Control+End")
    keys.insert_text("\nuser:")
    keys.press("Enter")  # Python would indent behind a colon
    keys.insert_text("hello")
    assert cell.locator(".cm-line").all_inner_texts()[-2:] == ["user:", "hello"]
    keys.press("Control+Home")
    keys.press("Control+/")
    expect(cell.locator(".llmnumbers-prompt")).to_have_count(0)
    assert cell.locator(".cm-line").first.inner_text() == "# %%llmcost -m gpt-4o"
    assert inks()[1] == keyword
