"""What several test files use: the articles of the checkout, and the library made of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every run, and no limit on time: a slow machine is no failure.
settings.register_profile("whosays", deadline=None, derandomize=True)
settings.load_profile("whosays")

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the tests, and what they start, out of the user's own cache and settings."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        environment.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        environment.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="session")
def seeds_library(_own_folders: None) -> "Iterator[object]":
    """The bundled library, with the bundled models."""
    from qa.ask import open_library
    from qa.settings import Settings

    with open_library("", Settings()) as library:
        yield library
