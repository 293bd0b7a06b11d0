"""What was found damaged in a library, what was mended, and what can be put back, as lines for a terminal."""

from collections.abc import Mapping
from datetime import datetime

from index.care.check import Checked
from index.care.repair import Repaired
from index.records import Removed
from qa.export.text import count, printable


def removed_text(one: Removed) -> str:
    """One line on an article that can be put back: its id, when it was removed, publisher and name."""
    when = datetime.fromtimestamp(one.removed).astimezone().strftime("%Y-%m-%d %H:%M")
    return printable(f"{one.id}  removed {when}  {one.publisher or '-'}  {one.name}")


# The files beside a library whose lines people wrote, with what to do where one cannot be read.
_MENDED = {
    "rulings": "rule again where one is gone",
    "notebook": "keep again what is missing",
    "refusals": "add again what you miss",
}


def checked_text(found: Checked, passed_over: Mapping[str, int] | None = None) -> str:
    """One line a finding, and what to do about them.

    `passed_over` are the unreadable lines of the files beside it: of "rulings", "notebook" and "refusals".
    """
    notes = []
    if found.unsummed:
        notes.append(
            f"note     {found.unsummed:,} were added by an earlier version, which wrote no checksums"
        )
    for name, advice in _MENDED.items():
        if number := (passed_over or {}).get(name, 0):
            notes.append(f"note     {count(number, 'line')} of {name}.jsonl cannot be read: {advice}")
    articles = count(found.articles, "article")
    lines = [printable(f"{one.means:7}  {one.says}") for one in found.findings]
    if found.sound:
        return "\n".join([f"sound    {articles}: everything is as it was written", *notes])
    some_lost = any(one.means == "lost" for one in found.findings)
    advice = (
        "restore a backup if there is one, or mend what is left" if some_lost else "all of it can be rebuilt"
    )
    lines.append(f"damaged  {articles} as written, {found.lost:,} lost: {advice}")
    return "\n".join([*lines, *notes, f"repair   whosays repair --library {printable(found.library)}"])


def repaired_text(done: Repaired) -> str:
    """What was done, and what must be added again."""
    if done.found.sound:
        return f"sound    {count(done.found.articles, 'article')}: there was nothing to mend"
    lines = [printable(f"lost     {says}") for says in done.lost]
    lines.append(
        f"mended   {count(done.found.articles, 'article')} kept, {done.renewed:,} cut and embedded again"
    )
    if done.lost:
        lines.append("add      the lost ones again, from the places named above")
    if done.kept:
        lines.append(
            printable(f"kept     the damaged file is {done.kept}: delete it when you no longer need it")
        )
    return "\n".join(lines)
