"""The name of a model that a user names, by hub id or folder: it changes whenever its weights do."""

import hashlib
from pathlib import Path


def identity(name_or_folder: str) -> str:
    """A folder's name with the SHA-256 of its files, or a hub id with the commit that was loaded.

    The commit is the one that the hub's local cache holds, so the model must be loaded before it is named.
    """
    folder = Path(name_or_folder)
    if folder.is_dir():
        return f"{folder.resolve().name}:{_folder_digest(folder)[:12]}"
    commit = _cached_commit(name_or_folder)
    return f"{name_or_folder}:{commit[:12]}" if commit else name_or_folder


def _cached_commit(name: str) -> str | None:
    """The commit is the name of the cache's folder: since transformers 5.23 no loaded model states it."""
    from huggingface_hub import try_to_load_from_cache  # only a model that a user names needs it

    # Every transformers model has the first file, every sentence-transformers model the second.
    for file in ("config.json", "modules.json"):
        found = try_to_load_from_cache(name, file)
        if isinstance(found, str):
            return Path(found).parent.name
    return None


def _folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a model's files; its readme and hidden files compute nothing."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if (
            path.is_file()
            and path.suffix != ".md"
            and not any(part.startswith(".") for part in relative.parts)
        ):
            digest.update(f"{relative.as_posix()}\0".encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
