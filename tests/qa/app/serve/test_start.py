"""What starting the app costs: one server of Gradio's, one account of the components, no tools unasked.

Each in a process of its own, for Gradio leaves loops and sockets open, which here would be errors.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.paths import ROOT

# Counts what Gradio makes, and makes blocks as the app has them: a page, two more, and endpoints added afterwards.
MAKING = """
import json, os, sys, urllib.request
import gradio as gr
from gradio.routes import App
from qa.app.pages.site import Page
from qa.app.serve.draft import Draft

counts = {"servers": 0, "accounts": 0}

def count(owner, method, name):
    work = getattr(owner, method)
    def count_and_work(*values, **options):
        counts[name] += 1
        return work(*values, **options)
    setattr(owner, method, count_and_work)

count(App, "configure_app", "servers")  # each server that is made is configured once
count(gr.Blocks, "get_config_file", "accounts")

def loud(text: str) -> str:
    return text.upper()

PAGES = [Page(name, name, lambda: gr.Button("Go on")) for name in ("articles", "notebook")]

def make(kind):
    blocks = kind(title="Whosays", analytics_enabled=False)
    with blocks:
        typed, said = gr.Textbox(label="Your question"), gr.HTML()
        typed.submit(loud, typed, said, api_visibility="private")
    for page in PAGES:
        with blocks.route(page.name, page.path):
            page.fill()
    with blocks:
        gr.api(loud)
    return blocks

def told(**found):
    print(json.dumps(found), flush=True)
    os._exit(0)
"""
SERVED = """
from qa.app.serve.host import launch
from tests.served import free_port

blocks = make(Draft)
before = dict(counts)
address = launch(blocks, articles=list, pages=PAGES, port=free_port())
pages = [urllib.request.urlopen(address + path, timeout=120).read().decode() for path in ("", "articles", "notebook")]
call = urllib.request.Request(
    address + "gradio_api/run/loud", b'{"data": ["a"]}', {"Content-Type": "application/json"})
answer = json.load(urllib.request.urlopen(call, timeout=120))
told(before=before, after=counts, said=answer["data"], pages=[
    label in page for page, label in zip(pages, ("Your question", "Go on", "Go on"), strict=True)])
"""
UNDRAFTED = """
make(gr.Blocks)
told(**counts)
"""
OTHERS = """
make(Draft)
with gr.Blocks() as other:
    gr.Textbox(label="Elsewhere")
told(routes=[one.path for one in other.app.routes if getattr(one, "path", "") == "/config"],
    shown=[one["props"].get("label") for one in other.config["components"] if one["type"] == "textbox"])
"""
TOOLS = """
import sys
from qa.app.startup import without_mcp
with without_mcp():
    import gradio
print("mcp" in sys.modules, "pandas" in sys.modules)
import mcp.server
print("mcp" in sys.modules)
"""


def run(code):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(
        command, env=environment, text=True, capture_output=True, check=False, timeout=120, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_of_all_servers_that_gradio_would_make_one_is_made():
    found = json.loads(run(MAKING + SERVED))
    assert found == {
        "before": {"servers": 0, "accounts": 0},
        "after": {"servers": 1, "accounts": 2},
        "said": ["A"],
        "pages": [True, True, True],
    }


def test_gradio_still_makes_those_that_a_draft_leaves_out():
    """Else `qa.app.serve.draft` is of no use any more, and goes."""
    assert json.loads(run(MAKING + UNDRAFTED)) == {"servers": 5, "accounts": 9}


def test_other_blocks_have_their_server_at_once():
    assert json.loads(run(MAKING + OTHERS)) == {"routes": ["/config"], "shown": ["Elsewhere"]}


def test_the_package_for_tools_is_imported_only_where_tools_are_asked_for():
    pytest.importorskip("mcp", reason="the extra mcp is not installed")
    assert run(TOOLS) == "False True\nTrue\n"
