"""The magics in a real IPython shell: what is typed, what comes back, what goes wrong."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.utils.capture import capture_output

from ipython_llmnumbers.catalog.defaults import DEFAULT_MODEL
from ipython_llmnumbers.catalog.numbers_2023 import all_number_keys
from ipython_llmnumbers.errors import LLMNumbersError, UsageError
from ipython_llmnumbers.magics import MAGICS
from ipython_llmnumbers.magics.completion import complete
from ipython_llmnumbers.magics.option_values import plain_number, whole_number
from ipython_llmnumbers.magics.options import Option, parse, parse_around
from ipython_llmnumbers.messages import LANGUAGES


def typed(shell, code):
    """What a cell prints, displayed result included, and whether it succeeded."""
    with capture_output() as captured:
        result = shell.run_cell(code)
    shown = captured.stdout + captured.stderr + "".join(str(output) for output in captured.outputs)
    return shown, result


def completions(shell, line):
    """What TAB offers at the end of a line."""
    with provisionalcompleter():
        return [each.text for each in shell.Completer.completions(line, len(line))]


# -- what is typed ----------------------------------------------------------------------


def test_the_cell_is_the_prompt_less_the_newline_that_the_editor_does_not_show(shell):
    assert shell.run_cell_magic("llmcost", "-m gpt-4o", "hello world\n")["input_tokens"].value == 2
    assert shell.run_cell_magic("llmcost", "-m gpt-4o", "hello world\n\n")["input_tokens"].value == 3


@pytest.mark.parametrize(
    "prompt",
    ["{name} and $x", "100 %time", "ends in ;", "two  spaces", "a 'quote", '"quoted"', "# hash", "\\n"],
)
def test_a_prompt_is_text_on_a_line_and_in_a_cell(shell, prompt):
    shell.run_cell("name = 'Ada'; x = 3")
    on_line = shell.run_line_magic("tokens", f"-m gpt-4o {prompt}")
    in_cell = shell.run_cell_magic("tokens", "-m gpt-4o", prompt + "\n")
    for estimate in (on_line, in_cell):
        assert b"".join(piece.data for piece in estimate.pieces).decode() == prompt


def test_an_assigned_estimate_is_silent(shell):
    shown, _ = typed(shell, "x = %llmcost -m gpt-4o --out 5 hello world")
    assert shown == ""
    assert shell.user_ns["x"]["output_tokens"].value == 5


def test_a_cell_that_ends_in_a_semicolon_still_shows_its_estimate(shell):
    shown, _ = typed(shell, "%%llmcost -m gpt-4o\nhello;")
    assert "gpt-4o" in shown


def test_options_are_honoured(shell):
    estimate = shell.run_cell_magic("llmcost", "--model=gpt-4o,gpt-4o-mini --out 1k --calls 2,000", "hello")
    assert [part.subject for part in estimate.parts] == ["gpt-4o-mini", "gpt-4o"]
    assert estimate.parts[0]["output_tokens"].value == 1000
    assert estimate.parts[0]["calls"].value == 2000


def test_a_variable_and_an_attribute_of_one_are_taken_as_text(shell):
    shell.run_cell("prompt = 'hello world'\nclass Page: text = 'hello world again'\npage = Page()")
    assert shell.run_line_magic("tokens", "-m gpt-4o -v prompt")["tokens"].value == 2
    assert shell.run_line_magic("llmcost", "-m gpt-4o -v page.text")["input_tokens"].value == 3


def test_the_default_model_is_a_setting(shell):
    assert shell.run_cell_magic("llmcost", "", "hello").subject == DEFAULT_MODEL
    shell.run_cell("%config LLMNumbers.model = 'gpt-4'")
    assert shell.run_cell_magic("llmcost", "", "hello").subject == "gpt-4"


def test_a_wrong_default_model_is_refused_with_the_remedy(shell, caplog):
    shell.run_cell("%config LLMNumbers.model = 'gpt-4p'")
    assert "nearest: gpt-4" in caplog.text
    assert shell.run_cell_magic("llmcost", "", "hello").subject == DEFAULT_MODEL
    # Where it stands in the configuration it is refused at its first use: %load_ext reads no table.
    shell.run_line_magic("reload_ext", "ipython_llmnumbers")
    _, result = typed(shell, "%llmcost hello")
    assert "unknown model 'gpt-4p'; nearest: gpt-4" in str(result.error_in_exec)
    assert shell.run_line_magic("llmcost", "-m gpt-4o hello").subject == "gpt-4o"


def test_numbers_and_fit_answer(shell):
    every = shell.run_line_magic("llmnumbers", "").parts
    assert [part.subject for part in every] == list(all_number_keys())
    fit = shell.run_line_magic("gpufit", "llama-3.1-8b --gpu A100-80GB --context 8k")
    assert fit.verdict == "fits"
    assert shell.run_line_magic("gpufit", "--gpu A100-80GB 13B").verdict == "fits"


# -- the language -----------------------------------------------------------------------


@pytest.mark.parametrize("magic", MAGICS, ids=lambda magic: magic.name)
def test_every_magic_takes_a_language(shell, magic):
    words = {"gpufit": "13B --gpu T4", "llmnumbers": "tokens_per_word"}.get(magic.name, "-m gpt-4o hello")
    estimate = shell.run_line_magic(magic.name, f"--lang en {words}")
    assert estimate.voice.language == "en"
    assert estimate.figures == shell.run_line_magic(magic.name, words).figures
    assert shell.run_line_magic(magic.name, f"--lang JA {words}").voice.language == "ja"
    shell.run_cell("%config LLMNumbers.language = 'ja'")
    assert shell.run_line_magic(magic.name, words).voice.language == "ja"
    assert shell.run_line_magic(magic.name, f"--lang=en {words}").voice.language == "en"


@pytest.mark.parametrize("magic", MAGICS, ids=lambda magic: magic.name)
def test_an_unknown_language_is_refused_with_those_that_there_are(shell, magic):
    shown, result = typed(shell, f"%{magic.name} --lang xx hello")
    assert isinstance(result.error_in_exec, UsageError)
    assert shown.startswith("llmnumbers: --lang xx is not one of en")
    assert all(language in shown for language in LANGUAGES)


@pytest.mark.parametrize("language", ["xx", "", None, ["en"]])
def test_an_unknown_language_is_no_setting(shell, caplog, language):
    shell.run_cell(f"%config LLMNumbers.language = {language!r}")
    assert "is not one of en, ja" in caplog.text
    assert shell.run_line_magic("tokens", "-m gpt-4o hello").voice.language == "en"


def test_a_wrong_setting_at_the_start_leaves_the_others(shell):
    config = shell.config.LLMNumbers
    config.language, config.model, config.rate, config.currency = "ja", "claude-opus-5-5", "150", "JPY"
    try:
        with capture_output() as captured:
            shell.run_line_magic("reload_ext", "ipython_llmnumbers")
        (line,) = captured.stdout.strip().splitlines()
        assert "LLMNumbers.rate '150'" in line
        estimate = shell.run_line_magic("tokens", "hello")
        assert (estimate.voice.language, estimate.subject) == ("ja", "claude-opus-5-5")
        assert "--rate" in str(typed(shell, "%llmcost hello")[1].error_in_exec)
    finally:
        del shell.config["LLMNumbers"]


def test_a_wrong_language_at_the_start_is_english(shell):
    shell.config.LLMNumbers.language = "xx"
    try:
        with capture_output() as captured:
            shell.run_line_magic("reload_ext", "ipython_llmnumbers")
    finally:
        del shell.config["LLMNumbers"]
    (line,) = captured.stdout.splitlines()
    assert line.startswith("llmnumbers: LLMNumbers.language 'xx' is not one of en, ja")
    assert line.endswith("; the default is used")
    assert shell.run_line_magic("tokens", "hello").voice.language == "en"


def test_a_mistake_is_told_in_the_language_of_its_line(shell):
    for line in ("--lang ja --calls x hello", "--calls x --lang ja hello"):
        assert typed(shell, f"%llmcost {line}")[1].error_in_exec._voice.language == "ja"
    shell.run_cell("%config LLMNumbers.language = 'ja'")
    assert typed(shell, "%llmcost --bogus --lang en hello")[1].error_in_exec._voice.language == "en"
    assert typed(shell, "%llmcost --bogus --language en hello")[1].error_in_exec._voice.language == "ja"


# -- help and completion ----------------------------------------------------------------


def test_a_question_mark_asks_for_the_help(shell):
    shown, _ = typed(shell, "%tokens --help")
    assert shell.object_inspect("%tokens")["docstring"] == shown.strip()


@pytest.mark.parametrize("magic", MAGICS, ids=lambda magic: magic.name)
def test_the_example_of_the_help_runs(shell, magic):
    helped, _ = typed(shell, f"%{magic.name} --help")
    assert f"\nexample: {magic.example}\n" in helped
    assert shell.run_cell(magic.example).result.figures


@pytest.mark.parametrize("magic", MAGICS, ids=lambda magic: magic.name)
def test_every_option_is_in_the_help_and_in_the_docstring(shell, magic):
    helped, _ = typed(shell, f"%{magic.name} --help")
    documented = shell.find_magic(magic.name).getdoc()
    for option in magic.all_options:
        for flag in option.flags:
            assert flag in helped
            assert flag in documented
    for line in helped.splitlines():
        assert len(line) <= 120


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%%llmcost --ou", "--out"),
        ("%%llmcost -m gpt-4o-mi", "gpt-4o-mini"),
        ("%%llmcost -m gpt-4o,claude-opus-5-", "claude-opus-5-5"),
        ("%tokens --model=deepseek_", "deepseek_v3"),
        ("x = %tokens -m o200", "o200k_base"),
        ("%gpufit llama-3.1-8", "Llama-3.1-8B"),
        ("%gpufit 13B --quant q4_k", "q4_k_m"),
        ("%gpufit 13B --gpu a100-80", "A100-80GB-SXM"),
        ("%llmnumbers --he", "--help"),
        ("%llmnumbers tokens_per_", "tokens_per_word"),
        ("%llmnumbers kv_memory_per_token_", "kv_memory_per_token_mla"),
        ("%%llmcost --la", "--lang"),
        ("%tokens --lang j", "ja"),
        ("%gpufit 13B --lang ", "en"),
    ],
)
def test_tab_offers_options_models_quantisations_and_gpus(shell, line, offered):
    assert offered in completions(shell, line)


@pytest.mark.slow
def test_completion_leaves_other_lines_alone(shell):
    assert not {"--out", "gpt-4o"} & set(completions(shell, "%timeit -"))
    assert complete(MAGICS[0], " -m gpt-4o some te")[2] == []


# -- what goes wrong --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("%%llmcost -m gpt-4p\nx", "unknown model 'gpt-4p'; nearest: gpt-4"),
        ("%%llmcost --modle gpt-4o\nx", "unknown option '--modle'; nearest: --model"),
        ("%%llmcost --out\nx", "--out needs a value: --out TOKENS"),
        ("%%llmcost --out ten\nx", "--out 'ten' is not a whole number"),
        ("%%llmcost --out -5\nx", "--out -5 is not a whole number from 0"),
        ("%%llmcost --calls 1.5\nx", "--calls '1.5' is not a whole number"),
        ("%%llmcost --calls 1e9\nx", "--calls '1e9' is not a whole number"),
        ("%%llmcost gpt-4o\nx", "'gpt-4o' on the first line of a cell"),
        ("%%llmcost -v x\nx", "-v x on the first line of a cell"),
        ("%%llmcost --help=3\nx", "--help takes no value"),
        ("%%tokens -m\nx", "-m needs a value"),
        ("%%llmcost\n\n", "nothing to count"),
        ("%llmcost", "nothing to count"),
        ("%tokens -v nosuch", "-v 'nosuch': no variable of that name"),
        ("%tokens -v promt", "nearest: prompt"),
        ("%tokens -v number", "number is of type int: give text"),
        ("%tokens -v prompt.nosuch", "prompt has no 'nosuch'"),
        ("%tokens -v prompt hello", "give one of them"),
        ("%tokens -d degrees", "write -- before a text that starts with a dash"),
        ("%gpufit --speed", "--speed needs a model"),
        ("%gpufit nosuchmodel", "unknown model 'nosuchmodel'"),
        ("%gpufit 13B --gpu RTX9999", "unknown GPU 'RTX9999'"),
        ("%gpufit 13B --quant q9", "unknown quantisation 'q9'"),
        ("%gpufit 13B --context 0", "--context"),
        ("%gpufit 13B --batch 0", "--batch"),
        ("%llmnumbers tokens_per_wrd", "unknown number 'tokens_per_wrd'; nearest: tokens_per_word"),
        ("%llmnumbers --set words=3", "--set needs the name of a number"),
        ("%llmnumbers tokens_per_word --set wrds=3", "no input 'wrds'; nearest: words; it takes words"),
        ("%llmnumbers tokens_per_word --set words", "write --set NAME=NUMBER"),
        ("%llmnumbers tokens_per_word --set words=many", "'words=many' is not a number"),
        ("%llmnumbers tokens_per_word --set words=1.5", "words are counted in whole numbers"),
        ("%llmnumbers tokens_per_word --set words=-3", "give a number from 0 up"),
        ("%llmnumbers 5 --set usd_per_hour=0", "the formula has no result for this"),
        ("%llmnumbers 3 --set output_percent=101", "a percentage from 0 to 100"),
        ("%llmnumbers gpu_memory --set x=1", "has no formula"),
        ("%llmnumbers --quiz 99", "--quiz 99 is not a whole number from 1 to 24"),
        ("%llmnumbers --quiz 3 tokens_per_word", "draws its own numbers"),
        ("%llmnumbers --seed 3", "--seed belongs to --quiz"),
        ("%llmnumbers --answers 50", "ask one first with --quiz"),
        ("%llmnumbers --quiz 2 --seed 1 --answers", "--answers needs guesses"),
        ("%llmnumbers --quiz 2 --seed 1 --answers 3:5", "the quiz has questions 1 to 2"),
        ("%llmnumbers --quiz 2 --seed 1 --answers 1:fifty", "'fifty' is not a number"),
        ("%llmnumbers --quiz 2 --seed 1 --answers 1:0", "guess a number above 0"),
        ("%llmnumbers gpu_memory --sliders", "nothing to slide"),
    ],
)
def test_bad_input_is_one_line_and_the_shell_goes_on(shell, code, message):
    shell.run_cell("prompt = 'text'; number = 3")
    shown, result = typed(shell, code)
    assert isinstance(result.error_in_exec, LLMNumbersError)
    assert message in shown
    assert len(shown.strip().splitlines()) == 1
    assert "Traceback" not in shown
    assert shell.run_line_magic("tokens", "-m gpt-4o hello world")["tokens"].value == 2


def test_a_cell_without_a_body_is_one_line_of_ipython_s_own(shell):
    shown, _ = typed(shell, "%%llmcost -m gpt-4o\n")
    assert "cell body is empty" in shown
    assert len(shown.strip().splitlines()) == 1


def test_a_broken_user_table_is_one_line(shell, user_table):
    user_table.write_text("[[prices]\n")
    shown, _ = typed(shell, "%%llmcost -m gpt-4o\nx")
    assert len(shown.strip().splitlines()) == 1
    assert "not valid TOML" in shown


# -- the parser -------------------------------------------------------------------------

_MODEL = Option(("-m", "--model"), "", "MODEL")
_COUNT = Option(("--out",), "", "N", whole_number)
_SWITCH = Option(("--json",), "")


@pytest.mark.parametrize(
    ("line", "values", "rest"),
    [
        ("", {}, ""),
        ("  hello  ", {}, "hello  "),
        ("-m gpt-4o  a  b", {"model": "gpt-4o"}, "a  b"),
        ("--model=gpt-4o x", {"model": "gpt-4o"}, "x"),
        ("-m 'two words' x", {"model": "two words"}, "x"),
        ('-m "" x', {"model": ""}, "x"),
        ("--json --out 5 -- --json", {"json": True, "out": 5}, "--json"),
        ("'-m' x", {}, "'-m' x"),
        ("it's -m here", {}, "it's -m here"),
    ],
)
def test_options_stand_before_the_text(line, values, rest):
    parsed = parse([_MODEL, _COUNT, _SWITCH], line)
    assert (parsed.values, parsed.rest) == (values, rest)


def test_options_may_stand_around_the_words_of_a_magic_without_a_text():
    parsed = parse_around([_MODEL, _COUNT], "one --out 5 two -m x three")
    assert (parsed.values, parsed.rest) == ({"out": 5, "model": "x"}, "one two three")


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("1000", 1000),
        ("1,000", 1000),
        ("1_000", 1000),
        ("8k", 8000),
        ("1.5M", 1_500_000),
        ("32Ki", 32768),
        ("0", 0),
        ("-3", -3),
    ],
)
def test_whole_numbers_as_people_write_them(word, number):
    assert whole_number("--out", word) == number


@pytest.mark.parametrize("word", ["", "x", "1.5", "1e9", "k", "١٢", "0x10", "9" * 60, "1 000"])
def test_what_is_not_a_whole_number_is_refused(word):
    with pytest.raises(UsageError, match="not a whole number"):
        whole_number("--out", word)


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("7", 7),
        ("7k", 7_000),
        ("7M", 7_000_000),
        ("7B", 7_000_000_000),
        ("7T", 7_000_000_000_000),
        ("7Ki", 7 * 1_024),
        ("7Mi", 7 * 1_024**2),
        ("7Gi", 7 * 1_024**3),
        ("7Ti", 7 * 1_024**4),
    ],
)
def test_each_letter_behind_a_number_has_its_size(word, number):
    assert plain_number("--set", word) == plain_number("--set", word.lower()) == number
    if word not in ("7Gi", "7Ti"):  # no count is so large
        assert whole_number("--calls", word) == whole_number("--calls", word.upper()) == number
