"""Which sessions the app forgets: those that hold nothing, so that programs push no page out.

In a process of its own: Gradio leaves loops and sockets open, which here would be errors.
"""

import json
import subprocess
import sys

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
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    early, late, kept, noted, talk = json.loads(ran.stdout)
    assert (early, late) == (0, 1)
    assert kept == noted == ["a changed page", "a conversation"]
    assert talk == ["Who makes the chips?"]


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
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", QUEUE], capture_output=True, text=True, check=True, timeout=60
    )
    early, same, left = json.loads(ran.stdout)
    assert early == same > 1_000
    assert left == ["reads", "waits"]
