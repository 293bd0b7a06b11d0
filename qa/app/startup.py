"""Gradio imported in half the time: without the type stubs that it rewrites for each component.

Source: measured, `import gradio` (6.31) on two cores: 2.2 s as it is, 1.2 s without. The stubs serve
editors, and are files of Gradio's own folder that two processes starting at once would both write.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

MODULE, WRITER = "gradio.component_meta", "create_or_modify_pyi"


class WithoutStubs(SourceFileLoader):
    """Loads Gradio's module as it is, then puts its stub writer out of work, if it still has one."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code; where the writer has gone by that name, nothing else."""
        super().exec_module(module)
        if hasattr(module, WRITER):
            setattr(module, WRITER, lambda *_: None)


class StubWriterFinder(MetaPathFinder):
    """Finds the one module, and leaves every other to the usual finders."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's usual place with our loader."""
        if fullname != MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader) and spec.origin:
            spec.loader = WithoutStubs(fullname, spec.origin)
        return spec


def skip_type_stubs() -> None:
    """For the import of Gradio that follows; once is enough."""
    if not any(isinstance(finder, StubWriterFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, StubWriterFinder())
