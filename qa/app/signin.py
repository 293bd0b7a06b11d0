"""Signing in: a name held against its password, as slowly for an unknown name as for a known one."""

import asyncio
import hmac
import secrets
from collections.abc import Mapping

import anyio.to_thread

from qa.app.users import Hashed, nobody

WAIT_S = 1.0  # before a wrong password is told
_REMEMBERED = 100


class SignIn:
    """Checks names with passwords, one at a time and off the event loop."""

    def __init__(self, users: Mapping[str, Hashed]) -> None:
        self._users = dict(users)
        self._nobody = nobody()
        self._one_at_a_time = asyncio.Semaphore(1)
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, None] = {}

    async def check(self, name: str, password: str) -> bool:
        """Whether `name` may sign in with `password`; a wrong one is told after a second."""
        shown = hmac.digest(self._key, f"{name}\0{password}".encode(errors="surrogatepass"), "sha256")
        if shown in self._right:  # of a program that sends both with each request
            return True
        hashed = self._users.get(name, self._nobody)
        async with self._one_at_a_time:
            right = await anyio.to_thread.run_sync(hashed.is_of, password) and name in self._users
        if not right:
            await asyncio.sleep(WAIT_S)
            return False
        self._right[shown] = None
        while len(self._right) > _REMEMBERED:
            del self._right[next(iter(self._right))]
        return True
