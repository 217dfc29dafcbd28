"""Run one case of `hardening_cases.yaml` in this process and folder; what came of it is printed as JSON.

Called with the case as JSON. The memory is limited to what the loaded package takes and `gigabytes` more.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output


def main() -> None:
    """Load the extension, run the cells, and say how the last one ended and what it showed."""
    case = json.loads(sys.argv[1])
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "ipython_llmnumbers")
    os.environ.update(case.get("env", {}))
    if "dataframe" in case:
        import pandas

        shell.user_ns["df"] = pandas.DataFrame(case["dataframe"])
    with capture_output():
        for cell in ("%llmcost -m gpt-4o warm", *case.get("before", ())):
            shell.run_cell(cell)
    limit_memory(case["gigabytes"])
    with capture_output() as captured:
        result = shell.run_cell(case["run"])
    error, value = result.error_in_exec or result.error_before_exec, result.result
    shown = [captured.stdout, captured.stderr, *(str(each) for each in captured.outputs)]
    figures = {}
    if value is not None:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            bundle = value._repr_mimebundle_()
        shown += [text for text in bundle.values() if isinstance(text, str)]
        figures = {figure.name: figure.value for figure in value.figures}
    out = {
        "error": [each.__name__ for each in type(error).__mro__] if error else [],
        "stdout": captured.stdout,
        "shown": shown,
        "figures": {name: number for name, number in figures.items() if isinstance(number, int)},
    }
    print(json.dumps(out))


def limit_memory(gigabytes: float) -> None:
    """No more address space than there is now, and so many gigabytes."""
    now = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + int(gigabytes * 2**30),) * 2)


if __name__ == "__main__":
    main()
