"""A share of `python -m eval.robustness.writers`: processes that write to one server, stopped, killed, at once.

The server is Milvus Lite's own, which programs reach as any other. With `WHOSAYS_TEST_MILVUS` it is that one, as
`make milvus` has it: what a server does by itself while others wait is seen there alone.
"""

import pytest

from eval.robustness.writers import Scene, kill_writers, served, stop_writers, write_at_once
from tests.shelf import SERVER


@pytest.fixture(scope="module")
def own_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("writers")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "data"))
        yield folder


@pytest.fixture(scope="module", params=["lite", *(["server"] if SERVER else [])])
def scene(request, own_folder):
    if request.param == "server":
        yield Scene.make(SERVER, "remove", own_folder / "server")
        return
    with served(own_folder / "milvus") as server:
        yield Scene.make(server, "remove", own_folder)


def test_a_writer_that_slept_beyond_its_lease_writes_over_nobody(scene):
    # Before it makes its change count, and before it takes away what that took out.
    assert 1 < scene.counts_at < scene.writes
    assert stop_writers(scene, [scene.counts_at, scene.counts_at + 1]) == {"refused": 1, "made": 1}


def test_a_writer_that_is_killed_before_its_change_counts_leaves_the_library_as_it_was(scene):
    assert kill_writers(scene, [scene.counts_at]) == {"old": 1}


def test_two_processes_that_write_at_once_lose_nothing(scene):
    tally = write_at_once(scene.server, editions=3)
    assert tally["changes made"] == 6
    assert tally["articles read"] > 0
