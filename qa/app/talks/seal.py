"""The seal on a conversation that is saved: that this Whosays answered so, and nobody has changed it since.

The key is this user's on this machine, in a file that nobody else can read. Where none can be kept, one holds
until the app ends.
"""

import hmac
import json
import os
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import platformdirs

from qa.records import Answer

KEY_BYTES = 32


def default_key() -> Path:
    """Where the key is kept."""
    return platformdirs.user_state_path("whosays") / "seal.key"


def seal(answers: Sequence[Answer]) -> str:
    """What stands beside these answers in a file; another for any other answers, and on another machine."""
    plain = json.dumps([one.to_dict() for one in answers], sort_keys=True, ensure_ascii=True)
    return hmac.digest(read_key(default_key()), plain.encode(), "sha256").hex()


def is_sealed(answers: Sequence[Answer], told: str) -> bool:
    """Whether `told` is their seal."""
    return hmac.compare_digest(seal(answers).encode(), told.encode(errors="replace"))


@cache
def read_key(file: Path) -> bytes:
    """The key in `file`, which is made where there is none."""
    try:
        kept = file.read_bytes()
        if len(kept) == KEY_BYTES:
            return kept
    except OSError:
        kept = b""
    key = secrets.token_bytes(KEY_BYTES)
    new = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(key)
        try:
            os.link(new, file)  # never over one that another process has just made
        except FileExistsError:
            other = file.read_bytes()
            key = other if len(other) == KEY_BYTES else key
        new.unlink()
    except OSError:
        return key
    return key
