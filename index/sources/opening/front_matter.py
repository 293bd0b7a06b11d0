"""The block between two rules above a text, as static sites and note-taking programs write it."""

import re
import tomllib
from collections.abc import Mapping

from index.sources.metadata import Metadata, normalise_metadata

# The longest that people write has a few thousand; the TOML parser's time is quadratic in the parts of a key.
_FRONT_MATTER_CHARS = 20_000
_ALIASES = (
    ("published", "date"),
    ("publisher", "source"),
    ("url", "link"),
    ("updated", "lastmod"),
    ("updated", "modified"),
)


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """The values of a block between `---` or `+++` lines, and what follows; a mere rule is none."""
    match = re.match(r"(---|\+\+\+)[ \t]*\n(.*?\n)?\1[ \t]*(?:\n|\Z)", text, re.DOTALL)
    if not match or match.end() > _FRONT_MATTER_CHARS:
        return {}, text
    block = match[2] or ""
    if match[1] == "+++":
        try:
            return tomllib.loads(block), text[match.end() :]
        except (ValueError, RecursionError):  # also int's, for thousands of digits
            return {}, text
    values: dict[str, object] = {}
    key, items = "", list[str]()
    for line in block.splitlines():
        if pair := re.fullmatch(r"([\w-]+):(?:\s+(.*))?", line):
            key, items = pair[1], []
            values[key] = _yaml_value(pair[2] or "")
        elif key and (item := re.fullmatch(r"\s*-\s+(.*)", line)):
            items.append(str(_yaml_value(item[1])))
            values[key] = items
        elif line.strip() and not line.startswith((" ", "\t", "#")):
            return {}, text
    return (values, text[match.end() :]) if values else ({}, text)


def read_front_matter(values: Mapping[str, object]) -> Metadata:
    """What the block's values state, under the names that are in use for each."""
    keys = {key.casefold(): value for key, value in values.items()}
    for name, alias in _ALIASES:
        keys[name] = keys.get(name) or keys.get(alias)
    return normalise_metadata(keys)


def _yaml_value(written: str) -> object:
    """A plain or quoted scalar, or a list in brackets. Of a block scalar (`|`, `>`) nothing is kept."""
    written = written.strip()
    if quoted := re.fullmatch(r"""(["'])(.*)\1(?:\s+#.*)?""", written):
        return quoted[2].replace("''", "'") if quoted[1] == "'" else quoted[2].replace('\\"', '"')
    written = re.sub(r"(?:^|(?<!\s)\s+)#.*", "", written)
    if written.startswith("[") and written.endswith("]"):
        return [_yaml_value(part) for part in written[1:-1].split(",")]
    return "" if written[:1] in ("|", ">") or written in ("null", "~") else written
