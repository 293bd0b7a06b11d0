"""What is installed is named with its version, the checksums of its files, and its licence."""

import re

from tests.licences import FOLDER, KINDS, licence, required, table

# Free, and compatible with Apache-2.0 where a package is used as it is published.
ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-1.1", "MPL-2.0", "PSF-2.0", "Zlib",
}  # fmt: skip
PINNED = dict(
    line.strip().split("==")
    for line in (FOLDER.parent / "constraints.txt").read_text().splitlines()
    if "==" in line
)


def normal(package):
    return re.sub(r"[._-]+", "-", package).lower()


def may_be_used(expression):
    """Whether one of its alternatives is allowed in all of its parts."""
    flat = re.sub(r"[()]", "", expression)
    if " AND (" in expression:
        fixed, _, alternatives = flat.partition(" AND ")
        return may_be_used(fixed) and may_be_used(alternatives)
    return any(all(one in ALLOWED for one in choice.split(" AND ")) for choice in flat.split(" OR "))


def test_every_package_but_torch_is_pinned_with_the_checksums_of_its_files():
    for kind in KINDS:
        text = (FOLDER / f"{kind}.txt").read_text()
        entries = re.findall(
            r"^[\w.-]+==[^\n]*\n(?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+", text, re.MULTILINE
        )
        assert len(entries) == len(re.findall("==", re.sub(r";[^\n]*", "", text)))
        assert {"torch"} >= set(required(kind)) - {entry.partition("==")[0] for entry in entries}


def test_the_locked_versions_are_those_that_the_tests_run_on():
    locked = {normal(package): version for kind in KINDS for package, version in required(kind).items()}
    pinned = {normal(package): version for package, version in PINNED.items()}
    assert {package: locked.get(package) for package in pinned} == pinned


def test_every_package_that_a_user_installs_may_be_used_under_apache_2():
    users = {**required("lite"), **required("chat")}
    assert {package: licence(package) for package in users if not may_be_used(licence(package))} == {}
    assert not may_be_used("GPL-3.0-only")
    assert not may_be_used("MIT AND GPL-3.0-only")
    assert may_be_used("MPL-2.0 AND (Apache-2.0 OR GPL-2.0-only)")
    assert not may_be_used("")


def test_the_list_of_licences_is_true():
    assert (FOLDER / "LICENCES.md").read_text() == table()
