"""The live line in a real JupyterLab answers as the cell's own kernel does, whatever becomes of it."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from ipython_llmnumbers.catalog.defaults import DEFAULT_MODEL

LOAD = "%load_ext ipython_llmnumbers"
NOT_CHOSEN = f"{DEFAULT_MODEL} (default)"


def line(notebook, index):
    """The lines of one cell."""
    return notebook.page.locator(".jp-CodeCell").nth(index).locator(".llmnumbers-line")


def test_the_line_is_that_of_the_output_also_while_the_kernel_is_busy(lab, open_notebook):
    setup = f"{LOAD}\n%config LLMNumbers.model = 'claude-opus-5-5'\nprompt = 'hello world'"
    cost = "%llmcost --calls 1000000 --out 300 hello"
    busy = "import time\nprint('started')\ntime.sleep(600)"
    notebook = open_notebook(lab.write("told.ipynb", setup, cost, busy, ""))
    expect(line(notebook, 1)).to_contain_text(NOT_CHOSEN)
    notebook.ready()
    notebook.run_all()
    output = notebook.page.locator(".jp-CodeCell").nth(1).locator(".jp-OutputArea-output")
    expect(output).to_contain_text("claude-opus-5-5")
    expect(line(notebook, 1)).to_contain_text("· claude-opus-5-5 ·")
    total = line(notebook, 1).inner_text().split(" for 1,000,000 calls")[0].split(" · ")[-1]
    assert total.split(",")[0] in output.inner_text()
    # The kernel is busy from here on: what it has told is kept.
    expect(notebook.page.locator(".jp-OutputArea-output").last).to_contain_text("started")
    notebook.type_into(3, "# a note\nx = %llmcost -v prompt")
    expect(line(notebook, 3)).to_contain_text("tokens · ")
    expect(line(notebook, 3)).to_contain_text("claude-opus-5-5")
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")


def test_a_variable_is_that_of_the_last_run(lab, open_notebook):
    notebook = open_notebook(
        lab.write("variable.ipynb", f"{LOAD}\nprompt = 'hello world'", "%llmcost -m gpt-4o -v prompt", "")
    )
    expect(line(notebook, 1)).to_have_text("a notebook's variables are read when the cell runs")
    expect(line(notebook, 1)).to_have_attribute("data-level", "later")
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 1)).to_contain_text("2 tokens")
    notebook.type_into(2, "prompt += ' again'")
    notebook.page.keyboard.press("Control+Enter")
    expect(line(notebook, 1)).to_contain_text("3 tokens")


def test_only_the_named_variables_leave_the_page(lab, open_notebook):
    code = f"{LOAD}\nprompt, zebrafinch = 'hello world', 'of another cell'"
    notebook = open_notebook(lab.write("named.ipynb", code, "%llmcost -m gpt-4o -v prompt"))
    sent = []
    notebook.page.on("request", lambda each: sent.append(each) if "llmnumbers/line" in each.url else None)
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 1)).to_contain_text("2 tokens")
    assert {each.url.partition("/llmnumbers")[0] for each in sent} == {lab.url}
    bodies = [json.loads(each.post_data) for each in sent]
    assert bodies[-1]["variables"] == {"prompt": '"hello world"'}
    assert all(set(each.get("variables", {})) <= {"prompt"} for each in bodies)


def test_what_only_a_run_can_tell_is_gone_once_the_cell_has_run(lab, open_notebook):
    table = f"{LOAD}\nimport types\nbox = types.SimpleNamespace(text='hello world')"
    notebook = open_notebook(lab.write("later.ipynb", table, "%llmcost -m gpt-4o -v box.text"))
    expect(line(notebook, 1)).to_contain_text("read when the cell runs")
    notebook.ready()
    notebook.run_all()
    expect(notebook.page.locator(".jp-OutputArea-output").first).to_contain_text("gpt-4o")
    expect(line(notebook, 1)).to_have_count(0)
    notebook.type_into(1, " --calls 2")
    expect(line(notebook, 1)).to_have_text("box is read when the cell runs")


def test_each_magic_of_a_cell_has_a_line(lab, open_notebook):
    cell = (
        "# three\n%llmcost -m gpt-4o AAAA\nx = %llmcost -m gpt-4.1 BBBB\n%gpufit 13B --train qlora --gpu T4"
    )
    notebook = open_notebook(lab.write("several.ipynb", cell))
    expect(line(notebook, 0)).to_have_count(3)
    expect(line(notebook, 0).nth(1)).to_contain_text("gpt-4.1")
    expect(line(notebook, 0).nth(2)).to_contain_text("13B (qlora) on T4")


def test_a_restarted_kernel_is_not_taken_for_the_one_before(lab, open_notebook):
    """jupyterlab-contrib/jupyterlab-variableInspector#38: the variables of the kernel before stayed."""
    code = f"{LOAD}\n%config LLMNumbers.model = 'gpt-4'\nprompt = 'hello world'"
    notebook = open_notebook(lab.write("restart.ipynb", code, "%llmcost -v prompt", "%llmcost hello"))
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 2)).to_contain_text("· gpt-4 ·")
    restart = "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()"
    notebook.page.evaluate(restart)
    expect(line(notebook, 2)).to_contain_text(NOT_CHOSEN)
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 2)).to_contain_text("· gpt-4 ·")
    expect(line(notebook, 1)).to_contain_text("2 tokens")


def test_another_kernel_of_the_notebook_is_heard(lab, open_notebook):
    """plotly/jupyter-dash#64: what listens to the kernel of the start is deaf once it is changed."""
    code = f"{LOAD}\n%config LLMNumbers.model = 'gpt-4'"
    notebook = open_notebook(lab.write("changed.ipynb", code, "%llmcost hello"))
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 1)).to_contain_text("· gpt-4 ·")
    notebook.page.evaluate(
        """async () => {
            const { sessionContext } = window.jupyterapp.shell.currentWidget.context;
            await sessionContext.shutdown();
            await sessionContext.changeKernel({ name: "python3" });
        }"""
    )
    expect(line(notebook, 1)).to_contain_text(NOT_CHOSEN)
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 1)).to_contain_text("· gpt-4 ·")


def test_each_notebook_has_its_own_kernel_s_line(lab, open_notebook):
    """jupyterlab/jupyterlab#12592, #14578: a status of one notebook was shown for another."""
    names = [
        lab.write(f"own_{model}.ipynb", f"{LOAD}\n%config LLMNumbers.model = '{model}'", "%llmcost hello")
        for model in ("gpt-4", "gpt-4o")
    ]
    one = open_notebook(names[0], path="lab/tree")
    one.ready()
    one.run_all()
    expect(one.lines).to_contain_text("· gpt-4 ·")
    one.page.evaluate("name => window.jupyterapp.commands.execute('docmanager:open', {path: name})", names[1])
    expect(one.lines.last).to_contain_text(NOT_CHOSEN)
    one.ready()
    one.run_all()
    expect(one.lines.last).to_contain_text("· gpt-4o ·")
    expect(one.lines.first).to_contain_text("· gpt-4 ·")


def test_a_page_that_comes_later_and_a_second_view_ask_the_kernel(lab, open_notebook):
    """jupyterlab/jupyterlab#7144, #7287: a notebook that was closed and opened again had no comms."""
    code = f"{LOAD}\n%config LLMNumbers.model = 'gpt-4'"
    name = lab.write("views.ipynb", code, "%llmcost hello")
    notebook = open_notebook(name, path="lab/tree")
    notebook.ready()
    notebook.run_all()
    expect(notebook.lines).to_contain_text("· gpt-4 ·")
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:clone')")
    expect(notebook.lines).to_have_count(2)
    expect(notebook.lines.last).to_contain_text("· gpt-4 ·")
    notebook.page.evaluate(
        """async name => {
            const { commands, shell } = window.jupyterapp;
            await shell.currentWidget.context.save();
            for (const widget of [...shell.widgets("main")]) widget.close();
            await commands.execute("docmanager:open", { path: name });
        }""",
        name,
    )
    expect(notebook.lines).to_have_count(1)
    expect(notebook.lines).to_contain_text("· gpt-4 ·")
    other = open_notebook(name)
    expect(other.lines).to_contain_text("· gpt-4 ·")


def test_a_page_that_has_missed_a_message_asks_for_all(lab, open_notebook):
    """jupyterlab/jupyterlab#8769: a server drops messages of a kernel that sends too much a second."""
    lose = "from ipython_llmnumbers.live import kernel as k; [each] = k._TELLERS.values(); each._number += 1"
    code = f"{LOAD}\nprompt = 'hello world'"
    notebook = open_notebook(lab.write("missed.ipynb", code, "%llmcost -m gpt-4o -v prompt", ""))
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 1)).to_contain_text("2 tokens")
    notebook.type_into(2, f"{lose}; prompt += ' again'")
    notebook.page.keyboard.press("Control+Enter")
    expect(line(notebook, 1)).to_contain_text("3 tokens")


def test_a_console_beside_the_notebook_has_the_line_and_closes_nothing(lab, open_notebook):
    """jupyterlab/jupyterlab#6929: a console that was opened on a notebook's kernel closed its comms."""
    code = f"{LOAD}\n%config LLMNumbers.model = 'gpt-4'"
    notebook = open_notebook(lab.write("console.ipynb", code, "%llmcost hello", ""), path="lab/tree")
    notebook.ready()
    notebook.run_all()
    expect(notebook.lines).to_contain_text("· gpt-4 ·")
    page = notebook.page
    page.evaluate("() => void window.jupyterapp.commands.execute('notebook:create-console')")
    prompt = page.locator(".jp-CodeConsole-promptCell .cm-content")
    prompt.click()
    page.keyboard.type("%llmcost hello world")
    expect(page.locator(".jp-CodeConsole-promptCell .llmnumbers-line")).to_contain_text("· gpt-4 ·")
    notebook.type_into(2, "%config LLMNumbers.model = 'gpt-4o'")
    page.keyboard.press("Control+Enter")
    expect(line(notebook, 1)).to_contain_text("· gpt-4o ·")
    expect(page.locator(".jp-CodeConsole-promptCell .llmnumbers-line")).to_contain_text("· gpt-4o ·")


def test_the_language_of_the_notebook_and_the_end_of_the_extension(lab, open_notebook):
    code = f"{LOAD}\n%config LLMNumbers.language = 'ja'"
    notebook = open_notebook(lab.write("ends.ipynb", code, "%llmcost -m gpt-4o hello", ""))
    notebook.ready()
    notebook.run_all()
    expect(line(notebook, 1)).to_contain_text("1トークン")
    notebook.type_into(2, "%unload_ext ipython_llmnumbers")
    notebook.page.keyboard.press("Control+Enter")
    expect(line(notebook, 1)).to_contain_text("1 token")
