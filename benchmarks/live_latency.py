"""Keystroke → updated line, in a real JupyterLab: `python benchmarks/live_latency.py`.

Needs the extra `[browser]` and chromium. The goals, with the kernel busy: a median of 25 ms for a
10 kB cell and of 40 ms for 100 kB; no task over 50 ms in the page while somebody types in a 100 kB
cell; as fast with 200 such cells open. One run on one machine: the last row is a cell of the same
size without the magic, for what the editor itself takes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import Page, sync_playwright

from tests.browser.lab import CHROMIUM, FLAGS, Lab, Notebook

KEYSTROKES = 200
N_OPEN_CELLS = 200
# A keystroke whose line has not changed by then is counted as late.
_PATIENCE_MS = 3_000
SENTENCE = "Summarise the text below in three sentences, and name the sources that it cites.\n"

# Inserts a word as a keystroke does, through the editor, and notes when the line has changed.
_TYPE = """async ([keystrokes, pause, patience]) => {
    const cell = window.jupyterapp.shell.currentWidget.content.activeCell;
    const editor = cell.editor.editor;
    const times = [], tasks = [];
    const observer = new PerformanceObserver((list) => {
        for (const task of list.getEntries()) tasks.push(task.duration);
    });
    observer.observe({ type: "longtask" });
    for (let n = 0; n < keystrokes; n++) {
        const line = cell.node.querySelector(".llmnumbers-lines");
        const start = performance.now();
        const changed = line && new Promise((done) => {
            const watch = new MutationObserver(() => {
                watch.disconnect();
                done(performance.now() - start);
            });
            watch.observe(line, { childList: true });
        });
        const from = editor.state.doc.length;
        const changes = { from, insert: " word" };
        editor.dispatch({ changes, selection: { anchor: from + 5 }, userEvent: "input.type" });
        const late = new Promise((done) => setTimeout(() => done(null), patience));
        if (changed) times.push(await Promise.race([changed, late]));
        await new Promise((go) => setTimeout(go, pause));
    }
    observer.disconnect();
    return [times.filter((each) => each !== null), tasks, times.filter((each) => each === null).length];
}"""


def cell_of(n_bytes: int, magic: str = "%%llmcost -m gpt-4o\n") -> str:
    return (magic + SENTENCE * (n_bytes // len(SENTENCE) + 1))[:n_bytes]


def type_into(page: Page, index: int) -> tuple[list[float], list[float], int]:
    """Milliseconds from each keystroke to its line, and of each task over 50 ms; how many had no new line."""
    page.locator(".jp-CodeCell").nth(index).locator(".cm-content").click(position={"x": 40, "y": 8})
    page.wait_for_timeout(1000)
    page.evaluate(_TYPE, [10, 30, _PATIENCE_MS])
    times, tasks, n_late = page.evaluate(_TYPE, [KEYSTROKES, 30, _PATIENCE_MS])
    return times, tasks, n_late


def row(name: str, times: list[float], tasks: list[float], n_late: int) -> str:
    line = (
        f"{median(times):8.1f} {quantiles(times, n=100)[98]:8.1f} {max(times):8.1f}" if times else f"{'':26}"
    )
    return f"  {name:34}{line}{len(tasks):12} {max(tasks, default=0):10.0f} {n_late:8}"


def main() -> None:
    busy = "import time\nprint('started')\ntime.sleep(600)"
    cells = [busy, cell_of(10_000), cell_of(100_000), cell_of(100_000, "# no magic\n")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder)).wait()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            page = browser.new_page()
            page.goto(f"{lab.url}/doc/tree/{lab.write('benchmark.ipynb', *cells)}?token=secret&reset")
            page.locator(".jp-CodeCell .cm-content").first.wait_for()
            notebook = Notebook(page)
            notebook.ready()
            print(f"{KEYSTROKES} keystrokes in each cell, milliseconds")
            print(
                f"  {'':34}{'median':>9}{'p99':>9}{'max':>9}{'long tasks':>12}{'longest':>10}{'late':>9}",
                flush=True,
            )
            print(row("10 kB, kernel idle", *type_into(page, 1)), flush=True)
            notebook.run_all()
            page.locator(".jp-OutputArea-output").get_by_text("started").wait_for()
            print(row("10 kB, kernel busy", *type_into(page, 1)), flush=True)
            print(row("100 kB, kernel busy", *type_into(page, 2)), flush=True)
            print(row("100 kB without the magic", *type_into(page, 3)), flush=True)
            many = lab.write("many.ipynb", *[cell_of(10_000)] * N_OPEN_CELLS)
            page.goto(f"{lab.url}/doc/tree/{many}?token=secret&reset")
            # JupyterLab draws them one after the other, while it has nothing else to do.
            page.locator(".llmnumbers-line").nth(N_OPEN_CELLS - 1).wait_for(state="attached", timeout=120_000)
            Notebook(page).ready()
            print(row(f"10 kB, {N_OPEN_CELLS} such cells open", *type_into(page, 0)), flush=True)
        finally:
            browser.close()
            lab.stop()


if __name__ == "__main__":
    main()
