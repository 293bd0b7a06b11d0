"""The endpoints as MCP tools, called by a real MCP client on a real server."""

import asyncio
import base64
import json
import sys
from contextlib import asynccontextmanager

import pytest

from qa import Library, ask
from qa.cli import main
from tests.served import FERRY, served, shelve

pytest.importorskip("mcp", reason="the extra mcp is not installed")

QUESTION = "How many people did the ferry Aurora carry?"
NAME, PASSWORD = "ida", "a long secret"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return shelve(tmp_path_factory.mktemp("shelved"))


@pytest.fixture(scope="module")
def address(library, tmp_path_factory):
    """Served with MCP to those only who sign in, and read-only."""
    folder = tmp_path_factory.mktemp("served")
    users = folder / "users"
    from qa.app.access.users import add_user

    add_user(users, NAME, PASSWORD)
    flags = ("--mcp", "--read-only", "--auth-file", str(users))
    with served(*flags, library=library, log=folder / "log") as at:
        yield at


def in_session(address, work, *, password=PASSWORD):
    """What `work` makes of a session with the server."""
    import httpx
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    code = base64.b64encode(f"{NAME}:{password}".encode()).decode()

    @asynccontextmanager
    async def session():
        headers = {"Authorization": f"Basic {code}"}
        async with (
            httpx.AsyncClient(headers=headers, timeout=60, trust_env=False) as http,
            streamable_http_client(f"{address}gradio_api/mcp/", http_client=http) as (read, write, _),
            ClientSession(read, write) as one,
        ):
            await one.initialize()
            yield one

    async def run():
        async with session() as one:
            return await work(one)

    return asyncio.run(run())


def called(address, name, **arguments):
    """A tool's result: its JSON, or the text of its error."""
    result = in_session(address, lambda session: session.call_tool(name, arguments))
    (content,) = result.content
    return content.text if result.isError else json.loads(content.text)


def test_a_client_finds_the_tools_with_their_arguments_explained(address):
    tools = {tool.name: tool for tool in in_session(address, lambda session: session.list_tools()).tools}
    assert set(tools) == {"ask", "articles", "article", "conflicts"}
    assert "verbatim quotes" in tools["ask"].description
    assert tools["ask"].inputSchema["required"] == ["question"]
    assert tools["articles"].inputSchema["properties"]["limit"]["description"].startswith("How many")


def test_a_tool_asks_the_articles_and_gives_what_python_gives(address, library):
    got = called(address, "ask", question=QUESTION, publishers=["Morning Post"])
    with Library.open(library) as opened:
        expected = ask(QUESTION, library=opened, publishers=["Morning Post"]).to_dict()
    assert {**got, "timings_ms": 0} == {**expected, "timings_ms": 0}


def test_a_tool_is_told_what_a_follow_up_is_about(address):
    earlier = [{"question": QUESTION, "answer": "40 people"}]
    got = called(address, "ask", question="And when?", history=earlier, about=["ferry"])
    assert (got["about"], got["standalone_question"]) == (["ferry"], "And when? (ferry)")


def test_the_other_tools_list_read_and_compare(address):
    (ferry,) = called(address, "articles", search="came in late")["articles"]
    assert called(address, "article", article_id=ferry["id"])["text"] == FERRY
    assert called(address, "conflicts", limit=1)["conflict_check"]["status"] == "checked"


def test_an_unusable_question_is_explained_to_the_tools_caller(address):
    assert called(address, "ask", question=" ").lower().startswith("the question is empty")


def test_without_the_right_password_no_tool_is_reached(address):
    import httpx

    with pytest.raises(BaseExceptionGroup) as raised:
        in_session(address, lambda session: session.list_tools(), password="a wrong secret")
    errors = [raised.value]
    while isinstance(errors[0], BaseExceptionGroup):
        errors = [*errors[0].exceptions]
    assert [type(error) for error in errors] == [httpx.HTTPStatusError]
    assert errors[0].response.status_code == 401


def test_without_its_package_mcp_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "mcp", None)
    assert main(["chat", "--mcp", "--no-browser"]) == 2
    assert "pip install 'whosays[mcp]'" in capsys.readouterr().err
