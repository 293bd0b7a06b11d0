"""Every setting, read once: a settings file gives way to the environment, the environment to a flag.

The file is `settings.toml` in the user's configuration folder (`WHOSAYS_SETTINGS` names another); a key
`passages` is `WHOSAYS_PASSAGES` in the environment.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from reprlib import repr as short
from typing import Any

import platformdirs

from index.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be chosen; the defaults are what the figures in README were measured with."""

    library: str = ""  # folder or Milvus address of the user's library; "" is the bundled one
    embedder: str = "bundled"  # or a sentence-transformers model: hub id or folder
    reader: str = "bundled"  # or an extractive reader for transformers: hub id or folder
    entailment: str = "bundled"  # compares; or "off", or a three-label CrossEncoder: hub id or folder
    judge: str = "bundled"  # decides who answers and who disagrees; or "small": faster, and less often right
    chunk_tokens: int = 200  # per chunk, below the embedder's window of 256
    overlap_sentences: int = 1  # repeated at the start of the next chunk
    passages: int = 12  # retrieved per question
    read_tokens: int = 2_600  # read of them, best first: a budget of time that comes out the same each time
    min_confidence: float = -1.0  # below it nothing is sure to answer; negative: as fitted to the models
    statements_per_article: int = 2  # compared with those of other articles; 2 at most count
    max_pairs: int = 30  # of statements compared per question, those of the likeliest answers
    max_file_mb: int = 20  # larger inputs are refused

    def __post_init__(self) -> None:
        """Raises SettingsError for a value outside its range, naming the range."""
        for name, low, high in (
            ("chunk_tokens", 16, 100_000),
            ("overlap_sentences", 0, 10),
            ("passages", 1, 1_000),
            ("read_tokens", 1, 10_000_000),
            ("min_confidence", -1.0, 1.0),
            ("statements_per_article", 1, 50),
            ("max_pairs", 1, 100_000),
            ("max_file_mb", 1, 100_000),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"the setting {name} is {value}; choose a value from {low} to {high}")
        if self.judge not in ("bundled", "small"):
            raise SettingsError(f'the setting judge is {self.judge!r}; choose "bundled" or "small"')


def default_file() -> Path:
    """Where the settings file is looked for."""
    named = os.environ.get("WHOSAYS_SETTINGS")
    return Path(named) if named else platformdirs.user_config_path("whosays") / "settings.toml"


def read_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from file, environment and flags (None in `flags` means not given).

    Raises SettingsError for an unknown key (naming the nearest known one), a value of the wrong type, a
    broken file, or a `file` that was named but is not there.
    """
    environment = os.environ if environment is None else environment
    values = _from_file(
        file or default_file(), must_exist=file is not None or "WHOSAYS_SETTINGS" in os.environ
    )
    for field in fields(Settings):
        variable = f"WHOSAYS_{field.name.upper()}"
        if variable in environment:
            values[field.name] = _parse(field.name, environment[variable], variable)
    values.update({name: value for name, value in (flags or {}).items() if value is not None})
    return Settings(**values)


def _from_file(file: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # editors of Windows begin with a mark
    except (FileNotFoundError, NotADirectoryError) as error:  # HOME may be no folder
        if must_exist:
            raise SettingsError(
                f"the settings file {file} does not exist; write it or name another"
            ) from error
        return {}
    except (OSError, ValueError, RecursionError) as error:  # also int's, for thousands of digits
        raise SettingsError(f"the settings file {file} cannot be read: {error}; mend or remove it") from error
    known = {field.name for field in fields(Settings)}
    for name in content:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            raise SettingsError(f"unknown setting {name!r} in {file}: {hint}")
    return {name: _parse(name, value, str(file)) for name, value in content.items()}


def _parse(name: str, value: Any, where: str) -> Any:
    wanted = type(getattr(_DEFAULTS, name))
    try:
        if isinstance(value, bool) or (wanted is str and not isinstance(value, str)):
            raise ValueError(value)
        if wanted is int and isinstance(value, float) and not value.is_integer():
            raise ValueError(value)
        return wanted(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise SettingsError(
            f"{name} in {where} is {short(value)}; it takes a value such as {getattr(_DEFAULTS, name)!r}"
        ) from error


_DEFAULTS = Settings()
