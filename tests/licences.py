"""Under which licences the packages stand that an installation brings: `python tests/licences.py` lists them.

.venv/bin/python tests/licences.py > requirements/LICENCES.md
"""

import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
KINDS = {"lite": "always", "chat": "without LITE=1", "dev": "tests and extras"}
# What packages state in words, as SPDX names it.
_NAMED = {
    "MIT License": "MIT",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "The BSD 2-Clause License": "BSD-2-Clause",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "ISC License (ISCL)": "ISC",
    "PSFL": "PSF-2.0",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
}
# Of other systems than the one that the list is made on, and one that states none: as their sources say.
_ELSEWHERE = {
    "audioop-lts": "PSF-2.0",
    "axe-playwright-python": "MIT",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
}


def required(kind: str) -> dict[str, str]:
    """Package to version, of those that this kind of installation adds to the one before."""
    found = re.findall(r"^([\w.-]+)==([^ ;\\]+)", (FOLDER / f"{kind}.txt").read_text(), re.MULTILINE)
    return {**dict(found), **({"torch": "2.13.0"} if kind == "chat" else {})}


def licence(package: str) -> str:
    """As an SPDX expression, or what the package states where it is none that we know; "" where it states none."""
    if package in _ELSEWHERE:
        return _ELSEWHERE[package]
    stated = metadata.metadata(package)
    if stated["License-Expression"]:
        return stated["License-Expression"]
    words = (stated["License"] or "").partition("\n")[0].strip()
    kinds = [
        one.rpartition(" :: ")[2] for one in stated.get_all("Classifier", []) if one.startswith("License ::")
    ]
    if re.fullmatch(r"[\w.-]+( (AND|OR) [\w.-]+)*", words):
        return _NAMED.get(words, words)
    return next((_NAMED[one] for one in (words, *kinds) if one in _NAMED), words)


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Package, version, licence, and which installations bring it."""
    for kind, needed in KINDS.items():
        for package, version in required(kind).items():
            yield package, version, licence(package), needed


def table() -> str:
    """Markdown."""
    lines = [
        "# Licences of what Whosays is installed with",
        "",
        "Made by `python tests/licences.py` from what each package states of itself.",
        "",
        "| package | version | licence | installed |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in sorted(rows())),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
