"""The schemas of classes in a notebook's source, beside what pydantic itself makes of them.

The package reads the text of a class and never runs it; the test alone runs it, to ask pydantic.
"""

from __future__ import annotations

import json
import sys
import types
import warnings

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from ipython_llmnumbers.prompts_in_code.find_prompts import find_prompts

pydantic = pytest.importorskip("pydantic", minversion="2.12")

IMPORTS = """\
import typing
from enum import Enum, IntEnum, StrEnum, unique
from typing import Annotated, Any, ClassVar, Dict, Iterable, List, Literal, Optional, Sequence
from typing import Set, Tuple, Union
from typing_extensions import TypedDict
from pydantic import BaseModel, ConfigDict, Field, field_validator
"""
FIELDS = """\
text: str
count: int
share: float
is_new: bool
anything: Any
nothing: None
any_list: list
any_dict: dict
any_tuple: tuple
any_set: set
old_list: List
old_dict: Dict
names: list[str]
deep: list[list[int]]
by_name: dict[str, int]
by_any: Dict[str, Any]
in_lists: List[Dict[str, str]]
sequence: Sequence[str]
iterable: Iterable[int]
different: Set[int]
pair: tuple[int, str]
many: Tuple[int, ...]
one: Literal["a"]
two: Literal["a", "b"]
numbers: Literal[1, 2]
mixed: Literal["a", 1]
maybe_literal: Literal["a", None]
truth: Literal[True]
list_of_literals: list[Literal["a", "b"]]
optional: Optional[int]
or_none: str | None
none_first: None | str
with_default: Optional[str] = None
or_literal: Optional[Literal["a"]] = None
any_or_none: Optional[Any] = None
of_two: Union[int, str]
of_three: int | str | None
inside: Union[int, Optional[str]]
twice: Union[int, Union[int, str]]
dotted: typing.Optional[str] = None
as_text: "list[str] | None" = None
a_text: str = "x"
a_number: float = 1
below_zero: int = -1
empty: list[str] = []
holding: dict = {"z": 1, "a": {"d": 1, "c": 2}}
no_tuple: tuple[str, ...] = ()
required: int = ...
described: str = Field(description="What it " "is")
required_too: str = Field(..., description="It")
defaulted: str = Field("x", description="It")
by_factory: list[str] = Field(default_factory=list, description="Them")
named: str = Field(default="x", title="A Title", examples=["a", "b"])
undescribed: str = Field(description=None)
bounded: int = Field(ge=1, le=5)
bounded_too: float = Field(gt=0, lt=1.5, multiple_of=0.5)
maybe_bounded: Optional[int] = Field(None, ge=1)
a_pattern: str = Field(min_length=1, max_length=3, pattern="^x")
some: list[str] = Field(min_length=1, max_length=3)
some_keys: dict[str, int] = Field(min_length=1)
maybe_some: Optional[list[str]] = Field(None, min_length=2)
extra: str = Field(json_schema_extra={"b": 1, "a": {"d": 1, "c": None}})
aliased: str = Field(alias="otherName")
hidden: str = Field("x", exclude=True, repr=False, frozen=True)
annotated: Annotated[str, Field(description="It")] = "z"
annotated_twice: Annotated[Optional[str], Field(description="It")] = Field(None, title="T")
annotated_inside: Annotated[list[Annotated[int, Field(description="in", ge=1)]], Field(description="out")]
only_a_text: Annotated[str, "not read by pydantic"]
my_http_url2: str
camelCase: str
a1b_: int
class_wide: ClassVar[int] = 1
_private: int = 1
"""
CLASSES = {
    "a docstring": 'class M(BaseModel):\n    """What it is.\n\n      Deeper.\n    """\n    x: int',
    "nothing inside": "class M(BaseModel):\n    pass",
    "enumerations": (
        "class Word(str, Enum):\n    'A word.'\n    A = 'a'\n    B = 'b'\n"
        "class Number(IntEnum):\n    ONE = 1\n    TWO = 2\n"
        "class Text(StrEnum):\n    A = 'a'\n"
        "@unique\nclass Mixed(Enum):\n    A = 1\n    B = 'b'\n    def shout(self):\n        return 1\n"
        "class M(BaseModel):\n    word: Word\n    number: Number = Number.TWO\n"
        "    text: Optional[Text] = None\n"
        "    mixed: Mixed = Field(Mixed.B, description='It')\n    all: list[Word]\n"
        "    value: str = Word.A.value\n    either: int | Word"
    ),
    "classes inside": (
        "class B(BaseModel):\n    'The inner.'\n    x: int\n    y: str = 'a'\n"
        "class A(BaseModel):\n    b: B\n"
        "class M(BaseModel):\n    z: A\n    b: B = Field(description='Here')\n    maybe: Optional[B] = None\n"
        "    all: list[A] = []\n    named: dict[str, B] = Field(default_factory=dict)\n    two: B | A\n"
        "    said: B | None = Field(None, description='It')"
    ),
    "itself inside": "class M(BaseModel):\n    name: str\n    inside: list['M'] = []",
    "one inside itself": (
        "class Node(BaseModel):\n    inside: Optional['Node'] = None\nclass M(BaseModel):\n    node: Node"
    ),
    "a base": (
        "class Base(BaseModel):\n    'Of the base.'\n    x: int\n    y: str\n"
        "class M(Base):\n    z: int\n    x: float = 1.5"
    ),
    "settings": (
        "class M(BaseModel):\n"
        "    model_config = ConfigDict(extra='forbid', title='Other', frozen=True,\n"
        "        json_schema_extra={'k': 1})\n    x: int"
    ),
    "settings of a base": (
        "class Base(BaseModel):\n    model_config = {'extra': 'allow', 'title': 'Not mine'}\n    x: int\n"
        "class M(Base):\n    y: int"
    ),
    "settings beside the base": "class M(BaseModel, extra='forbid'):\n    x: int",
    "settings in a class": "class M(BaseModel):\n    x: int\n    class Config:\n        extra = 'ignore'",
    "a dictionary with types": (
        "class T(TypedDict):\n    'Typed.'\n    a: int\n    b: Optional[str]\nclass M(BaseModel):\n    t: T"
    ),
    "validators": (
        "class M(BaseModel):\n    x: int\n    @field_validator('x')\n    @classmethod\n"
        "    def check(cls, value):\n        return value"
    ),
    "names for types": (
        "Mood = Literal['good', 'bad']\nNames = list[str]\nMaybe = int | None\nSAID = 'What it is'\n"
        "class M(BaseModel):\n    mood: Mood\n    names: Names = []\n    maybe: Maybe = None\n"
        "    said: str = Field(SAID, description=SAID)"
    ),
}
UNKNOWN = {
    "a class from elsewhere": "class M(BaseModel):\n    x: Decimal",
    "a base from elsewhere": "class M(Settings):\n    x: int",
    "two bases": "class A(BaseModel):\n    x: int\nclass M(A, Mixin):\n    y: int",
    "a key that is no text": "class M(BaseModel):\n    x: dict[Key, int]",
    "a default of a call": "class M(BaseModel):\n    x: str = now()",
    "a default of a name": "class M(BaseModel):\n    x: str = DEFAULT",
    "a description that is made": "class M(BaseModel):\n    x: str = Field(description=f'{now()}')",
    "a validator that replaces the type": (
        "class M(BaseModel):\n    x: int\n    @field_validator('x', mode='plain')\n"
        "    @classmethod\n    def check(cls, value):\n        return value"
    ),
    "a validator in the annotation": "class M(BaseModel):\n    x: Annotated[int, BeforeValidator(int)]",
    "a schema of its own": (
        "class M(BaseModel):\n    x: int\n    @classmethod\n"
        "    def __get_pydantic_json_schema__(cls, *a):\n        return {}"
    ),
    "a decorator": "@register\nclass M(BaseModel):\n    x: int",
    "settings from elsewhere": "class M(BaseModel):\n    model_config = SETTINGS\n    x: int",
    "names that are made": (
        "class M(BaseModel):\n    model_config = ConfigDict(alias_generator=to_camel)\n    x_y: int"
    ),
    "a field that may not be there": "class M(BaseModel):\n    if FLAG:\n        x: int",
    "an enumeration that counts": "class E(Enum):\n    A = auto()\nclass M(BaseModel):\n    x: E",
    "limits of two types": "class M(BaseModel):\n    x: int | str = Field(ge=1)",
    "classes nested too deeply": (
        "class M0(BaseModel):\n    x: int\n"
        + "".join(f"class M{n + 1}(BaseModel):\n    x: M{n}\n" for n in range(300))
        + "class M(BaseModel):\n    x: M300"
    ),
    "names for themselves": "A = list['A']\nclass M(BaseModel):\n    x: A",
    "no annotation at all": "class M(BaseModel):\n    x: '1 +'",
    "a module's type": "class M(BaseModel):\n    x: np.float",
}


def read_here(source):
    """What a call sends that is given the schema of M."""
    return sent_by(source, "client.responses.create(model='gpt-4o', input=json.dumps(M.model_json_schema()))")


def sent_with(source, beside):
    """What a call sends beside its prompt."""
    asked = "messages=[{'role': 'user', 'content': 'Hi'}]"
    return sent_by(source, f"client.chat.completions.create(model='gpt-4o', {asked}, {beside})")


def sent_by(source, call):
    """The prompt of a call below a source."""
    (prompt,) = all_sent(source, call)
    return prompt


def all_sent(source, call):
    """The prompts of a call below a source."""
    cells = [("code", source), ("code", call)]
    found = find_prompts(cells, TransformerManager().transform_cell)
    return [each for cell in found for each in cell.prompts]


def pydantic_s(source):
    """The schema that pydantic makes."""
    code = compile(IMPORTS + source, "cells", "exec", dont_inherit=True)
    cells = types.ModuleType("cells")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setitem(sys.modules, "cells", cells)
        exec(code, vars(cells))
        return cells.M.model_json_schema()


@pytest.mark.parametrize("field", FIELDS.splitlines())
def test_a_field_is_written_as_pydantic_writes_it(field):
    source = f"class M(BaseModel):\n    {field}"
    assert read_here(source).text == json.dumps(pydantic_s(source))


@pytest.mark.parametrize("source", CLASSES.values(), ids=CLASSES)
def test_a_class_is_written_as_pydantic_writes_it(source):
    prompt = read_here(source)
    assert (prompt.text, prompt.n_unknown) == (json.dumps(pydantic_s(source)), 0)


@pytest.mark.parametrize("source", UNKNOWN.values(), ids=UNKNOWN)
def test_what_the_source_does_not_say_is_not_guessed(source):
    prompt = read_here(source)
    assert (prompt.text, prompt.is_least) == ("", True)


PET = """\
class Kind(str, Enum):
    CAT = "cat"
class Toy(BaseModel):
    "A toy."
    name: str = "ball"
class M(BaseModel):
    "A pet."
    kind: Kind = Field(Kind.CAT, description="What it is")
    toys: list[Toy] = []
    age: Optional[int] = None
"""


def test_openai_s_client_sends_a_class_with_all_its_fields_required():
    # openai-python 3.57.0, https://github.com/openai/openai-python/blob/main/src/openai/lib/_pydantic.py,
    # `to_strict_json_schema(M)` run on 2026-11-28.
    prompt = sent_with(PET, "response_format=M")
    toy = {
        "description": "A toy.",
        "properties": {"name": {"default": "ball", "title": "Name", "type": "string"}},
        "title": "Toy",
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
    }
    kind = {"enum": ["cat"], "title": "Kind", "type": "string"}
    schema = {
        "$defs": {"Kind": kind, "Toy": toy},
        "description": "A pet.",
        "properties": {
            "kind": {**kind, "default": "cat", "description": "What it is"},
            "toys": {"default": [], "items": {"$ref": "#/$defs/Toy"}, "title": "Toys", "type": "array"},
            "age": {"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "Age"},
        },
        "title": "M",
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "toys", "age"],
    }
    held = {"name": "M", "schema": schema, "strict": True}
    assert prompt.request["response_format"] == {"type": "json_schema", "json_schema": held}
    assert not prompt.is_least
    chain = "ChatOpenAI(model='gpt-4o').with_structured_output(M).invoke('Hi')"
    assert sent_by(PET, chain).request["response_format"]["json_schema"] == held


def test_langchain_sends_a_dictionary_with_types_as_a_tool():
    # langchain-core 1.8.3, https://github.com/langchain-ai/langchain/blob/master/libs/core/langchain_core/
    # utils/function_calling.py, `convert_to_openai_tool(M)` run on 2026-11-28.
    source = (
        "class T(TypedDict):\n    'Inner.'\n    x: int\n"
        "class M(TypedDict):\n    'A joke.'\n    setup: Annotated[str, ..., 'The setup']\n"
        "    rating: Annotated[Optional[int], None, 'How funny']\n    said: Annotated[int, 3, 'So']\n"
        "    inside: T"
    )
    (tool,) = sent_with(source, "tools=[M]").request["tools"]
    inner = {"description": "Inner.", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
    assert tool == {
        "name": "M",
        "description": "A joke.",
        "parameters": {
            "properties": {
                "setup": {"description": "The setup", "type": "string"},
                "rating": {"description": "How funny", "type": "integer"},
                "said": {"default": 3, "description": "So", "type": "integer"},
                "inside": {**inner, "type": "object"},
            },
            "required": ["setup", "inside"],
            "type": "object",
        },
    }


def test_the_class_that_a_tool_names_says_its_parameters():
    # The same, of a function under `@tool("named", args_schema=M)`.
    source = (
        "class M(BaseModel):\n    'Of the class.'\n    x: int = Field(description='It')\n"
        "@tool('named', args_schema=M)\ndef look(x):\n    'Looks.'"
    )
    (tool,) = sent_with(source, "tools=[look]").request["tools"]
    assert tool == {
        "name": "named",
        "description": "Looks.",
        "parameters": {
            "properties": {"x": {"description": "It", "type": "integer"}},
            "required": ["x"],
            "type": "object",
        },
    }
    unknown = sent_with(source.replace("x: int", "x: Decimal"), "tools=[look]")
    assert unknown.is_least
    assert unknown.not_counted[0].startswith("tools @tool(")


STRANDS = """\
from strands import Agent, tool
class Place(BaseModel):
    city: str
@tool
def weather(place: Place, unit: Annotated[str, "C or F"] = "C", days: Optional[int] = None, agent=None):
    '''Gets the weather.

    Args:
        place (Place): Where it is,
            and when
    Returns:
        A text
    '''
"""


def test_strands_sends_a_function_as_its_docstring_describes_it():
    # strands-agents 1.62.0, https://github.com/strands-agents/sdk-python/blob/main/src/strands/tools/
    # decorator.py, `weather.tool_spec` run on 2026-11-28.
    model = "BedrockModel(model_id='us.anthropic.claude-3-7-sonnet-20250219-v1:0')"
    agent = f"agent = Agent(model={model}, system_prompt='Hm.', tools=[weather])\n"
    prompt = sent_by(STRANDS, agent + "agent('Is it raining?')")
    city = {"title": "City", "type": "string"}
    place = {"properties": {"city": city}, "required": ["city"], "title": "Place", "type": "object"}
    assert prompt.request == {
        "system": "Hm.",
        "tools": [
            {
                "name": "weather",
                "description": "Gets the weather.\n\nReturns:\n    A text",
                "parameters": {
                    "$defs": {"Place": place},
                    "properties": {
                        "place": {"$ref": "#/$defs/Place", "description": "Where it is,\nand when"},
                        "unit": {"default": "C", "description": "C or F", "type": "string"},
                        "days": {"default": None, "description": "Parameter days", "type": "integer"},
                    },
                    "required": ["place"],
                    "type": "object",
                },
            }
        ],
        "messages": [{"role": "user", "content": "Is it raining?"}],
    }
    assert prompt.model == "us.anthropic.claude-3-7-sonnet-20250219-v1:0"
    # The run goes on with what the tool says.
    assert prompt.not_counted == ("what tools adds",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("place (Place): Where", "place - where"),
        ("Args:", ":param place: Where"),
        ("@tool", "@tool(context=True)"),
    ],
)
def test_a_docstring_that_is_not_read_leaves_the_tool_out(old, new):
    prompt = sent_by(STRANDS.replace(old, new), "agent = Agent(tools=[weather])\nagent('Hi')")
    assert prompt.request["tools"] == []
    assert prompt.not_counted[0].startswith("tools @tool")


def test_an_agent_of_strands_remembers_and_another_agent_is_none():
    (_, second) = all_sent("from strands import Agent", "agent = Agent()\nagent('One')\nagent('Two')")
    assert (second.text, second.n_unknown) == ("One\nTwo", 1)
    assert all_sent("from other import Agent", "agent = Agent()\nagent('One')") == []
