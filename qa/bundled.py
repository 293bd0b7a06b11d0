"""The bundled library: the example articles of a checkout, indexed on first use in the user's cache."""

import hashlib
from pathlib import Path

import platformdirs
from filelock import FileLock

import index
from index.errors import LibraryError
from index.library import Progress
from index.records import Embedder
from qa.library import Library

SEEDS = Path(index.__file__).resolve().parent.parent / "seeds"

# Raised by hand when cleaning, splitting or chunking changes what the same articles become.
FORMAT = 1


def open_bundled(
    embedder: Embedder,
    *,
    chunk_tokens: int,
    overlap_sentences: int,
    progress: Progress | None = None,
    seeds: Path = SEEDS,
    cache: Path | None = None,
) -> Library:
    """The library of `seeds`, built anew when the articles, embedder or chunk settings changed.

    Raises LibraryError where there are no example articles (an installed wheel carries none), or one of
    them is refused.
    """
    files = (
        sorted(path for path in seeds.glob("*") if path.suffix in (".txt", ".toml")) if seeds.is_dir() else []
    )
    if not any(path.suffix == ".txt" for path in files):
        raise LibraryError(
            "there is no bundled library here: the example articles come with a checkout of Whosays, not "
            "with the installed package. Make a library of your own: whosays add FOLDER --library DIR, then "
            'whosays ask "…" --library DIR'
        )
    cache = cache or platformdirs.user_cache_path("whosays")
    place = cache / f"bundled-{_stamp(files, embedder.name, chunk_tokens, overlap_sentences)}"
    library = Library.open(
        place, embedder=embedder, chunk_tokens=chunk_tokens, overlap_sentences=overlap_sentences
    )
    if len(library) < sum(path.suffix == ".txt" for path in files):
        # A second process that finds it unbuilt waits for the first, then finds it built: "unchanged".
        try:
            with FileLock(cache / "bundled.lock"):
                _build(library, seeds, progress)
        except BaseException:
            library.close()
            raise
    return library


def _build(library: Library, seeds: Path, progress: Progress | None) -> None:
    for outcome in library.add(*sorted(seeds.glob("*.txt")), progress=progress):
        if outcome.status == "refused":
            raise LibraryError(f"the example article {outcome.source} was refused: {outcome.reason}")


def _stamp(files: list[Path], embedder: str, chunk_tokens: int, overlap_sentences: int) -> str:
    settings = f"{FORMAT}\0{embedder}\0{chunk_tokens}\0{overlap_sentences}"
    digest = hashlib.sha256(settings.encode())
    for file in files:
        # The path too: an article's address is where it was loaded from.
        digest.update(f"\0{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]
