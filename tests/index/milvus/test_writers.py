"""Writers to one Milvus server, each a process of its own: two at once, one that is stopped, one that is killed.

The server is Milvus Lite's own, as programs reach it over the network. A process is stopped by the system, as a
laptop that sleeps is, just before or just after one of its writes, for longer than its lease.
"""

import os
import signal
import subprocess
import sys
import time

import pytest
from milvus_lite.adapter.grpc.server import start_server_in_thread

from index.milvus import MilvusStore, milvus_address
from index.records import ListQuery
from index.scope import EVERYTHING
from tests.paths import ROOT
from tests.shelf import MANIFEST, NEWS, QUESTIONS, add, article, remove, search

LEASE_S = 1.0
OURS = [article(f"Plant {n} of ours makes chips. It has {n} orders.") for n in range(3)]
OTHERS = [article(f"Mill {n} of others makes paper. It has {n} orders.") for n in range(3)]

WRITER = """
import os, signal, sys
from index.milvus import MilvusStore, milvus_address
from index.milvus.rows import Collections
from tests.index.milvus.test_writers import LEASE_S, OURS, MANIFEST
from tests.shelf import NEWS, add, remove

class Pausing(Collections):
    calls = 0
    def insert(self, which, rows):
        self.pause(rows and not any(row.get("kind") == "writer" for row in rows))
        super().insert(which, rows)
    def delete(self, which, where):
        self.pause(not where.startswith("key == -"))
        super().delete(which, where)
    def pause(self, counts):
        if counts:
            type(self).calls += 1
            if self.calls == {stop_at}:
                os.kill(os.getpid(), signal.SIGSTOP)

collections = Pausing.connect(milvus_address({address!r}))
store = MilvusStore(collections, collections.manifest(), lease_s=LEASE_S)
print("ready", flush=True)
"""
STOPPED = WRITER + """
try:
    remove(store, NEWS[0])
    add(store, *OURS)
    print("made", flush=True)
except Exception as error:
    print(type(error).__name__, flush=True)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "data"))
        running, database, port = start_server_in_thread(data_dir=str(folder / "milvus"))
        yield f"milvus://127.0.0.1:{port}"
        running.stop(grace=0).wait()
        database.close()


def opened(address):
    return MilvusStore.open(milvus_address(address), create=True, manifest=MANIFEST, lease_s=LEASE_S)


def start(script, address, *, stop_at=0):
    code = script.format(address=address, stop_at=stop_at)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def has_stopped(process):
    """Whether it stands still, as opposed to having ended."""
    ended, status = os.waitpid(process.pid, os.WUNTRACED)
    return os.WIFSTOPPED(status)
