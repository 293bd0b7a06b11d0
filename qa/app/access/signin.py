"""Signing in: a name held against its password, as slowly for an unknown name as for a known one.

Who is wrong too often has to wait, whatever the name: a name that is refused need not be anybody's.
"""

import asyncio
import hmac
import secrets
from collections.abc import Mapping

import anyio.to_thread

from qa.app.access.rate_limit import Tries
from qa.app.access.users import Hashed, nobodys_hash

WAIT_S = 1.0  # before a wrong password is told
# Wrong tries that cost no waiting: of a name from one address, of a name from anywhere, of an address. Many
# people may stand behind one address; and nobody is to keep from one address those out who come from others.
FREE_OF_A_NAME, FREE_ANYWHERE, FREE_OF_AN_ADDRESS = 5, 50, 20
_REMEMBERED = 100


class TooManyTries(Exception):
    """The next try is heard in `wait_s` seconds; this one was not."""

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        minutes = -(-wait_s // 60)
        time = f"{wait_s} seconds" if wait_s < 60 else f"{minutes} minute{'s' * (minutes > 1)}"
        super().__init__(f"Too many wrong tries. Wait {time}, then try again.")


class SignIn:
    """Checks names with passwords, one at a time and off the event loop."""

    def __init__(
        self,
        users: Mapping[str, Hashed],
        *,
        names: Tries | None = None,
        anywhere: Tries | None = None,
        addresses: Tries | None = None,
    ) -> None:
        """These count the wrong tries: of names with addresses, of names, of addresses."""
        self._users = dict(users)
        self._nobody = nobodys_hash()
        self._one_at_a_time = asyncio.Semaphore(1)
        self._key = secrets.token_bytes(32)
        self._right: dict[bytes, None] = {}
        self._names = Tries(FREE_OF_A_NAME) if names is None else names
        self._anywhere = Tries(FREE_ANYWHERE) if anywhere is None else anywhere
        self._addresses = Tries(FREE_OF_AN_ADDRESS) if addresses is None else addresses

    async def check(self, name: str, password: str, address: str) -> bool:
        """Whether `name` may sign in with `password`; a wrong one is told after a second.

        Raises TooManyTries, having looked at neither, after too many wrong ones of `address`, or of this
        name, from there or from anywhere.
        """
        who, here = self._digest(name), self._digest(f"{address}\0{name}")
        self._listen(self._addresses, address)
        shown = self._digest(f"{address}\0{name}\0{password}")
        if shown in self._right:  # of a program that sends both with each request
            return True
        async with self._one_at_a_time:
            # Here, and not before: of many tries sent at once all but a few are still to be counted.
            self._listen(self._addresses, address)
            self._listen(self._names, here)
            self._listen(self._anywhere, who)
            hashed = self._users.get(name, self._nobody)
            right = await anyio.to_thread.run_sync(hashed.is_of, password) and name in self._users
            if not right:
                self._names.count_wrong(here)
                self._anywhere.count_wrong(who)
                self._addresses.count_wrong(address)
        if not right:
            await asyncio.sleep(WAIT_S)
            return False
        self._names.forgive(here)
        self._right[shown] = None
        while len(self._right) > _REMEMBERED:
            del self._right[next(iter(self._right))]
        return True

    def _listen(self, tries: Tries, who: str | bytes) -> None:
        wait_s = tries.wait_s(who)
        if wait_s:
            raise TooManyTries(wait_s)

    def _digest(self, text: str) -> bytes:
        """Short, however long the text; and nothing that could be read from memory."""
        return hmac.digest(self._key, text.encode(errors="surrogatepass"), "sha256")
