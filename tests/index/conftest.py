"""The places where what every store promises is tested."""

import pytest

from tests.shelf import PLACES, make_place


@pytest.fixture(params=PLACES)
def place(request, tmp_path):
    """Where it is made: in a folder, in Milvus Lite, on a Milvus server where one is named."""
    with make_place(request.param, tmp_path) as made:
        yield made
