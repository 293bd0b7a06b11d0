"""Who speaks in the disagreements of a survey: near-copies as one source, files of one name apart."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from index.names import source_name, split_address
from qa.conflicts.independence import Copies
from qa.records import Citation
from qa.survey.disagreement import Disagreement


class SourceNames:
    """What the sources of statements are called. Of a folder no more is told than sets two files apart."""

    def __init__(self, citations: Iterable[Citation], copies: Copies = ()) -> None:
        """`copies` are groups of article ids, each of near-copies."""
        every = list(citations)
        self._files = _files_apart(every)
        group_of = {article: group for group, some in enumerate(copies) for article in some}
        first: dict[int, Citation] = {}
        for one in sorted(every, key=_by_date):
            if one.article_id in group_of:
                first.setdefault(group_of[one.article_id], one)
        self._folded = {
            article: self.name(first[group]) for article, group in group_of.items() if group in first
        }

    def name(self, one: Citation) -> str:
        """The publisher, the site or the file, that of a file with a folder where two would be the same."""
        return self._files.get(one.uri) or source_name(one.publisher, one.uri)

    def folded(self, one: Citation) -> str:
        """As `name`; of an article that others copy, or that is a copy, that of the first of them by date."""
        return self._folded.get(one.article_id) or self.name(one)

    def opposed(self, one: Disagreement) -> frozenset[tuple[str, str]]:
        """Which two are against each other, both in the order of the alphabet; near-copies as one."""
        mine, theirs = ({self.folded(cited) for cited in side.citations} for side in one.accounts)
        return frozenset((min(a, b), max(a, b)) for a in mine for b in theirs)


def _files_apart(citations: Iterable[Citation]) -> dict[str, str]:
    """By address, the names of files that would have one name otherwise."""
    by_name: dict[str, dict[str, PurePosixPath]] = defaultdict(dict)
    for one in citations:
        if not one.publisher and split_address(one.uri).scheme not in ("http", "https"):
            path = PurePosixPath(split_address(one.uri).path)
            by_name[source_name(None, one.uri)][one.uri] = path
    found: dict[str, str] = {}
    for paths in by_name.values():
        if len(paths) > 1:
            found |= {uri: _short_of(path, list(paths.values())) for uri, path in paths.items()}
    return found


def _short_of(path: PurePosixPath, others: list[PurePosixPath]) -> str:
    """The name with the nearest folder by which it differs: "2026/report"; with its ending where none."""
    for up in range(1, len(path.parts)):
        folder = path.parts[-1 - up]
        if [_folder(one, up) for one in others].count(folder) == 1:
            return f"{folder}/{path.stem}"
    alike = [one for one in others if one.parent == path.parent]
    return path.name if len(alike) > 1 else path.stem


def _folder(path: PurePosixPath, up: int) -> str:
    return path.parts[-1 - up] if up < len(path.parts) else ""


def _by_date(one: Citation) -> tuple[str, str]:
    return one.published or "9999", one.article_id
