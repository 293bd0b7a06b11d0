"""What is seen to before Gradio is imported: a folder of our own, and half the time, without type stubs.

Gradio puts what it is sent into one folder for all its apps and all users of a machine, whose name it reads
as it is imported: whoever made that first could stop the app or see what is uploaded.

Source: measured, `import gradio` (6.31) on two cores: 2.2 s as it is, 1.2 s without. The stubs serve
editors, and are files of Gradio's own folder that two processes starting at once would both write.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

from index.errors import SettingsError

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


@contextmanager
def without_mcp() -> Iterator[None]:
    """While Gradio is imported and nobody asks for tools: it takes the package along wherever that is.

    Source: measured on two cores, 1.1 s of 5.6.
    """
    absent = "mcp" not in sys.modules
    if absent:
        sys.modules["mcp"] = None  # type: ignore[assignment]  # as Python says that there is none
    try:
        yield
    finally:
        if absent:
            del sys.modules["mcp"]


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder that only this user can enter, for all that Gradio puts down; gone at the end, with all in it.

    To be entered before Gradio is imported. Raises SettingsError where none can be made.
    """
    try:
        # Its mode is 700, whatever the umask.
        made = tempfile.TemporaryDirectory(prefix="whosays-", ignore_cleanup_errors=True)
    except OSError as error:
        raise SettingsError(
            f"There is no folder for temporary files ({error}): name one that you may write to with TMPDIR"
        ) from error
    with made as folder:
        os.environ["GRADIO_TEMP_DIR"] = os.path.realpath(folder)
        yield Path(os.environ["GRADIO_TEMP_DIR"])
