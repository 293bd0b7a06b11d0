"""Where files are dropped: Gradio's own place for them, which gives each by the name its owner has for it."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

import gradio as gr
from gradio.data_classes import FileData, ListFiles

from qa.app.shelf.uploads import Upload

_NAME_CHARS = 200


def _display_name(file: FileData) -> str:
    """The last part of a file's name, as a line that can be printed: a browser may send anything."""
    name = PurePosixPath((file.orig_name or file.path).replace("\\", "/")).name
    line = "".join(one if one.isprintable() else " " for one in name).strip() or "a file without a name"
    if len(line) > _NAME_CHARS:
        stem, dot, extension = line.rpartition(".")
        line = f"{stem[:_NAME_CHARS]}…{dot}{extension[:10]}"
    return line


class Drop(gr.File):
    """A place for files whose events are given uploads."""

    is_template = True  # to the browser it is a gr.File

    def preprocess(self, payload: ListFiles | FileData | None) -> list[Upload]:  # type: ignore[override]
        """What was uploaded; Gradio has checked that it was."""
        return _uploads(payload)


class FolderDrop(gr.UploadButton):
    """A button for a whole folder, whose events are given uploads."""

    is_template = True  # to the browser it is a gr.UploadButton

    def preprocess(self, payload: ListFiles | FileData | None) -> list[Upload]:  # type: ignore[override]
        """As those of `Drop`."""
        return _uploads(payload)


def _uploads(payload: ListFiles | FileData | None) -> list[Upload]:
    files = [] if payload is None else [payload] if isinstance(payload, FileData) else list(payload)
    return [Upload(_display_name(one), Path(one.path)) for one in files]


def delete(uploads: Sequence[Upload]) -> None:
    """The files, and the folder that Gradio made for each."""
    for upload in uploads:
        with suppress(OSError):  # gone already, or another visitor's file beside it
            upload.path.unlink(missing_ok=True)
            upload.path.parent.rmdir()
