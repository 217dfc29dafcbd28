"""`%gpufit`: does a model fit a GPU, can it be trained there, how fast does it run, what was measured?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..messages import option, say, shorten
from .common_options import GROUP, KEEPING
from .exports import export
from .flags import flag_of
from .magic import Call, Magic
from .options import Option, options_of

if TYPE_CHECKING:
    from ..estimates.question import Question
    from ..figures import Estimate

_SPEED = Option(
    ("--speed",), say("tokens per second and dollars per million tokens instead"), parameter="speed"
)
_FIND_GPU = Option(
    ("--find-gpu",),
    say("list the GPUs and cloud machines that it fits, the cheapest first"),
    effect="instead",
    parameter="find_gpu",
)
_CORRECTIONS = Option(
    ("--corrections",),
    say("list the corrections that were kept of logs"),
    effect="instead",
    parameter="corrections",
)
# Questions that an option asks which is no parameter of theirs.
_SWITCHES = {each.name: each for each in (_SPEED, _FIND_GPU, _CORRECTIONS)}
# Questions that need no model: the log names one, and what was kept is of all.
_WITHOUT_MODEL = ("log", _CORRECTIONS.name, "drop")
_VARIABLE = Option(
    ("-v", "--var"),
    say("take the model from a variable: a torch module, a config, a name"),
    "NAME",
    group=GROUP,
)


def answer_gpufit(call: Call) -> Estimate:
    """Weights + KV cache + overhead of a model against the free memory of a GPU.

    MODEL is a model's name (`llama-3.1-8b`), a size (`13B`), or a path to a model's folder,
    config.json, .gguf or .safetensors file, of which only the header is read. Without --gpu the
    local driver is asked; where there is none, common GPUs and this machine's RAM are shown.
    With --train the memory of training is judged, --train-tokens prices it, --speed says how fast it runs.
    --log compares with what an engine wrote at its start. Without MODEL it lists the models that fit.
    """
    words, variable = call.options.rest, call.options.get("var")
    if variable and words:
        raise UsageError(
            "-v {variable} and a model {model}: give one of them", variable=variable, model=shorten(words)
        )
    model = _held(variable, call.variable("-v", variable)) if variable else words
    question = _question(call, has_model=bool(model))
    subject = {"model": model} if model else {}
    return export(call, call.ask(question, **subject).answer())


def _held(variable: str, value: Any) -> Any:
    """What a variable holds: the name of a model, or an object that is called by the variable's name."""
    from ..estimates.subjects import Variable

    return value if isinstance(value, str) else Variable(variable, value)


def _question(call: Call, *, has_model: bool) -> type[Question]:
    """Which question is asked: each but the first by an option of its own, and another without a model.

    Raises:
        UsageError: options of two questions, or one that needs a model and has none.
    """
    by_option = _by_option()
    given = [name for name in call.options.values if name in _parameters()]
    selectors = [name for name in by_option if name in call.options.values]
    # With --train, --train-tokens is a parameter like another.
    selector = selectors[0] if selectors else ""
    if not has_model and selector not in _WITHOUT_MODEL:
        return _of_no_model(call, selector)
    question = by_option.get(selector, _fit())
    for name in (*selectors, *given):
        if name in question.parameters() or name == selector:
            continue
        if name in by_option:
            raise UsageError(
                "{flag} and {other} are two questions; ask one", flag=flag_of(selector), other=flag_of(name)
            )
        if selector:
            raise UsageError("{flag} has no part in {other}", flag=flag_of(name), other=flag_of(selector))
        if name in _models_that_fit().parameters():
            raise _asked_without_a_model(call, name)
        *others, last = [flag_of(each) for each, other in by_option.items() if name in other.parameters()]
        if others:
            before = ", ".join(others)
            raise UsageError(
                "{flag} is of {before} or {last}; add one", flag=flag_of(name), before=before, last=last
            )
        raise UsageError("{flag} is of {other}; add it", flag=flag_of(name), other=last)
    return question


def _asked_without_a_model(call: Call, name: str) -> UsageError:
    """What to write instead beside a model: a size of a GPU's memory is a GPU there."""
    value = call.options.values[name]
    if name == "vram":
        return UsageError(
            "{flag} is asked without a model; with one, write {gpu}",
            flag=flag_of(name),
            gpu=option("gpu", str(value)),
        )
    return UsageError("{flag} is asked without a model: %gpufit {flag} VALUE", flag=flag_of(name))


def _of_no_model(call: Call, selector: str) -> type[Question]:
    """Which models fit; what else is asked needs one.

    Raises:
        UsageError: an option of a question about one model.
    """
    question = _models_that_fit()
    given = [name for name in call.options.values if name in _parameters()]
    if "keep" in given:
        raise UsageError(
            "{flag} is of {other}; add it with the log's path", flag=flag_of("keep"), other=flag_of("log")
        )
    needing = [selector] if selector else [name for name in given if name not in question.parameters()]
    if needing:
        raise UsageError(
            "{flag} needs a model: a name such as llama-3.1-8b, or a size such as 13B",
            flag=flag_of(needing[0]),
        )
    return question


def _models_that_fit() -> type[Question]:
    from ..estimates.choices.question import FittingModels

    return FittingModels


def _fit() -> type[Question]:
    from ..estimates.memory.question import Fit

    return Fit


@cache
def _by_option() -> dict[str, type[Question]]:
    """The other questions about a model, by the option that asks them."""
    from ..estimates.choices.question import FittingGpus
    from ..estimates.loaded.question import Corrections, Loaded
    from ..estimates.speed.question import Speed
    from ..estimates.training.question import Train, TrainingCost

    return {
        "method": Train,
        "speed": Speed,
        _FIND_GPU.name: FittingGpus,
        "log": Loaded,
        _CORRECTIONS.name: Corrections,
        "drop": Corrections,
        "train_tokens": TrainingCost,
    }


@cache
def _parameters() -> set[str]:
    questions = (_fit(), _models_that_fit(), *_by_option().values())
    return {name for each in questions for name in each.parameters()}


@cache
def _options() -> tuple[Option, ...]:
    options = list(options_of(_fit()))
    for name, question in _by_option().items():
        known = {option.name for option in options}
        own = [_SWITCHES[name]] if name in _SWITCHES else []
        own += [option for option in options_of(question) if option.name not in known]
        about = say("with {flag}", flag=own[0].flags[-1] if name in _SWITCHES else flag_of(name))
        options += [option if option.name == name else replace(option, group=about) for option in own]
    known = {option.name for option in options}
    alone = [option for option in options_of(_models_that_fit()) if option.name not in known]
    options += [replace(option, group=say("without a model")) for option in alone]
    return (*options, _VARIABLE, *KEEPING)


def _models() -> list[str]:
    from ..catalog.open_models.find import known_models

    return known_models()


MAGIC = Magic(
    "gpufit",
    "line",
    "[MODEL]",
    _options,
    answer_gpufit,
    "%gpufit llama-3.1-8b --gpu RTX-4090 --context 32Ki",
    known_words=_models,
    retired={"--tokens": "--train-tokens"},
)
