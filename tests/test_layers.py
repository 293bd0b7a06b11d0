"""The structure: one direction of imports, no cycles, a light `import qa`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RANK = {"index": 0, "qa": 1, "eval": 2}
MODULES = sorted(path for package in RANK for path in (ROOT / package).rglob("*.py"))


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {_name(path) for path in MODULES}


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


# What stands in index, each above those that it imports: modules and rooms.
INDEX = (
    "weights",
    "errors",
    "names",
    "records",
    "periods",
    "retrieve",
    "models",
    "embed",
    "text",
    "sources",
    "local",
    "milvus",
    "library",
    "care",
)


@pytest.mark.parametrize("one", INDEX)
def test_what_stands_in_index_imports_only_what_stands_before_it(one: str) -> None:
    after = INDEX[INDEX.index(one) + 1 :]
    for path in MODULES:
        if _name(path).split(".")[:2] == ["index", one]:
            for name in _own_imports(path):
                assert name.split(".")[1:2] not in [[other] for other in after], (
                    f"{_name(path)} imports {name}"
                )


def test_index_has_no_room_or_module_beside_those_in_order() -> None:
    assert {name.split(".")[1] for name in NAMES if name.startswith("index.")} == set(INDEX)


def test_index_itself_holds_few_modules() -> None:
    assert len(list((ROOT / "index").glob("*.py"))) <= 10  # 9 and its `__init__`


# The rooms of qa, each above those that it imports; the single modules beside them use all but the app.
ROOMS = (
    "language",
    "question",
    "reader",
    "comparison",
    "conflicts",
    "survey",
    "overview",
    "suggestions",
    "export",
    "app",
)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_that_stand_before_it(room: str) -> None:
    after = ROOMS[ROOMS.index(room) + 1 :]
    for path in (ROOT / "qa" / room).rglob("*.py"):
        for name in _own_imports(path):
            assert name.split(".")[1:2] not in [[one] for one in after], f"{_name(path)} imports {name}"


def test_no_room_holds_more_than_a_glance_takes_in() -> None:
    rooms = {path.parent for path in MODULES if not path.is_relative_to(ROOT / "eval")}
    for room in rooms:
        assert len(list(room.glob("*.py"))) <= 15, room  # 14 and its `__init__`


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


# The folders of the app, likewise. Pages before survey: its page is one of them, and eval's page another.
APP_FOLDERS = ("html", "access", "shelf", "talks", "pages", "survey", "serve")


def _app_folders(path: Path) -> dict[str, str]:
    """The folders of the app that `path` imports from, each with one name of it."""
    parts = {name: name.split(".") for name in _own_imports(path)}
    return {part[2]: name for name, part in parts.items() if part[:2] == ["qa", "app"] and len(part) > 2}


@pytest.mark.parametrize("folder", APP_FOLDERS)
def test_a_folder_of_the_app_imports_only_folders_that_stand_before_it(folder: str) -> None:
    after = APP_FOLDERS[APP_FOLDERS.index(folder) + 1 :]
    for path in (ROOT / "qa" / "app" / folder).rglob("*.py"):
        found = _app_folders(path)
        assert not found.keys() & set(after), f"{_name(path)} imports {found}"


def test_every_folder_of_the_app_has_its_place_in_the_order() -> None:
    assert {path.parent.name for path in (ROOT / "qa" / "app").glob("*/*.py")} == set(APP_FOLDERS)


def test_what_stands_beside_the_folders_of_the_app_imports_none_of_them() -> None:
    for path in (ROOT / "qa" / "app").glob("*.py"):
        found = _app_folders(path)
        assert not found.keys() & set(APP_FOLDERS), f"{_name(path)} imports {found}"


def test_our_own_imports_stand_at_the_top_unless_they_bring_a_slow_library() -> None:
    hidden = {
        (_name(path), name) for path in MODULES for name, at_top in _own_imports(path).items() if not at_top
    }
    assert hidden <= {("qa.cli", "qa.app.serve.command")} | {
        (module, name) for module, name in hidden if module == "eval.command"
    }


@pytest.mark.parametrize("package", ["qa", "index.library", "qa.cli"])
def test_importing_loads_neither_torch_nor_gradio(package: str) -> None:
    program = f"import sys, {package}; print(*sorted({{'torch', 'gradio', 'transformers', 'pymilvus', 'matplotlib', 'trafilatura'}} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
