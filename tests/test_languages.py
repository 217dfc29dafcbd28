"""Each language says everything that the package says, and what is shown in it holds no English sentence."""

from __future__ import annotations

import ast
import gettext
import pickle
import re
import string

import catalogues
import pytest
from IPython.utils.capture import capture_output
from rich.cells import cell_len
from test_golden import CELLS

from ipython_llmnumbers import count_tokens, estimate_cost, messages, numbers
from ipython_llmnumbers.errors import (
    LLMNumbersError,
    UnknownNameError,
    UnsupportedArchitectureError,
    UsageError,
)
from ipython_llmnumbers.messages import _catalogue, joined, said, say, speaking, tell

LANGUAGE = pytest.mark.parametrize("language", catalogues.TRANSLATED)
# What a Japanese sentence is written with: kana, Han characters and their punctuation.
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
# Two words of lower-case letters side by side are a piece of an English sentence.
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{3,}\b")


# -- the catalogues ---------------------------------------------------------------------


class _Untranslated(gettext.NullTranslations):
    """Stands in for the translations that are not there yet: their values alone, in brackets."""

    def __init__(self, missing):
        super().__init__()
        self.missing = set(missing)

    def gettext(self, message):
        if message not in self.missing:
            return message
        return "〔未訳" + "、".join(f"{{{name}}}" for name, _ in _fields(message) or ()) + "〕"


@pytest.fixture(autouse=True, scope="module")
def _what_is_not_translated_yet():
    """A new English sentence needs no Japanese one to pass here: `make release-check` asks for it."""
    for language in catalogues.TRANSLATED:
        missing = catalogues.untranslated(language, catalogues.messages())
        _catalogue(language).add_fallback(_Untranslated(missing))
    yield
    _catalogue.cache_clear()


@LANGUAGE
def test_a_translation_puts_in_the_same_values(language):
    for text, translation in catalogues.translations(language).items():
        if translation:
            assert _fields(translation) == _fields(text), text


def _fields(template):
    """The values of a template, each with its format; none where braces are text."""
    try:
        return sorted(
            (name, spec) for _, name, spec, _ in string.Formatter().parse(template) if name is not None
        )
    except ValueError:
        return None


@LANGUAGE
def test_what_is_said_is_what_the_catalogue_says(language):
    """The compiled catalogue is that of the text; `make messages` compiles it anew."""
    translated = {text: other for text, other in catalogues.translations(language).items() if other}
    assert {text: _catalogue(language).gettext(text) for text in translated} == translated


def test_without_a_catalogue_the_english_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(messages, "LOCALE_DIR", tmp_path)
    monkeypatch.setattr(messages, "_catalogue", _catalogue.__wrapped__)
    with speaking("ja"):
        assert said(say("{n:,} more tokens", n=1234)) == "1,234 more tokens"


def test_what_is_not_translated_is_listed_and_only_a_release_asks_for_it(monkeypatch, capsys):
    said_by = {**catalogues.messages(), "a sentence of today": {"figures.py"}}
    monkeypatch.setattr(catalogues, "messages", lambda: said_by)
    assert catalogues.main(["--complete"]) >= 1
    assert "figures.py: a sentence of today" in capsys.readouterr().out


def test_a_message_is_written_where_it_is_said():
    """One literal: a message that the extraction does not find would be said in English."""
    found = catalogues.messages()
    for path in catalogues.PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if getattr(node.func, "id", "") in catalogues.KEYWORDS:
                said_first = node.args[0]
                assert not isinstance(said_first, ast.JoinedStr | ast.BinOp | ast.IfExp), (
                    f"{path}:{node.lineno}"
                )
                assert not isinstance(said_first, ast.Constant) or said_first.value in found, said_first.value


# -- a message --------------------------------------------------------------------------


def test_a_message_is_its_english_text():
    message = say("{n:,} more tokens", n=1234)
    assert message == "1,234 more tokens"
    assert {message: 1}["1,234 more tokens"] == 1
    assert said(message) == message


def test_a_message_is_kept_by_pickle():
    kept = pickle.loads(pickle.dumps(say("{model}: {why}", model="x", why=say("not counted"))))
    assert kept == "x: not counted"
    assert kept.values["why"].template == "not counted"


def test_text_of_a_user_is_never_translated_or_filled_in():
    with speaking("ja"):
        assert said("Weights") == "Weights"
        assert tell("{word}", word="{0} %s {word}") == "{0} %s {word}"


def test_sentences_are_joined_and_each_is_said():
    message = joined("; ", say("the sum"), "", "--out 3")
    assert message == "the sum; --out 3"
    with speaking("ja"):
        assert JAPANESE.search(said(message))
        assert said(message).endswith("--out 3")
        assert said(message) != message


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="there are en, "), speaking("xx"):
        pass


# -- what is shown ----------------------------------------------------------------------


def run(shell, cell):
    """The estimate that a cell gives, and what it prints."""
    with capture_output() as captured:
        estimate = shell.run_cell(cell).result
    return estimate, captured.stdout + captured.stderr


def _in_japanese(cell):
    first, newline, rest = cell.partition("\n")
    magic, _, options = first.partition(" ")
    return f"{magic} --lang ja {options}{newline}{rest}"


def _english(text):
    """The lines that hold a piece of an English sentence, less what is English by its nature."""
    shown = [
        line for line in text.splitlines() if not re.search(r"https?://|(出典|公表元): |^\s*= |未訳", line)
    ]
    # Options with their values, and what is quoted as it is written in a prompt.
    bare = [re.sub(r"--[a-z-]+( [\w|.:=%-]+)?|「[^」]*」|%\w+", "", line) for line in shown]
    return [line for line in bare if ENGLISH.search(line)]


RATE = "--rate 150@2026-11-24"
FURTHER = {
    "numbers": "%llmnumbers",
    "quiz": "%llmnumbers --quiz 5 --seed 2023",
    "answers": "%llmnumbers --quiz 3 --seed 1 --answers 1 2 3",
    "cost_many_options": "%%llmcost -m gpt-6.1-sol --out 2..4 --cached 50% --concise --budget 0.00001\nHello",
    "cost_versus": f"%%llmcost -m gpt-4o,claude-opus-5-5 --out 10 --vs gpt-4 --currency JPY {RATE}\nHi",
    "tools": '%%llmcost\n{"messages": [{"role": "user", "content": "hi"}], "tools": [{"name": "f"}]}',
    "ids": "%tokens --ids one two",
    "train_cost": f"%gpufit llama-3.1-8b --train full --gpu H100 --gpus 8 --zero 3 --train-tokens 1B {RATE}",
    "speed_yen": f"%gpufit llama-3.1-8b --speed --gpu H100 {RATE}",
    "numbers_yen": f"%llmnumbers {RATE}",
    "engine": "%gpufit qwen3-8b --gpu A10G --engine vllm --context 8192",
}


@pytest.mark.parametrize("name", [*CELLS, *FURTHER])
def test_a_display_in_japanese_holds_no_english_sentence(shell, name):
    estimate, _ = run(shell, _in_japanese({**CELLS, **FURTHER}[name]))
    shown = estimate._repr_mimebundle_()
    assert JAPANESE.search(shown["text/plain"])
    assert ' lang="ja"' in shown["text/html"]
    for text in (shown["text/plain"], shown.get("text/markdown", "")):
        assert _english(text) == []


def test_an_explanation_in_japanese_leads_down_to_the_sources(shell):
    estimate, _ = run(shell, "%llmnumbers --lang ja kv_memory_per_token_13b")
    explained = str(estimate.explain("recomputed"))
    assert re.search(r"(出典: |未訳)LLaMA", explained)
    assert _english(explained) == []


@pytest.mark.parametrize("magic", ["%%llmcost", "%tokens", "%gpufit", "%llmnumbers"])
def test_the_help_is_in_japanese(shell, magic):
    _, printed = run(shell, f"{magic} --lang ja --help" + ("\nx" if magic.startswith("%%") else ""))
    assert [line for line in printed.splitlines() if len(JAPANESE.findall(line)) > 5 or "未訳" in line]
    assert _english(printed) == []


@pytest.mark.parametrize(
    "cell",
    [
        "%llmcost --lang ja -m gpt-4p hello",
        "%llmcost --lang ja --calls x hello",
        "%tokens --lang ja",
        "%gpufit --lang ja llama-3.1-8b --gpu ZX81",
        "%gpufit --lang ja llama-3.1-8b --gpu A10G --tp 3",
        "%llmnumbers --lang ja no_such_number",
        "%llmnumbers --lang ja tokens_per_word --set words=x",
    ],
)
def test_an_error_is_one_japanese_line(shell, cell):
    _, printed = run(shell, cell)
    line = printed.strip().splitlines()[-1]
    assert line.startswith("llmnumbers: ")
    assert JAPANESE.search(line)
    assert _english(line) == []


def test_the_setting_is_the_language_of_every_magic(shell):
    shell.run_cell('%config LLMNumbers.language = "ja"')
    estimate, _ = run(shell, "%tokens hello")
    assert JAPANESE.search(str(estimate))
    estimate, _ = run(shell, "%tokens --lang en hello")
    assert not JAPANESE.search(str(estimate))
    _, printed = run(shell, "%tokens --bogus")
    assert JAPANESE.search(printed)


def test_a_figure_by_itself_and_a_function_speak_the_language_of_the_notebook(shell):
    from ipython_llmnumbers import unload_ipython_extension

    shell.run_cell('%config LLMNumbers.language = "ja"')
    estimate = estimate_cost("hello", output_tokens=3)
    assert JAPANESE.search(str(estimate))
    assert JAPANESE.search(estimate["total_usd"]._repr_mimebundle_()["text/plain"])
    with speaking("en"):
        assert not JAPANESE.search(estimate["total_usd"]._repr_mimebundle_()["text/plain"])
    unload_ipython_extension(shell)
    assert not JAPANESE.search(str(count_tokens("hello")))


def test_an_estimate_keeps_the_language_that_it_was_made_in():
    with speaking("ja"):
        estimate = count_tokens("hello")
    assert JAPANESE.search(str(estimate))
    assert not JAPANESE.search(str(count_tokens("hello")))


def test_functions_speak_the_language_too():
    with speaking("ja"):
        assert JAPANESE.search(str(estimate_cost("hi", output_tokens=3)))
        assert JAPANESE.search(str(numbers("tokens_per_word")))
        with pytest.raises(UsageError) as caught:
            estimate_cost("hi", output_tokens=-3)
    assert JAPANESE.search(str(caught.value))


def test_what_programs_read_is_english_in_any_language():
    english = count_tokens("hello").to_dict()
    with speaking("ja"):
        assert count_tokens("hello").to_dict() == english


def test_an_error_is_said_in_the_language_that_it_was_raised_in():
    with speaking("ja"):
        error = LLMNumbersError("{flag} needs a value: {flag} {metavar}", flag="--out", metavar="TOKENS")
    assert JAPANESE.search(str(error))


@pytest.mark.parametrize("name", ["numbers_yen", "speed_yen", "train_cost"])
def test_a_japanese_table_fits_a_page_and_breaks_no_word(shell, name):
    estimate, _ = run(shell, _in_japanese(FURTHER[name]))
    lines = [line for line in str(estimate).splitlines() if "http" not in line]
    assert max(map(cell_len, lines)) <= 100
    assert not [line for line in lines if re.match(r"\s*[、。)」ーッュ]", line)]


def test_a_rate_without_a_currency_is_one_of_yen_in_japanese(shell):
    estimate, _ = run(shell, f"%llmnumbers --lang ja training_13b_cost {RATE}")
    assert estimate["recomputed_local"].unit == "JPY"
    assert estimate["recomputed_local"].value == estimate["recomputed"].value * 150
    _, printed = run(shell, f"%llmnumbers training_13b_cost {RATE}")
    assert "--rate needs --currency" in printed


def test_dollars_are_shown_in_the_currency_of_the_settings(shell):
    shell.run_cell('%config LLMNumbers.currency = "EUR"\n%config LLMNumbers.rate = "0.9@2026-11-24"')
    estimate, _ = run(shell, "%gpufit llama-3.1-8b --speed --gpu H100-80GB-SXM")
    assert "€6.19/h" in str(estimate)
    assert "€" in str(run(shell, "%gpufit 13B --train lora --gpu H100-80GB-SXM --train-tokens 1B")[0])
    assert "€379,826" in str(run(shell, "%llmnumbers")[0])


def test_a_refused_architecture_is_said_too():
    with speaking("ja"):
        error = UnsupportedArchitectureError("config.json", "model_type 'hyena'")
    assert JAPANESE.search(str(error))
    assert _english(str(error)) == []


@pytest.mark.parametrize(
    "error",
    [
        UsageError("{flag} needs a value: {flag} {metavar}", flag="--out", metavar="TOKENS"),
        UnknownNameError(say("model"), "gpt-4p", ["gpt-4"]),
        UnsupportedArchitectureError("config.json", "model_type 'hyena'"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_out_of_another_process_as_it_went_in(error):
    """A pool of processes pickles what its workers raise, and waits for ever for what it cannot read."""
    kept = pickle.loads(pickle.dumps(error))
    assert (type(kept), str(kept), vars(kept)) == (type(error), str(error), vars(error))


def test_a_rate_of_the_settings_is_read_in_their_language(shell):
    shell.run_cell('%config LLMNumbers.language = "ja"\n%config LLMNumbers.rate = "150@2026-11-24"')
    assert "¥" in str(run(shell, "%llmcost --lang en hello")[0])
    assert JAPANESE.search(run(shell, "%llmcost --lang JA --calls x hello")[1])
