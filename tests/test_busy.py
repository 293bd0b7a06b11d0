"""Calls of programs wait in a line that has an end, and who comes after it is told."""

import asyncio
import threading

import pytest

from qa.app.serve.endpoints import MOST_CALLS, Refused, at_most


def test_who_comes_while_too_many_calls_wait_is_told_and_the_others_are_answered():
    go = threading.Event()

    def work():
        go.wait(30)
        return {"answered": True}

    async def many():
        run = at_most(1)
        calls = [asyncio.create_task(run(work)) for _ in range(MOST_CALLS + 1)]
        while len(asyncio.all_tasks()) < MOST_CALLS + 2:
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)  # all have come: one is worked on, the others wait
        with pytest.raises(Refused, match="200 calls wait for an answer already: try again"):
            await run(work)
        go.set()
        return await asyncio.gather(*calls)

    assert asyncio.run(many()) == [{"answered": True}] * (MOST_CALLS + 1)
