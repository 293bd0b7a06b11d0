"""Which sessions the app forgets: those that hold nothing, so that programs push no page out.

In a process of its own: Gradio leaves loops and sockets open, which here would be errors.
"""

import json
import subprocess
import sys


def printed(script):
    """What a process of its own that runs it prints, as JSON."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(ran.stdout)


SCRIPT = """
import json
from datetime import timedelta
import gradio as gr
from gradio.state_holder import StateHolder
from qa.app.serve.sessions import forget_empty

with gr.Blocks() as blocks:
    talk, choice = gr.State([]), gr.Dropdown(["one"])
holder = StateHolder()
holder.set_blocks(blocks)
for name in ("a call", "a conversation", "a changed page"):
    holder[name]
holder["a conversation"][talk._id] = ["Who makes the chips?"]
holder["a changed page"][choice._id] = gr.Dropdown(["one", "two"])
early = forget_empty(blocks)
late = forget_empty(blocks, idle=timedelta(0))
left = [sorted(holder.session_data), sorted(holder.time_last_used)]
print(json.dumps([early, late, *left, holder["a conversation"][talk._id]]))
"""


def test_a_session_that_holds_nothing_is_forgotten_after_a_while_and_one_that_holds_something_stays():
    early, late, kept, noted, talk = printed(SCRIPT)
    assert (early, late) == (0, 1)
    assert kept == noted == ["a changed page", "a conversation"]
    assert talk == ["Who makes the chips?"]


BEGUN_MEANWHILE = """
import json
from datetime import timedelta
from itertools import count
import gradio as gr
from gradio.state_holder import StateHolder
from qa.app.serve.sessions import HeldTalks, forget_empty

with gr.Blocks() as blocks:
    gr.State([])
holder, numbers = StateHolder(), count()
holder.set_blocks(blocks)

class Looked(dict):
    '''Another session begins, as in another thread, whenever it is looked at.'''
    def values(self):
        holder[f"begun {next(numbers)}"]
        return super().values()
    def __len__(self):
        holder[f"begun {next(numbers)}"]
        return 0

for name in ("one", "other"):
    holder[name].state_data = Looked()
heaviest = HeldTalks().forget_heaviest(blocks, idle=timedelta(0))
empty = forget_empty(blocks, idle=timedelta(0))
print(json.dumps([heaviest, empty, sorted(holder.session_data)]))
"""


def test_sessions_that_begin_while_empty_ones_are_looked_for_stay():
    assert printed(BEGUN_MEANWHILE) == [0, 4, ["begun 2", "begun 3"]]


ACCOUNTS = """
import json, os
import gradio as gr
from gradio.blocks import BlocksConfig
from gradio.state_holder import StateHolder
from qa.app.serve.sessions import forget_empty, keep_no_accounts

written, write = [], BlocksConfig.config_for_block
BlocksConfig.config_for_block = staticmethod(lambda *values: written.append(values[0]) or write(*values))
with gr.Blocks() as blocks:
    talk, choice = gr.State([]), gr.Dropdown(["one"])
del written[:]
holder = StateHolder()
holder.set_blocks(blocks)
holder["as Gradio begins it"]
before = len(written)
keep_no_accounts()
keep_no_accounts()
del written[:]
holder["one"], holder["other"]
holder["one"]._update_value_in_config(choice._id, "one")
holder["one"]._update_config(choice._id)
after = len(written)
holder["one"][talk._id] = ["Who makes the chips?"]
values = [holder["one"][talk._id], holder["other"][talk._id], holder["one"][choice._id] is choice]
print(json.dumps([before >= 2, after, values, choice._id in holder["one"]]), flush=True)
os._exit(0)
"""


def test_a_session_begins_without_an_account_of_every_component_and_holds_what_it_held():
    """The first figure says that Gradio still writes them; else `keep_no_accounts` is of no use any more."""
    assert printed(ACCOUNTS) == [True, 0, [["Who makes the chips?"], [], True], True]


QUEUE = """
import asyncio, json
import gradio as gr
from gradio.data_classes import PredictBodyInternal
from qa.app.serve.queue_limit import KEPT, bound_queue

with gr.Blocks() as blocks:
    gr.Button("Ask")
bound_queue(blocks)
queue = blocks._queue
queue.pending_event_ids_session.update({f"gone {n}": set() for n in range(KEPT)})
early = len(queue.pending_event_ids_session)
asyncio.run(queue.push(PredictBodyInternal(data=[]), None, None))
same = len(queue.pending_event_ids_session)
queue.pending_event_ids_session.update({"waits": {"an event"}, "reads": set()})
queue.pending_messages_per_session["reads"] = asyncio.Queue()
asyncio.run(queue.push(PredictBodyInternal(data=[]), None, None))
print(json.dumps([early, same, sorted(queue.pending_event_ids_session)]))
"""


def test_of_sessions_that_wait_for_nothing_gradios_queue_keeps_a_number():
    early, same, left = printed(QUEUE)
    assert early == same > 1_000
    assert left == ["reads", "waits"]


IDLE = """
import asyncio, json
import gradio as gr
from qa.app.serve.queue_limit import bound_queue

looks = 0
sleep = asyncio.sleep

async def count(seconds):
    global looks
    looks += 1
    await sleep(seconds)

async def main():
    queue.stopped = False
    asyncio.sleep = count
    work = [asyncio.create_task(one()) for one in (queue.start_processing, queue.start_progress_updates)]
    await sleep(1)
    queue.stopped = True
    await asyncio.gather(*work)

with gr.Blocks() as blocks:
    gr.Button("Ask")
queue = blocks._queue
bound_queue(blocks)
asyncio.run(main())
print(json.dumps(looks))
"""


def test_a_queue_that_holds_nothing_seldom_looks_for_something():
    """At most 120 times a second; of itself Gradio looks about a thousand times, less on a busy machine."""
    assert 0 < printed(IDLE) <= 150


COUNTED = """
import json, urllib.request
import gradio as gr
from qa.app.serve.queue_limit import bound_queue

def shout(word: str) -> str:
    return word.upper()

with gr.Blocks() as blocks:
    gr.api(shout)
_, address, _ = blocks.launch(prevent_thread_lock=True, quiet=True)
bound_queue(blocks)
said = []
for word in ("ship", "mill", "port"):
    asked = urllib.request.Request(
        f"{address}gradio_api/call/shout",
        json.dumps({"data": [word]}).encode(),
        {"Content-Type": "application/json"},
    )
    event = json.load(urllib.request.urlopen(asked))["event_id"]
    told = urllib.request.urlopen(f"{address}gradio_api/call/shout/{event}").read().decode()
    said += json.loads(told.partition("data: ")[2])
queue = blocks._queue
print(json.dumps([said, len(queue.event_analytics), queue.cached_event_analytics_summary]))
blocks.close(verbose=False)
"""


def test_no_figures_of_each_event_are_kept_or_made():
    """Of itself Gradio makes a table of all events after each, for a page that is closed here."""
    said, kept, figures = printed(COUNTED)
    assert said == ["SHIP", "MILL", "PORT"]
    assert kept <= 1
    assert figures == {"functions": {}}


UNREAD = """
import asyncio, json
from types import SimpleNamespace
import gradio as gr
from gradio.server_messages import ProcessCompletedMessage
from qa.app.serve import queue_limit
from qa.app.serve.queue_limit import Unread

now = [0]
queue_limit.monotonic = lambda: now[-1]
with gr.Blocks() as blocks:
    gr.Button("Ask")
queue = blocks._queue

def come(session, size):
    event = SimpleNamespace(session_hash=session, _id=session, alive=True)
    queue.event_ids_to_events[session] = event
    queue.pending_messages_per_session.setdefault(session, asyncio.Queue())
    queue.pending_event_ids_session[session] = {session}
    queue.send_message(event, ProcessCompletedMessage(output={"data": ["x" * size]}, success=True))
    return event

async def main():
    unread = Unread(queue, most_bytes=100_000, kept_s=60)
    little = come("little", 1_000)
    own = queue.pending_messages_per_session.setdefault("reads", asyncio.Queue())
    reading = asyncio.create_task(own.get())
    await asyncio.sleep(0)
    much = [come(f"much {n}", 40_000) for n in range(4)]
    bytes_left = sorted(queue.pending_messages_per_session)
    unread.sweep()
    early = sorted(queue.pending_messages_per_session)
    now.append(61)
    unread.sweep()
    late = sorted(queue.pending_messages_per_session)
    queue.send_message(much[0], ProcessCompletedMessage(output={}, success=True))  # of one let go: no error
    reading.cancel()
    alive = [little.alive, *(one.alive for one in much)]
    print(json.dumps([bytes_left, early, late, alive, sorted(queue.pending_event_ids_session)]))

asyncio.run(main())
"""


def test_what_nobody_reads_is_let_go_the_most_first_and_in_time_all_of_it():
    left, early, late, alive, known = printed(UNREAD)
    assert {"little", "reads"} <= set(left)
    assert len([one for one in left if one.startswith("much")]) == 2
    assert early == left
    assert late == ["reads"]
    assert alive == [False] * 5
    assert known == []


HEAVY = """
import json
from datetime import timedelta
import gradio as gr
from gradio.state_holder import StateHolder
from qa.app.serve.sessions import HeldTalks
from qa.app.talks.conversation import Exchange, Talk

with gr.Blocks() as blocks:
    state = gr.State(Talk())
holder = StateHolder()
holder.set_blocks(blocks)
for name, size in (("light", 1_000), ("heavy", 50_000), ("heavier", 60_000)):
    talk = Talk()
    talk.resume(name, [Exchange(1, "Who?", "x" * size)])
    holder[name][state._id] = talk
held = HeldTalks()
found = [held.forget_heaviest(blocks, most_bytes=70_000),
         held.forget_heaviest(blocks, most_bytes=200_000, idle=timedelta(0)),
         held.forget_heaviest(blocks, most_bytes=70_000, idle=timedelta(0))]
print(json.dumps([found, sorted(holder.session_data)]))
"""


def test_where_conversations_hold_too_much_the_heaviest_that_is_not_in_use_goes():
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HEAVY], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(ran.stdout) == [[0, 0, 1], ["heavy", "light"]]
