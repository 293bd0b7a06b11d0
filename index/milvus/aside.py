"""Articles that were removed, in a library in Milvus: a row "aside" of what a list shows, and rows "kept"."""

import json
from collections.abc import Callable, Iterator

from index.aside import Aside, is_kept, removed_of, unpack
from index.errors import ArticleNotFound, LibraryError
from index.milvus.rows import SLIM_KEYS, Collections, Commit
from index.records import Removed

HEAD, BODY = "aside", "kept"  # kinds of rows; `owner` of the second is the key of the first


def heads(collections: Collections, now: Commit) -> Iterator[tuple[int, Removed]]:
    """Of all that are kept at `now`, for however long, with their keys."""
    where = f'kind == "{HEAD}" and {now.records_that_stand}'
    pages = collections.pages("records", where, ["piece", "data"], after=0, last=now.last_row, keys=SLIM_KEYS)
    for page in pages:
        for row, data in zip(page, collections.whole(page), strict=True):
            yield int(row["key"]), removed_of(json.loads(data))


def list_removed(collections: Collections, now: Commit) -> tuple[Removed, ...]:
    """As `Store.removed`."""
    found = [one for _, one in heads(collections, now) if is_kept(one.removed)]
    return tuple(sorted(found, key=lambda one: (-one.removed, one.id)))


def read(collections: Collections, key: int) -> Aside:
    """What is kept under the head of that key."""
    rows = collections.query("records", f'kind == "{BODY}" and owner == {key}', ["piece", "data"])
    text = "".join(str(row["data"]) for row in sorted(rows, key=lambda row: int(row["piece"])))
    try:
        return unpack(text)
    except (ValueError, KeyError, TypeError) as error:
        raise LibraryError(
            f"A removed article of the library {collections.address.text} cannot be read: add it again"
        ) from error


class AsideRows:
    """What is kept as a change begins, looked up when it is first wanted."""

    def __init__(self, collections: Collections, before: Commit) -> None:
        self._collections = collections
        self._before = before
        self._known: dict[str, tuple[int, Removed]] | None = None

    def take(self, article_id: str) -> tuple[int, Aside]:
        """What is kept of an article, and the key of its head; kept no more. Raises as `Change.put_back`."""
        key, head = self._rows().get(article_id, (0, None))
        if head is None or not is_kept(head.removed):
            raise ArticleNotFound(
                f"No article {article_id} was removed from the library {self._collections.address.text}"
                " within a day: `whosays restore` lists those that can be put back"
            )
        found = read(self._collections, key)
        del self._rows()[article_id]
        return key, found

    def take_past(self, stands: Callable[[str], bool]) -> list[int]:
        """Keys of the heads of what can be put back no more, or was added again."""
        past = [own for own, (_, head) in self._rows().items() if not is_kept(head.removed) or stands(own)]
        return [self._rows().pop(own)[0] for own in past]

    def _rows(self) -> dict[str, tuple[int, Removed]]:
        if self._known is None:
            self._known = {one.id: (key, one) for key, one in heads(self._collections, self._before)}
        return self._known
