"""A notebook with the cost under each prompt: shapes of notebooks that people write about prompts."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ipython_llmnumbers.__main__ import main
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.notebooks.ipython_syntax import annotate
from ipython_llmnumbers.prompts_in_code.find_prompts import find_prompts


def prompts_of(*cells, kind="code"):
    """The prompts of a notebook with these cells, as (text, model, parts that are not known)."""
    found = find_prompts([(kind, cell) for cell in cells], TransformerManager().transform_cell)
    assert not [each.problem for each in found if each.problem]
    return [(each.text, each.model, each.n_unknown) for cell in found for each in cell.prompts]


# -- calls of client libraries --------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # OpenAI, chat completions: messages, and a model beside them.
        (
            'client.chat.completions.create(model="gpt-4o-mini", messages=[\n'
            '  {"role": "system", "content": "You are terse."},\n'
            '  {"role": "user", "content": "Why is the sky blue?"}])',
            ("You are terse.\nWhy is the sky blue?", "gpt-4o-mini", 0),
        ),
        # OpenAI, responses.
        (
            'response = client.responses.create(model="gpt-5", instructions="Be kind.", input="Hello")\n'
            "print(response.output_text)",
            ("Be kind.\nHello", "gpt-5", 0),
        ),
        # OpenAI before 1.0, and completions before chat.
        (
            'openai.ChatCompletion.create(model="gpt-4", messages=[{"role": "user", "content": "Hi"}])',
            ("Hi", "gpt-4", 0),
        ),
        ('openai.Completion.create(engine="davinci", prompt="Once upon")', ("Once upon", "davinci", 0)),
        # Content in parts, of which an image is no text.
        (
            'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": [\n'
            '  {"type": "text", "text": "What is this?"},\n'
            '  {"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}]}])',
            ("What is this?", "gpt-4o", 0),
        ),
        # Anthropic.
        (
            'client.messages.create(model="claude-opus-5-5", max_tokens=100, system="Be brief.",\n'
            '  messages=[{"role": "user", "content": "Hello"}])',
            ("Be brief.\nHello", "claude-opus-5-5", 0),
        ),
        (
            'with client.messages.stream(model="claude-opus-5-5", messages=[{"content": "Go"}]):\n    pass',
            ("Go", "claude-opus-5-5", 0),
        ),
        # google-genai and its predecessor.
        (
            'client.models.generate_content(model="gemini-2.5-pro", contents="Tell me a story")',
            ("Tell me a story", "gemini-2.5-pro", 0),
        ),
        (
            'client.models.generate_content(model="gemini-2.5-pro", contents=["Tell", "me"],\n'
            '  config=types.GenerateContentConfig(system_instruction="You are a cat."))',
            ("You are a cat.\nTell\nme", "gemini-2.5-pro", 0),
        ),
        (
            'm = genai.GenerativeModel("gemini-2.5-flash")\nm.generate_content("Hello")',
            ("Hello", "gemini-2.5-flash", 0),
        ),
        # LiteLLM.
        (
            'litellm.completion(model="gpt-4o", messages=[{"role": "user", "content": "Hey"}])',
            ("Hey", "gpt-4o", 0),
        ),
        (
            'from litellm import completion\ncompletion("gpt-4o", messages=[{"content": "Hey"}])',
            ("Hey", "gpt-4o", 0),
        ),
        # LangChain: templates, messages, a model that is called.
        (
            'prompt = ChatPromptTemplate.from_messages([("system", "You translate to {language}."),\n'
            '  ("human", "{text}")])',
            ("You translate to .", None, 2),
        ),
        ('PromptTemplate.from_template("Tell a {kind} joke")', ("Tell a  joke", None, 1)),
        ('PromptTemplate(input_variables=["x"], template="About {x}.")', ("About .", None, 1)),
        (
            'llm = ChatOpenAI(model="gpt-4o-mini")\nllm.invoke("What is 2 + 2?")',
            ("What is 2 + 2?", "gpt-4o-mini", 0),
        ),
        (
            'chat = ChatOpenAI(model_name="gpt-4")\n'
            'chat([SystemMessage(content="Be nice."), HumanMessage(content="Hi")])',
            ("Be nice.\nHi", "gpt-4", 0),
        ),
    ],
)
def test_known_client_calls(code, expected):
    assert prompts_of(code) == [expected]


def test_awaited_and_asynchronous_calls_in_a_cell():
    code = 'r = await client.chat.completions.create(model="gpt-4o", messages=[{"content": "Hi"}])'
    assert prompts_of(code) == [("Hi", "gpt-4o", 0)]


# -- texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "n_unknown"),
    [
        ('"plain"', "plain", 0),
        ('"two " "parts"', "two parts", 0),
        ('f"Dear {person}, {KNOWN}"', "Dear , known", 1),
        ('f"{3} of {x:>10} {{braces}}"', "3 of  {braces}", 1),
        ('"Translate: " + text', "Translate: ", 1),
        ('"Translate %s to %(lang)s" % values', "Translate  to ", 2),
        ('"Translate {} to {lang}".format(x, lang="French")', "Translate  to French", 1),
        ('KNOWN.strip() + "!"', "known!", 0),
        ('textwrap.dedent("""\n    a\n    b""")', "\na\nb", 0),
        ('"yes" if flag else "no"', "no", 1),
        ('"ab" * 3', "ababab", 0),
        ("KNOWN", "known", 0),
    ],
)
def test_the_fixed_part_of_a_text_is_read(text, expected, n_unknown):
    code = f"KNOWN = 'known'\nclient.responses.create(input={text})"
    assert prompts_of(code) == [(expected, None, n_unknown)]


def test_names_go_from_cell_to_cell_and_the_latest_counts():
    cells = ("PROMPT = 'first'", "PROMPT += ' and second'", "client.responses.create(input=PROMPT)")
    assert prompts_of(*cells) == [("first and second", None, 0)]
    assert prompts_of("P = 'a'", "P = load()", "client.responses.create(input=P)") == [("", None, 1)]
    assert prompts_of("P = 'a'", "for P in load():\n  client.responses.create(input=P)") == [("", None, 1)]


def test_messages_that_grow():
    code = (
        "messages = [{'role': 'system', 'content': 'Be brief.'}]\n"
        "messages.append({'role': 'user', 'content': f'Hello {name}'})\n"
        "messages += [{'role': 'user', 'content': 'And?'}]\n"
        "client.chat.completions.create(model=MODEL, messages=messages)"
    )
    assert prompts_of("MODEL = 'gpt-4o-mini'", code) == [("Be brief.\nHello \nAnd?", "gpt-4o-mini", 1)]


# -- helper functions -----------------------------------------------------------------------

HELPER = '''
def get_completion(prompt, model="gpt-3.5-turbo", temperature=0):
    """The helper of a course on prompts."""
    messages = [{"role": "user", "content": prompt}]
    response = client.chat.completions.create(model=model, messages=messages, temperature=temperature)
    return response.choices[0].message.content
'''


def test_a_helper_sends_what_it_is_called_with():
    cells = (
        HELPER,
        'text = "a story"\nprompt = f"""\nSummarize: ```{text}```\n"""\nprint(get_completion(prompt))',
        'get_completion("Hi", model="gpt-4o")',
        'get_completion(prompt="Bye", temperature=1)',
    )
    assert prompts_of(*cells) == [
        ("\nSummarize: ```a story```\n", "gpt-3.5-turbo", 0),
        ("Hi", "gpt-4o", 0),
        ("Bye", "gpt-3.5-turbo", 0),
    ]


def test_a_helper_adds_its_own_text_and_helpers_call_helpers():
    cells = (
        "def ask(system, user):\n"
        "    return client.messages.create(model='claude-opus-5-5', system='Rules. ' + system,\n"
        "        messages=[{'role': 'user', 'content': user}])",
        "def ask_nicely(q): return ask('Be nice.', f'Please: {q}')",
        "ask_nicely('why?')",
    )
    assert prompts_of(*cells) == [("Rules. Be nice.\nPlease: why?", "claude-opus-5-5", 0)]


def test_a_helper_that_is_defined_and_not_called_keeps_its_fixed_text():
    code = "def f(x):\n    return client.responses.create(model='gpt-4o', input=f'Fixed {x}')"
    assert prompts_of(code) == [("Fixed ", "gpt-4o", 1)]


def test_methods_imported_helpers_and_messages_as_arguments():
    bot = (
        "class Bot:\n    def ask(self, q):\n"
        "        return self.client.chat.completions.create(model='gpt-4o', messages=[{'content': q}])"
    )
    assert prompts_of(bot, "bot = Bot()\nbot.ask('Hello')") == [("Hello", "gpt-4o", 0)]
    assert prompts_of("from helpers import get_completion", "get_completion('Hi')") == [("Hi", None, 0)]
    with_messages = HELPER.replace("get_completion(prompt", "get_completion_from_messages(messages").replace(
        '    messages = [{"role": "user", "content": prompt}]\n', ""
    )
    assert prompts_of(with_messages, "m = [{'content': 'a'}]\nget_completion_from_messages(m)") == [
        ("a", "gpt-3.5-turbo", 0)
    ]


def test_helpers_that_call_each_other_come_to_an_end():
    cells = (
        "def a(x): return client.responses.create(input=x)",
        "def b(x): return a(x), b(x), b(x), b(x)",
        "b('x')",
    )
    assert ("x", None, 0) in prompts_of(*cells)


@pytest.mark.parametrize(
    "code",
    [
        "subprocess.run('ls')",
        "print('client.responses.create(input=\"x\")')",
        "df.query('a > 3')",
        "model.predict(X)",
        "chain.invoke({'topic': 'bears'})",
        "twilio.messages.create(body='hello', to='x')",
        "requests.post(url, json={'messages': [{'content': 'x'}]})",
        "",
        "# a comment",
    ],
)
def test_other_calls_are_no_prompts(code):
    assert [text for text, _, _ in prompts_of(code) if text] == []


# -- IPython's syntax and Markdown ------------------------------------------------------------


def test_magic_cells():
    assert prompts_of("%%llmcost -m gpt-4o-mini --out 5\nHello {name}\n") == [
        ("Hello {name}", "gpt-4o-mini", 0)
    ]
    assert prompts_of("%%time\nclient.responses.create(input='x')") == [("x", None, 0)]
    assert prompts_of("%%llmcost --run\nclient.responses.create(input='x')") == [("x", None, 0)]
    assert prompts_of("%%bash\nclient.responses.create(input='x')", "%%html\n<b>") == []
    assert prompts_of("!pip install openai\n%matplotlib inline\nx?\nclient.responses.create(input='x')") == [
        ("x", None, 0)
    ]


def test_fenced_prompts_in_markdown():
    text = (
        "# Lesson\n```prompt\nYou are a cat.\n```\n"
        "Use this prompt:\n\n```\nBe brief.\n```\n\n```python\nx = 1\n```"
    )
    assert prompts_of(text, kind="markdown") == [("You are a cat.", None, 0), ("Be brief.", None, 0)]


# -- whole notebooks --------------------------------------------------------------------------


def course_notebook():
    """The shape of a notebook of a prompt-engineering course, with an output of 2 MB."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Prompting"),
            new_code_cell("!pip install openai\nfrom openai import OpenAI\nclient = OpenAI()"),
            new_code_cell(HELPER),
            new_code_cell(
                'get_completion("Summarise the text | with *stars*.")',
                outputs=[new_output("stream", text="long " * 400_000)],
            ),
            new_code_cell("def broken(:\n    pass"),
            new_code_cell("get_completion('On a model of no table', model='my-own-model')"),
            new_code_cell("get_completion(read_file())"),
        ]
    )


def write(path, notebook):
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def added(path):
    """The cells of a copy that were written by the annotation."""
    return [cell for cell in nbformat.read(path, as_version=4).cells if "llmnumbers" in cell.metadata]


def test_the_copy_has_a_note_under_each_prompt_and_a_summary_at_the_end(tmp_path):
    source = write(tmp_path / "in.ipynb", course_notebook())
    before = source.read_bytes()
    summary = annotate(str(source), str(tmp_path / "out.ipynb"), "gpt-4o")
    assert source.read_bytes() == before
    copied = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    nbformat.validate(copied)
    kept = [cell for cell in copied.cells if "llmnumbers" not in cell.metadata]
    assert kept == nbformat.read(source, as_version=4).cells
    types = ["llmnumbers" in cell.metadata for cell in copied.cells]
    assert types == [False, False, False, False, True, False, False, True, False, True]
    first, other, last = (cell.source for cell in added(tmp_path / "out.ipynb"))
    assert "Summarise the text \\| with \\*stars\\*." in first
    assert "gpt-3.5-turbo" in first
    assert "'my-own-model' is not known" in other.replace("\\", "")
    assert "| my-own-model |" in other
    assert "unpriced" in other
    assert "prompts whose price is not known, not in the total: 1" in last
    assert summary["total_usd"].value == summary.parts[0]["total_usd"].value
    assert "2 prompts" in last
    assert "cell 5: not Python" in last
    assert "1 more prompts are only known when they run" in last
    assert summary["input_tokens"].value == sum(part["input_tokens"].value for part in summary.parts)


def test_annotating_the_copy_again_adds_nothing(tmp_path):
    source = write(tmp_path / "in.ipynb", course_notebook())
    once, twice = tmp_path / "once.ipynb", tmp_path / "twice.ipynb"
    annotate(str(source), str(once), "gpt-4o")
    annotate(str(once), str(twice), "gpt-4o")
    assert len(added(once)) == len(added(twice)) == 3


def test_old_notebooks_are_read_and_their_minor_version_is_kept(tmp_path):
    third = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": "old"},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 1, "source": ["Old"], "metadata": {}},
                    {
                        "cell_type": "code",
                        "input": ["x = 1\n", "client.responses.create(input='x')"],
                        "language": "python",
                        "outputs": [],
                        "metadata": {},
                        "collapsed": False,
                    },
                ]
            }
        ],
    }
    path = tmp_path / "third.ipynb"
    path.write_text(json.dumps(third))
    assert annotate(str(path), str(tmp_path / "out3.ipynb"), "gpt-4o").details.n_prompts == 1
    fourth = copy.deepcopy(course_notebook())
    fourth.nbformat_minor = 2
    for cell in fourth.cells:
        cell.pop("id")
    annotate(str(write(tmp_path / "v42.ipynb", fourth)), str(tmp_path / "out42.ipynb"), "gpt-4o")
    copied = json.loads((tmp_path / "out42.ipynb").read_text(encoding="utf-8"))
    assert copied["nbformat_minor"] == 2
    assert not [cell for cell in copied["cells"] if "id" in cell]


def test_a_cell_of_many_prompts_is_priced_whole(tmp_path):
    """What a display of that length stores in a notebook holds no Markdown; the copy has nothing else."""
    calls = (f"client.responses.create(model='gpt-4o', input='Question number {n}.')" for n in range(60))
    source = write(tmp_path / "in.ipynb", new_notebook(cells=[new_code_cell("\n".join(calls))]))
    assert annotate(str(source), str(tmp_path / "out.ipynb"), "gpt-4o").details.n_prompts == 60
    (cell, summary) = added(tmp_path / "out.ipynb")
    assert cell.source.count("Question number ") == 60
    assert "60 prompts" in summary.source


def test_a_notebook_without_prompts_or_cells_is_copied_with_a_line(tmp_path):
    for cells in ([], [new_code_cell("x = 1"), new_markdown_cell("text")]):
        source = write(tmp_path / "in.ipynb", new_notebook(cells=cells))
        summary = annotate(str(source), str(tmp_path / "out.ipynb"), "gpt-4o")
        assert summary.details.n_prompts == 0
        assert [cell.source for cell in added(tmp_path / "out.ipynb")] == [
            "**no prompts** in.ipynb\n\n**Info:** no prompts were found"
        ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'"text"',
        b"null",
        b'{"cells": 3, "nbformat": 4}',
        b"\xff\xfe\x00",
        b'{"nbformat": 99}',
    ],
)
def test_what_is_no_notebook_gives_one_line_and_writes_nothing(tmp_path, content):
    source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    source.write_bytes(content)
    with pytest.raises(LLMNumbersError, match="nothing was written") as caught:
        annotate(str(source), str(target), "gpt-4o")
    assert "\n" not in str(caught.value)
    assert not target.exists()


def test_the_original_is_never_the_target(tmp_path):
    source = write(tmp_path / "in.ipynb", course_notebook())
    link = tmp_path / "link.ipynb"
    link.symlink_to(source)
    for target in (str(source), str(link), f"{tmp_path}/./in.ipynb"):
        with pytest.raises(LLMNumbersError, match="the original is never changed"):
            annotate(str(source), target, "gpt-4o")
    with pytest.raises(LLMNumbersError, match=r"needs to='OUT\.ipynb'"):
        annotate(str(source), None, "gpt-4o")
    with pytest.raises(LLMNumbersError, match="cannot be written"):
        annotate(str(source), str(tmp_path / "nosuch" / "out.ipynb"), "gpt-4o")
    with pytest.raises(LLMNumbersError, match="no such file"):
        annotate(str(tmp_path / "nosuch.ipynb"), str(tmp_path / "out.ipynb"), "gpt-4o")


@pytest.mark.parametrize("code", ["(" * 5000, "x = " + "-" * 20_000 + "1", "a\0b", "x" * 500_000 + " ="])
def test_a_cell_that_cannot_be_read_is_left_with_a_line(tmp_path, code):
    source = write(tmp_path / "in.ipynb", new_notebook(cells=[new_code_cell(code)]))
    summary = annotate(str(source), str(tmp_path / "out.ipynb"), "gpt-4o")
    assert [note.level for note in summary.notes].count("warning") == 1
    kept = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[0].source
    assert kept == code


@pytest.mark.slow
def test_the_magic_and_the_command_line(tmp_path, shell):
    source = write(tmp_path / "my in.ipynb", course_notebook())
    summary = shell.run_line_magic("llmcost", f"--annotate '{source}' --to '{tmp_path}/a.ipynb'")
    assert summary.details.n_prompts == 2
    command = [sys.executable, "-m", "ipython_llmnumbers", "annotate", str(source), str(tmp_path / "b.ipynb")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert "2 prompts" in run.stdout
    assert added(tmp_path / "a.ipynb")[0].source == added(tmp_path / "b.ipynb")[0].source
    run = subprocess.run([*command[:-1], str(source)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 1
    assert run.stderr.startswith("llmnumbers: ")
    assert len(run.stderr.splitlines()) == 1
    for line, said in (
        (f"--annotate '{source}'", "needs --to OUT.ipynb"),
        (f"--annotate '{source}' --to x.ipynb hello", "no text beside it"),
        (f"--annotate '{source}' --to x.ipynb --calls 3", "--calls has no part in --annotate"),
    ):
        with pytest.raises(LLMNumbersError, match=said):
            shell.run_line_magic("llmcost", line)


def test_the_command_line_takes_a_language(tmp_path, capsys):
    source = write(tmp_path / "in.ipynb", course_notebook())
    for name, options in (("plain", []), ("english", ["--lang", "en"]), ("japanese", ["--lang", "ja"])):
        assert main(["annotate", str(source), str(tmp_path / f"{name}.ipynb"), *options]) == 0
    assert added(tmp_path / "english.ipynb")[0].source == added(tmp_path / "plain.ipynb")[0].source
    assert len(added(tmp_path / "japanese.ipynb")) == 3
    with pytest.raises(SystemExit) as ended:
        main(["annotate", str(source), str(tmp_path / "no.ipynb"), "--lang", "xx"])
    assert ended.value.code == 2
    # The wording is argparse's, which differs by the version of Python.
    last = capsys.readouterr().err.splitlines()[-1]
    assert "--lang" in last
    assert "xx" in last
    assert not (tmp_path / "no.ipynb").exists()


@pytest.mark.slow
def test_the_command_line_writes_to_a_console_of_few_characters(tmp_path):
    source = write(tmp_path / "in.ipynb", course_notebook())
    command = [
        sys.executable,
        "-m",
        "ipython_llmnumbers",
        "annotate",
        str(source),
        str(tmp_path / "out.ipynb"),
    ]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    run = subprocess.run([*command, "--lang", "ja"], capture_output=True, timeout=300, env=environment)
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("p = 'Hello there'\np = p + ' my friend'\nget_completion(p)", "Hello there my friend"),
        ("p = ' Hello there '\np = p.strip()\nget_completion(p)", "Hello there"),
        ("p = 'Say {x}'\np = p.format(x='hello')\nget_completion(p)", "Say hello"),
    ],
)
def test_a_name_that_is_bound_from_itself_keeps_its_text(source, text):
    (found,) = find_prompts([("code", HELPER + source)], str)
    assert [(each.text, each.n_unknown) for each in found.prompts] == [(text, 0)]


def test_messages_with_more_behind_them_are_both():
    source = (
        "messages = [{'role': 'user', 'content': 'One'}]\n"
        "messages = messages + [{'role': 'user', 'content': 'Two'}]\n"
        "client.chat.completions.create(model='gpt-4o', messages=messages)"
    )
    (found,) = find_prompts([("code", source)], str)
    assert "One" in found.prompts[0].text
    assert "Two" in found.prompts[0].text


def test_a_text_that_grows_by_itself_is_cut_and_said_to_be_the_least():
    doubled = "a = 'hello '\n" + "a = a + a\n" * 40 + "get_completion(a)"
    for source in (doubled, "get_completion('hello ' * 10**12)"):
        (found,) = find_prompts([("code", HELPER + source)], str)
        assert len(found.prompts[0].text) <= 1_000_000
        assert found.prompts[0].n_unknown > 0
    (found,) = find_prompts([("code", HELPER + "x = input()\nget_completion(f'Hi {x} ' * 3)")], str)
    assert found.prompts[0].n_unknown == 3
