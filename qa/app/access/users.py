"""Who may sign in: a file of names with salted scrypt hashes, which only its owner can read."""

import hashlib
import hmac
import os
import re
import secrets
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from index.errors import SettingsError

# 16 MB and about a quarter of a second for each try.
# Source: the OWASP password storage cheat sheet's setting of scrypt for this much memory.
N, R, P = 2**14, 8, 5
SALT_BYTES, HASH_BYTES = 16, 32
LEAST_CHARACTERS = 8
_NAME = re.compile(r"[^\s:#](?:[^:\n\r]{0,62}[^\s:])?")


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password's hash, and what it was made with."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    def is_of(self, password: str) -> bool:
        """Whether `password` is the one; takes as long either way."""
        return hmac.compare_digest(self.digest_of(password), self.digest)

    def digest_of(self, password: str) -> bytes:
        """The hash of `password` made in the same way."""
        given, size = password.encode(errors="surrogatepass"), len(self.digest)
        return hashlib.scrypt(given, salt=self.salt, n=self.n, r=self.r, p=self.p, dklen=size, maxmem=2**28)


def nobodys_hash() -> Hashed:
    """The hash of no password, with a new salt: what an unknown name is compared with, to take as long."""
    return Hashed(N, R, P, secrets.token_bytes(SALT_BYTES), bytes(HASH_BYTES))


def hash_password(password: str) -> str:
    """A line's second part: method, cost, a new salt, the hash. Raises SettingsError for a short password."""
    if len(password) < LEAST_CHARACTERS:
        raise SettingsError(f"The password is too short: choose one of {LEAST_CHARACTERS} characters or more")
    new = nobodys_hash()
    salt, digest = (b64encode(one).decode() for one in (new.salt, new.digest_of(password)))
    return f"scrypt:{N}:{R}:{P}:{salt}:{digest}"


def add_user(file: Path, name: str, password: str) -> None:
    """Write `name` with the hash of `password` into `file`, in place of an earlier line of that name.

    The file is made where there is none, readable by its owner alone.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be a name to sign in with: use at most 64 characters and no colon"
        )
    line = f"{name}:{hash_password(password)}"
    kept = [one for one in _lines(file) if one.partition(":")[0] != name] if file.exists() else []
    new = file.with_name(f"{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        with os.fdopen(
            os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as out:
            out.write("\n".join([*kept, line]) + "\n")
        new.replace(file)
    except OSError as error:
        raise SettingsError(f"The file {file} cannot be written ({error}): name another") from error


def read_users(file: Path) -> dict[str, Hashed]:
    """The names of `file` with their hashes. SettingsError where it is none, or others can read it."""
    users = {}
    for number, line in enumerate(_lines(file), 1):
        name, _, rest = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        method, *parts = rest.split(":")
        try:
            n, r, p, salt, digest = parts
            users[name] = Hashed(
                int(n), int(r), int(p), b64decode(salt, validate=True), b64decode(digest, validate=True)
            )
            fit = method == "scrypt" and 128 * users[name].n * users[name].r < 2**28
        except ValueError:
            fit = False
        if not fit or not _NAME.fullmatch(name) or len(users[name].digest) < 16:
            raise SettingsError(
                f"Line {number} of {file} does not hold a name and the hash of a password: make it with "
                f"whosays chat --auth-file {file} --add-user NAME"
            )
    if not users:
        raise SettingsError(
            f"The file {file} names nobody: add a name with whosays chat --auth-file {file} --add-user NAME"
        )
    return users


def _lines(file: Path) -> list[str]:
    try:
        if os.name == "posix" and (mode := stat.S_IMODE(file.stat().st_mode)) & 0o077:
            raise SettingsError(
                f"Others can read {file} (its mode is {mode:03o}), and it holds the hashes of passwords: "
                f"chmod 600 {file}"
            )
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise SettingsError(
            f"There is no file {file}: make it with whosays chat --auth-file {file} --add-user NAME"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file {file} cannot be read ({error}): mend it or name another") from error
