"""What earlier answers of a notebook say goes into the prompts after them, where its saved outputs show them.

The cells are written here after the named notebooks; the numbers are those that they have saved.

Where two of the notebooks are, at the commits at which they were found on 2026-11-28:

https://github.com/anthropics/courses/blob/d2a7a9130c1b54e2eea1e8dbc13ffaec6234b3a8/anthropic_api_fundamentals/02_messages_format.ipynb
https://github.com/langchain-ai/langchain-academy/blob/692aed73fac8e1b399614f361fe753d63e84d5a1/module-3/streaming-interruption.ipynb
"""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from ipython_llmnumbers.notebooks.ipython_syntax import annotate
from ipython_llmnumbers.notebooks.saved_answers import answers_in

# LangChain-OpenTutorial, 13-LangChain-Expression-Language/08-RunnableWithMessageHistory.ipynb, cells 9 to 18.
MODEL = """
model = ChatOpenAI(model_name="gpt-4o", temperature=0)
prompt = ChatPromptTemplate.from_messages([
    ("system", "You are an assistant skilled in {ability}. Keep responses under 20 words."),
    MessagesPlaceholder(variable_name="history"),
    ("human", "{input}"),
])
"""
STORE = """
store = {}
def get_session_history(session_id: str):
    if session_id not in store:
        store[session_id] = ChatMessageHistory()
    return store[session_id]
with_message_history = RunnableWithMessageHistory(
    prompt | model, get_session_history, input_messages_key="input", history_messages_key="history")
"""
COSINE = (
    "Cosine is a trigonometric function representing the adjacent side over hypotenuse in a right triangle."
)


def ask(text, session="abc123"):
    config = {"configurable": {"session_id": session}}
    return f"with_message_history.invoke({{'ability': 'math', 'input': {text!r}}}, config={config!r})"


def answer(text, tokens, output=22):
    shown = (
        f"AIMessage(content={text!r}, additional_kwargs={{}}, response_metadata={{'token_usage': "
        f"{{'completion_tokens': {output}, 'prompt_tokens': {tokens}}}, 'model_name': 'gpt-4o-2024-08-06'}})"
    )
    return [new_output("execute_result", data={"text/plain": shown})]


def annotated(tmp_path, *cells, runs=None):
    """Cells of `(source, outputs)`; `runs` are their execution counts, else one after another."""
    counts = runs or range(1, len(cells) + 1)
    made = [
        new_code_cell(source, outputs=outputs, execution_count=count)
        for (source, outputs), count in zip(cells, counts, strict=True)
    ]
    nbformat.write(new_notebook(cells=made), tmp_path / "a.ipynb")
    return annotate(str(tmp_path / "a.ipynb"), str(tmp_path / "b.ipynb"), "gpt-4o")


def counted(summary):
    return [(part["input_tokens"].low, part["input_tokens"].is_at_least) for part in parts(summary)]


def parts(summary):
    return [part for cell in summary.parts for part in cell.parts]


def test_a_session_sends_again_what_it_has_said(tmp_path):
    cells = [
        (MODEL, []),
        (STORE, []),
        (ask("What does cosine mean?"), answer(COSINE, 31)),
        (ask("Please translate the previous content to Korean"), answer("코사인은", 67)),
        (ask("Please translate the previous content to Korean", "def234"), answer("이전", 33)),
    ]
    summary = annotated(tmp_path, *cells)
    assert counted(summary) == [(31, False), (67, False), (33, False)]
    assert all(each.holds_what_was_saved for each in parts(summary))


def test_a_session_of_which_a_cell_has_run_twice_has_said_more(tmp_path):
    # teddylee777/langchain-kr, 08-RunnableWithMessageHistory.ipynb, cell 10: 146 at the first call.
    cells = [(MODEL, []), (STORE, []), (ask("What does cosine mean?"), answer(COSINE, 146))]
    ((_, is_at_least),) = counted(annotated(tmp_path, *cells, runs=[1, 2, 5]))
    assert is_at_least
    ((_, is_at_least),) = counted(annotated(tmp_path, *cells, runs=[1, 4, 5]))
    assert not is_at_least  # the store was made anew since


def test_a_session_that_is_kept_elsewhere_is_not_known(tmp_path):
    # The same notebook, cell 43: 214 where the history lies in Redis.
    store = STORE.replace("ChatMessageHistory()", "RedisChatMessageHistory(session_id, url=REDIS_URL)")
    cells = [(MODEL, []), (store, []), (ask("What does cosine mean?"), answer(COSINE, 214))]
    ((_, is_at_least),) = counted(annotated(tmp_path, *cells))
    assert is_at_least


@pytest.mark.parametrize("chain", ["{}", "RunnableParallel({{'output_message': {}}})"])
def test_messages_alone_have_their_history_before_them(tmp_path, chain):
    # The same notebook, cells 24, 25 and 29: 14 for the first question.
    model = chain.format("ChatOpenAI(model_name='gpt-4o')")
    made = (
        f"store = {{}}\ndef history(user, chat):\n    if (user, chat) not in store:\n"
        f"        store[(user, chat)] = InMemoryChatMessageHistory()\n    return store[(user, chat)]\n"
        f"with_history = RunnableWithMessageHistory({model}, history)"
    )
    config = "{'configurable': {'user_id': '1', 'conversation_id': '2'}}"
    questions = ("what is the definition of cosine?", "Please translate the previous content to Korean!")
    first, second = (
        f"with_history.invoke([HumanMessage(content={each!r})], config={config})" for each in questions
    )
    summary = annotated(tmp_path, (made, []), (first, answer(COSINE, 14)), (second, answer("코사인", 41)))
    assert counted(summary)[0] == (14, False)
    tokens, is_at_least = counted(summary)[1]
    assert not is_at_least
    assert tokens == 51  # 14, and 25 and 12 of the answer and the question with the frames around them
    assert COSINE in parts(summary)[1].details.text


def test_a_thread_in_memory_is_new_where_each_cell_ran_once(tmp_path):
    # langchain-ai/langchain-academy, module-3/streaming-interruption.ipynb, cells 7 and 9: 11.
    graph = (
        "llm = ChatOpenAI(model='gpt-4o')\n"
        "def chatbot(state):\n    return {'messages': [llm.invoke(state['messages'])]}\n"
        "builder = StateGraph(MessagesState)\nbuilder.add_node('bot', chatbot)\n"
        "builder.add_edge(START, 'bot')\nbuilder.add_edge('bot', END)\n"
        "graph = builder.compile(checkpointer=MemorySaver())"
    )
    run = (
        "for chunk in graph.stream({'messages': [HumanMessage(content=\"hi! I'm Lance\")]},\n"
        "        {'configurable': {'thread_id': '1'}}):\n    print(chunk)"
    )
    outputs = answer("Hello Lance!", 11)
    assert counted(annotated(tmp_path, (graph, []), (run, outputs))) == [(11, False)]
    assert counted(annotated(tmp_path, (graph, []), (run, outputs), runs=[1, 3])) == [(11, True)]
    saver = graph.replace("MemorySaver()", "PostgresSaver(pool)")
    assert counted(annotated(tmp_path, (saver, []), (run, outputs))) == [(11, True)]


CHAT = "messages = [{'role': 'user', 'content': 'What is machine learning?'}]"
CALL = "response = client.chat.completions.create(model='gpt-4o', messages=messages)"
AGAIN = (
    "messages.append({'role': 'assistant', 'content': response.choices[0].message.content})\n"
    "messages.append({'role': 'user', 'content': 'Shorter.'})\n" + CALL
)
SAID = "It is a branch of AI that lets computers learn from data."


def stream(text):
    return [new_output("stream", name="stdout", text=text)]


@pytest.mark.parametrize(
    ("show", "outputs", "is_known"),
    [
        ("print(response.choices[0].message.content)", stream(SAID + "\n"), True),
        ("response.choices[0].message.content",
         [new_output("execute_result", data={"text/plain": repr(SAID)})], True),
        ("response", [new_output("execute_result", data={"text/plain":
            f"ChatCompletion(choices=[Choice(message=ChatCompletionMessage(content={SAID!r}))])"})],
         True),
        # Not the text, not all of it, or more than one.
        ("print(response.choices[0].finish_reason)", stream("stop\n"), False),
        ("print(response.choices[0].message.content[:9])", stream(SAID[:9]), False),
        ("print(1)\nprint(response.choices[0].message.content)", stream("1\n" + SAID), False),
        ("response", [new_output("execute_result", data={"text/plain":
            "ChatCompletionMessage(content=None, tool_calls=[ToolCall(id='1')])"})], False),
    ],
)  # fmt: skip
def test_an_answer_that_a_notebook_shows_is_known_where_it_is_sent_again(tmp_path, show, outputs, is_known):
    summary = annotated(tmp_path, (f"{CHAT}\n{CALL}", []), (show, outputs), (AGAIN, []))
    later = parts(summary)[-1]
    assert (SAID in later.details.text) == is_known
    assert later["input_tokens"].is_at_least != is_known


def test_an_answer_is_not_that_of_a_cell_that_ran_before_another(tmp_path):
    # ksm26/Functions-Tools-and-Agents-with-LangChain, L1-openai_functions_student.ipynb, cells 24 to 30: the
    # cell below ran first (26), the one above it last (29); 77 tokens were sent after it.
    shown = f"{CALL}\nprint(response.choices[0].message.content)"
    cells = [(f"{CHAT}\n{shown}", stream("A call.\n")), (shown, stream(SAID)), (AGAIN, [])]
    assert SAID in parts(annotated(tmp_path, *cells))[-1].details.text
    assert SAID not in parts(annotated(tmp_path, *cells, runs=[29, 26, 30]))[-1].details.text


def test_a_usage_is_not_that_of_a_cell_that_ran_before_another(tmp_path):
    # datawhalechina/llm-cookbook, part 2, notebook 2, cells 31 to 33: shown after the first had run again.
    first = f"{CHAT}\n{CALL}"
    usage = stream("{'prompt_tokens': 37, 'completion_tokens': 173, 'total_tokens': 210}")
    cells = [(first, []), (first, []), ("print(response.usage)", usage)]
    assert "saved_input_tokens" in parts(annotated(tmp_path, *cells))[-1]
    assert "saved_input_tokens" not in parts(annotated(tmp_path, *cells, runs=[24, 22, 25]))[-1]
    assert "saved_input_tokens" in parts(annotated(tmp_path, *cells, runs=[26, 22, 25]))[-1]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        # ksm26/Functions-Tools-and-Agents-with-LangChain, L1-openai_functions_student.ipynb, cell 19.
        ('"message": {\n "role": "assistant",\n "content": "Hello! \\u00b0"\n }', ("Hello! °",)),
        # anthropics/courses, 02_messages_format.ipynb, cell 5.
        ("Message(id='m', content=[TextBlock(text='Hello!', type='text')], role='assistant')", ("Hello!",)),
        ("content=[TextBlock(citations=None, text=\"It's\", type='text'), ToolUseBlock(id='1')]", (None,)),
        # LangChain prints a message without its name; those of people are no answers.
        ("content='Hello' additional_kwargs={'refusal': None}", ("Hello",)),
        ("[HumanMessage(content='Hi'), AIMessage(content='Hello'), HumanMessage(content='So')]", ("Hello",)),
        ("AIMessage(content='', tool_calls=[{'name': 'f'}]) AIMessage(content='Yes')", (None, "Yes")),
        ("", ()),
        ("AIMessage(content='unfinished", (None,)),
    ],
)  # fmt: skip
def test_answers_are_read_from_what_clients_write(text, answers):
    assert answers_in(text) == answers
