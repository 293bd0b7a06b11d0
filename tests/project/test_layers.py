"""The structure: one direction of imports, no cycles, a light `import qa`."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.paths import ROOT

RANK = {"index": 0, "qa": 1, "eval": 2}
MODULES = sorted(path for package in RANK for path in (ROOT / package).rglob("*.py"))


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {_name(path) for path in MODULES}
PACKAGES = {_name(path) for path in MODULES if path.name == "__init__.py"}


@cache
def _own_imports(path: Path) -> dict[str, bool]:
    """Our modules that `path` imports, and whether at the top level."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, tree.body))
    found: dict[str, bool] = {}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in NAMES else str(node.module) for name in inner]
        for name in names:
            if name.split(".")[0] in RANK:
                found[name] = id(node) in top
    return found


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_point_one_way(path: Path) -> None:
    own = RANK[_name(path).split(".")[0]]
    for name in _own_imports(path):
        assert RANK[name.split(".")[0]] <= own, f"{_name(path)} imports {name}"


# What stands in a folder, modules and rooms, each above those that it imports. Where a folder names rooms only,
# the modules beside them may use all of them but the last.
ORDER = {
    "index": (
        "weights",
        "errors",
        "names",
        "scope",
        "records",
        "lengths",
        "refusals",
        "retrieve",
        "models",
        "embed",
        "text",
        "sources",
        "edits",
        "aside",
        "publishers",
        "adding",
        "readings",
        "local",
        "milvus",
        "library",
        "care",
    ),
    # What stands in the room reads a text that the modules beside it have made of bytes.
    "index.sources": ("decode", "metadata", "headline", "opening"),
    "index.sources.opening": ("cues", "dates", "front_matter", "lines", "scoring", "reading"),
    "qa": (
        "language",
        "question",
        "weights",
        "reader",
        "comparison",
        "conflicts",
        "events",
        "survey",
        "asking",
        "overview",
        "replies",
        "suggestions",
        "export",
        "notebook",
        "app",
        "commands",
    ),
    # Pages before survey: its page is one of them, and eval's page another.
    "qa.app": ("html", "access", "shelf", "talks", "pages", "notebook", "survey", "serve"),
    "eval": ("gold", "pairs", "stories", "newcomer", "openings", "report", "training", "bench", "robustness"),
    "eval.training": ("data", "pairs", "judgements", "models", "weights", "fit", "parity"),
}
PLACES = [(folder, one) for folder, order in ORDER.items() for one in order]
# What the wheel leaves out, because it is for who works on Whosays.
APART = ("newcomer", "openings", "training", "bench", "robustness")
MOST_MODULES = 15  # of a folder, beside its `__init__`


def _below(name: str, folder: str) -> str:
    """What `name` belongs to of what stands in `folder`; "" elsewhere."""
    inside = name.removeprefix(f"{folder}.")
    return inside.split(".")[0] if inside != name else ""


@pytest.mark.parametrize(("folder", "one"), PLACES)
def test_what_stands_in_a_folder_imports_only_what_stands_before_it(folder: str, one: str) -> None:
    order = ORDER[folder]
    after = order[order.index(one) + 1 :]
    for path in MODULES:
        if _below(_name(path), folder) == one:
            for name in _own_imports(path):
                assert _below(name, folder) not in after, f"{_name(path)} imports {name}"


@pytest.mark.parametrize("folder", ORDER)
def test_every_room_has_its_place_in_the_order(folder: str) -> None:
    rooms = {name for name in (_below(one, folder) for one in NAMES) if f"{folder}.{name}" in PACKAGES}
    assert rooms <= set(ORDER[folder])
    for one in ORDER[folder]:
        assert f"{folder}.{one}" in NAMES


def test_index_has_no_module_beside_those_in_order() -> None:
    assert {_below(name, "index") for name in NAMES if name != "index"} - {""} == set(ORDER["index"])


def test_what_stands_beside_the_folders_of_the_app_imports_none_of_them() -> None:
    for path in (ROOT / "qa" / "app").glob("*.py"):
        for name in _own_imports(path):
            assert _below(name, "qa.app") not in ORDER["qa.app"], f"{_name(path)} imports {name}"


def test_nothing_that_is_packaged_needs_what_is_not() -> None:
    for path in MODULES:
        if _below(_name(path), "eval") not in APART:
            for name in _own_imports(path):
                assert _below(name, "eval") not in APART, f"{_name(path)} imports {name}"


@pytest.mark.parametrize("folder", sorted(PACKAGES))
def test_a_folder_shows_no_circle(folder: str) -> None:
    arrows: dict[str, set[str]] = {}
    for path in MODULES:
        if one := _below(_name(path), folder):
            others = {_below(name, folder) for name in _own_imports(path)} - {"", one}
            arrows.setdefault(one, set()).update(others)
    while ends := [one for one, others in arrows.items() if not others & arrows.keys()]:
        for one in ends:
            del arrows[one]
    assert not arrows, f"in {folder}, {sorted(arrows)} use each other"


@pytest.mark.parametrize("folder", sorted(PACKAGES))
def test_no_room_holds_more_than_a_glance_takes_in(folder: str) -> None:
    assert len(list((ROOT / folder.replace(".", "/")).glob("*.py"))) <= MOST_MODULES + 1


def test_a_public_class_of_qa_has_a_name_of_its_own() -> None:
    """Two classes of one name are soon taken for one."""
    places: dict[str, list[str]] = {}
    for path in MODULES:
        if _below(_name(path), "qa"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places.setdefault(node.name, []).append(_name(path))
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_module_imports_itself_through_others() -> None:
    graph = {_name(path): set(_own_imports(path)) for path in MODULES}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name not in done:
            for other in graph.get(name, ()):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_our_own_imports_stand_at_the_top_unless_they_bring_a_slow_library() -> None:
    hidden = {
        (_name(path), name) for path in MODULES for name, at_top in _own_imports(path).items() if not at_top
    }
    assert hidden <= {("qa.commands.chat", "qa.app.serve.command")} | {
        (module, name) for module, name in hidden if module == "eval.command"
    }


@pytest.mark.parametrize("package", ["qa", "index.library", "qa.cli"])
def test_importing_loads_neither_torch_nor_gradio(package: str) -> None:
    program = f"import sys, {package}; print(*sorted({{'torch', 'gradio', 'transformers', 'pymilvus', 'matplotlib', 'trafilatura'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
