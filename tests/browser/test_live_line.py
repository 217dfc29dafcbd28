"""The live line in a real JupyterLab: it follows the typing, and nothing stops it."""

from __future__ import annotations

from playwright.sync_api import expect

from ipython_llmnumbers.catalog.defaults import DEFAULT_MODEL

from .lab import Lab

UNAVAILABLE = "live line unavailable: install ipython-llmnumbers where the Jupyter server runs"


def test_typing_updates_the_line(lab, open_notebook):
    notebook = open_notebook(
        lab.write("typing.ipynb", "%%llmcost -m gpt-4o\nhello world", "print('no line')")
    )
    expect(notebook.lines).to_have_text(
        "2 tokens · $0.000005 input · gpt-4o · under 0.1 % of the 128,000-token window"
    )
    notebook.type_into(0, " again")
    expect(notebook.lines).to_contain_text("3 tokens · $0.0000075 input")
    expect(notebook.lines).to_have_count(1)


def test_the_line_comes_and_goes_with_the_magic(lab, open_notebook):
    notebook = open_notebook(lab.write("comes.ipynb", ""))
    notebook.type_into(0, "%%tokens -m gpt-4o\nhello world")
    expect(notebook.lines).to_contain_text("2 tokens")
    notebook.page.keyboard.press("Control+Home")
    notebook.page.keyboard.type("#")
    expect(notebook.lines).to_have_count(0)


def test_options_of_the_first_line_are_honoured(lab, open_notebook):
    notebook = open_notebook(
        lab.write(
            "options.ipynb", "%%llmcost -m gpt-4o --out 300 --calls 1000\nhello world", "%gpufit 13B --gpu T4"
        )
    )
    expect(notebook.lines.nth(0)).to_contain_text("$0.003005 with 300 output tokens · $3.00 for 1,000 calls")
    expect(notebook.lines.nth(1)).to_contain_text("13B on T4: does not fit")


def test_a_bad_option_is_named_and_the_line_recovers(lab, open_notebook):
    notebook = open_notebook(lab.write("bad.ipynb", "%%llmcost --modle gpt-4o\nhello world"))
    expect(notebook.lines).to_contain_text("unknown option '--modle'; nearest: --model")
    notebook.page.locator(".jp-CodeCell .cm-content").first.click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.type("%%llmcost -m gpt-4o\n<b>hello</b>")
    expect(notebook.lines).to_contain_text("· gpt-4o ·")
    expect(notebook.lines.locator("b")).to_have_count(0)


def test_the_line_goes_on_while_the_kernel_is_busy(lab, open_notebook):
    busy = "import time\nprint('started')\ntime.sleep(600)"
    notebook = open_notebook(lab.write("busy.ipynb", busy, "%%llmcost -m gpt-4o\nhello world"))
    notebook.ready()
    notebook.run_all()
    expect(notebook.page.locator(".jp-OutputArea-output").first).to_contain_text("started")
    notebook.type_into(1, " again")
    expect(notebook.lines).to_contain_text("3 tokens")
    expect(notebook.page.locator(".jp-InputPrompt").first).to_have_text("[*]:")
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")


def test_two_hundred_cells_are_usable(lab, open_notebook):
    cells = [f"%%llmcost -m gpt-4o\nhello world {'again ' * n}" for n in range(200)]
    notebook = open_notebook(lab.write("many.ipynb", *cells))
    expect(notebook.lines.first).to_contain_text("tokens")
    notebook.type_into(0, " and again")
    expect(notebook.lines.first).to_contain_text("5 tokens")
    notebook.page.keyboard.press("Escape")
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.scrollToItem(199)")
    last = notebook.page.locator(
        ".jp-CodeCell[data-windowed-list-index='199'], .jp-CodeCell:nth-of-type(200)"
    )
    expect(last.last.locator(".llmnumbers-line")).to_contain_text("tokens")
    # What the line says where the server answers 429.
    assert "too many live lines at once" not in " ".join(notebook.lines.all_text_contents())


def test_two_notebooks_have_each_their_own_lines(lab, open_notebook):
    one = open_notebook(lab.write("one.ipynb", "%%llmcost -m gpt-4o\nhello"))
    two = open_notebook(lab.write("two.ipynb", "%%llmcost -m gpt-4\nhello world"))
    one.type_into(0, " world again")
    expect(one.lines).to_contain_text("3 tokens")
    expect(one.lines).to_contain_text("gpt-4o")
    expect(two.lines).to_contain_text("2 tokens · $0.00006 input · gpt-4")


def test_without_the_server_extension_it_says_so(tmp_path, open_notebook):
    bare = Lab(tmp_path, "--ServerApp.jpserver_extensions={'ipython_llmnumbers': False}").wait()
    try:
        notebook = open_notebook(bare.write("bare.ipynb", "%%llmcost\nhello"), bare)
        expect(notebook.lines).to_contain_text(UNAVAILABLE)
        notebook.type_into(0, " world")
        expect(notebook.lines).to_contain_text(UNAVAILABLE)
    finally:
        bare.stop()


def open_settings(notebook):
    """The page, with our settings open in JupyterLab's editor beside the notebook."""
    notebook.page.evaluate(
        "() => void window.jupyterapp.commands.execute('settingeditor:open', {query: 'LLM numbers'})"
    )
    return notebook.page


def test_the_settings_editor_switches_it_and_names_the_model(lab, open_notebook):
    notebook = open_notebook(lab.write("settings.ipynb", "%%llmcost\nhello world"))
    expect(notebook.lines).to_contain_text(DEFAULT_MODEL)
    page = open_settings(notebook)
    model = page.locator("input[label='Default model']")
    expect(model).to_have_value(DEFAULT_MODEL)
    model.fill("gpt-4")
    expect(notebook.lines).to_contain_text("$0.00006 input · gpt-4 (default) ·")
    page.get_by_role("checkbox", name="Show the live line").uncheck()
    expect(notebook.lines).to_have_count(0)
    lab.setting("ipython-llmnumbers:live", "{}")


def test_the_settings_editor_makes_the_line_japanese(lab, open_notebook):
    notebook = open_notebook(lab.write("language.ipynb", "%%llmcost\nhello world"))
    expect(notebook.lines).to_contain_text(DEFAULT_MODEL)
    page = open_settings(notebook)
    language = page.locator("select[id$=language]")
    language.select_option(label="ja")
    expect(notebook.lines).to_contain_text(f"2トークン · 入力$0.000005 · {DEFAULT_MODEL}")
    panel = page.locator(".llmnumbers-lines[role=note]")
    expect(panel).to_have_attribute("lang", "ja")
    expect(panel).to_have_attribute("aria-label", "このセルの見積もり")
    lab.setting("ipython-llmnumbers:live", "{}")


def test_notebook_7_shows_the_line_too(lab, open_notebook):
    name = lab.write("classic.ipynb", "%%llmcost -m gpt-4o\nhello world")
    notebook = open_notebook(name, path="notebooks")
    expect(notebook.lines).to_contain_text("2 tokens")
    notebook.type_into(0, " again")
    expect(notebook.lines).to_contain_text("3 tokens")


def test_the_server_s_log_never_holds_the_text(lab, open_notebook):
    notebook = open_notebook(lab.write("log.ipynb", "%%llmcost -m gpt-4o\nhello"))
    notebook.type_into(0, " zebrafinch")
    expect(notebook.lines).to_contain_text("tokens")
    log = lab.log_path.read_text()
    assert "llmnumbers/line" in log
    assert "zebrafinch" not in log


def test_the_scratchpad_counts_what_is_typed(lab, open_notebook):
    code = "%load_ext ipython_llmnumbers\n%llmcost -m gpt-4o --live hello world"
    notebook = open_notebook(lab.write("scratchpad.ipynb", code))
    notebook.ready()
    notebook.run_all()
    field = notebook.page.locator(".jp-OutputArea-output textarea")
    line = notebook.page.locator(".jp-OutputArea-output .llmnumbers")
    expect(line).to_contain_text("2 tokens · $0.000005 input · gpt-4o")
    field.fill("hello world again")
    expect(line).to_contain_text("3 tokens · $0.0000075 input")
