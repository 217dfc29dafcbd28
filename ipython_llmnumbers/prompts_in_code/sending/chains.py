"""LangChain's templates and chains: `prompt | llm`, and the fields that a call fills in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ...messages import say
from ..evaluate.methods import as_text
from ..evaluate.plain import keyed
from ..evaluate.texts import Text
from ..evaluate.values import Made, State, Unknown, Value
from .beside import sent_beside
from .draft import Draft

# The calls that make a template, and which of their arguments hold its text or its messages.
TEMPLATES: Mapping[str, tuple[str | int, ...]] = {
    "ChatPromptTemplate.from_messages": ("messages", 0),
    "ChatPromptTemplate.from_template": ("template", 0),
    "ChatPromptTemplate": ("messages", 0),
    "PromptTemplate.from_template": ("template", 0),
    "PromptTemplate": ("template", 0),
    "FewShotPromptTemplate": ("prefix", "suffix"),
}
_MOST_STEPS = 500
# Makers of agents around a model, and what they name the agent's instructions.
_AGENTS: Mapping[str, tuple[str, ...]] = {
    "create_agent": ("system_prompt", "prompt"),
    "create_react_agent": ("prompt", "state_modifier", "messages_modifier"),
}
# Whose `with_structured_output` has the model call a tool with the fields of the answer (LangChain's docs:
# "function_calling" by default).
_ANSWER_BY_A_TOOL = ("ChatAnthropic", "ChatBedrock", "ChatBedrockConverse", "ChatGroq", "ChatMistralAI")
_PASSES_ON = ("RunnablePassthrough", "itemgetter", "RunnablePassthrough.assign")


def template_places(made: Made) -> tuple[str | int, ...] | None:
    """The arguments of a template that hold its text; None where a call makes no template."""
    last_two = ".".join(made.name.split(".")[-2:])
    return TEMPLATES.get(last_two, TEMPLATES.get(made.last_name))


def chain_prompt(owner: Value, argument: Value, state: State) -> tuple[Draft, dict[str, Any]] | None:
    """The request of a chain, its template filled from the argument; None where it has no template."""
    steps = list(islice(_steps(owner), _MOST_STEPS))
    template = next((each for each in steps if isinstance(each, Made) and template_places(each)), None)
    if template is None:
        return None
    draft = Draft(state, _fields(steps, template, argument, state), keyed(argument, state))
    request: dict[str, Any] = {"messages": template_messages(template, draft)}
    for step in steps:
        if isinstance(step, Made):
            request |= sent_beside(draft, bound(step))
    for step in steps_that_add(owner):
        if step is not template:
            draft.lack(say("what {source} adds"), step)
    return draft, request


def formatted_template(value: Value, state: State) -> tuple[Made, Draft] | None:
    """The template of `template.format_messages(text=…)` or `template.invoke({…})`, and a draft with its
    fields."""
    is_formatted = isinstance(value, Made) and value.last_name in (
        "format_messages",
        "format_prompt",
        "invoke",
    )
    template = value.owner if is_formatted else None
    if not isinstance(template, Made) or not template_places(template):
        return None
    given = keyed(value.args[0], state) if value.args else value.keywords
    if given is None:
        return None
    return template, Draft(state, {str(key): as_text(each, state) for key, each in given.items()}, given)


def template_messages(template: Made, draft: Draft) -> list[dict[str, Any]]:
    """The messages of a template, in a draft that knows the fields."""
    messages: list[dict[str, Any]] = []
    for place in template_places(template) or ():
        if isinstance(place, int):
            value = template.args[place] if place < len(template.args) else None
        else:
            value = template.keywords.get(place)
        if isinstance(value, Text):
            messages.append({"role": "user", "content": draft.text(value, is_template=True)})
        elif value is not None:
            messages += draft.messages(value)
        if messages and "prefix" not in (template_places(template) or ()):
            break
    return messages


def templates_in(value: Value) -> Iterator[Made]:
    """Every template that a chain is made of."""
    for step in islice(_steps(value), _MOST_STEPS):
        if isinstance(step, Made) and template_places(step):
            yield step


def _steps(value: Value, depth: int = 0) -> Iterator[Value]:
    """The steps of `a | b | c`, and what a chain of another kind was made with."""
    if depth > 20 or not isinstance(value, Made):
        if value is not None and not isinstance(value, Unknown):
            yield value
        return
    if value.name == "|":
        for each in value.args:
            yield from _steps(each, depth + 1)
        return
    yield value
    if template_places(value):
        return
    for each in (value.owner, *value.args, *value.keywords.values()):
        if isinstance(each, Made):
            yield from _steps(each, depth + 1)


class _Asked(dict[str, Text]):
    """Notes which fields a template asks for, and has none."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return default


def _fields(steps: list[Value], template: Made, argument: Value, state: State) -> dict[str, Text]:
    """The fields that are known: those of the argument, or all of it under each name that is passed on.

    A text or number alone is the only field of a template that has one (LangChain,
    `BasePromptTemplate.invoke`).
    """
    given = keyed(argument, state) or {}
    fields = {str(key): as_text(value, state) for key, value in given.items()}
    argument = as_text(argument, state) if isinstance(argument, int | float) else argument
    if isinstance(argument, Text) and not any(state.fields(step) for step in steps):
        asked = _Asked()
        template_messages(template, Draft(state, asked))
        if len(asked.names) == 1:
            fields[asked.names.pop()] = argument
    for step in steps:
        for key, value in (keyed(step, state) or {}).items() if state.fields(step) else ():
            passed = isinstance(value, Made) and value.name.rpartition(".")[2] in _PASSES_ON
            if passed and isinstance(argument, Text):
                fields[str(key)] = argument
    return fields


def bound_to(owner: Made) -> dict[str, Value]:
    """What the steps that a call is made on send beside its prompt, each under its name."""
    found: dict[str, Value] = {}
    for step in islice(_steps(owner), _MOST_STEPS):
        found |= bound(step) if isinstance(step, Made) else {}
    return found


def is_parsed(owner: Value) -> bool:
    """Whether a chain gives an object of a class and no answer (LangChain, `with_structured_output`)."""
    steps = [each for each in islice(_steps(owner), _MOST_STEPS) if isinstance(each, Made)]
    return any(
        each.last_name == "with_structured_output" and not each.keywords.get("include_raw") for each in steps
    )


def steps_that_add(owner: Value) -> Iterator[Made]:
    """The steps that write into the prompt by themselves: agents, chains with a retriever."""
    for step in islice(_steps(owner), _MOST_STEPS):
        if isinstance(step, Made) and _adds(step):
            yield step


def bound(step: Made) -> Mapping[str, Value]:
    """What `llm.bind_tools(tools)`, `llm.with_structured_output(Answer)` and agents send with each prompt."""
    if step.last_name in _AGENTS:
        system = next(
            (step.keywords[name] for name in _AGENTS[step.last_name] if name in step.keywords), None
        )
        tools = step.keywords.get("tools", step.args[1] if len(step.args) > 1 else None)
        return {"system": system, "tools": tools}
    if step.last_name == "bind_tools" and step.args:
        return {**step.keywords, "tools": step.args[0]}
    if step.last_name == "with_structured_output" and (step.args or step.keywords):
        is_tool = isinstance(step.owner, Made) and step.owner.last_name in _ANSWER_BY_A_TOOL
        shape = step.args[0] if step.args else step.keywords.get("schema", Unknown())
        return {"answer_tool" if is_tool else "response_format": shape}
    return step.keywords if step.last_name == "bind" else {}


def _adds(step: Made) -> bool:
    """Whether a step is one that writes into the prompt by itself: an agent, a chain with a retriever or a
    memory, a graph of LangGraph's."""
    if "agent" in step.name.lower() or "memory" in step.keywords:
        return True
    return step.last_name.startswith(
        ("create_", "from_chain_type", "from_llm", "compile", "RunnableWithMessageHistory")
    )
