from pathlib import Path

import pytest

from index.errors import SettingsError
from qa.settings import Settings, read_settings


def _file(folder: Path, content: str) -> Path:
    file = folder / "settings.toml"
    file.write_text(content, encoding="utf-8")
    return file


def test_without_anything_said_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(environment={}) == Settings()


def test_a_flag_wins_over_the_environment_and_the_environment_over_the_file(tmp_path: Path) -> None:
    file = _file(tmp_path, 'passages = 3\nchunk_tokens = 64\nlibrary = "from-file"\n')
    environment = {"WHOSAYS_PASSAGES": "5", "WHOSAYS_CHUNK_TOKENS": "96"}
    settings = read_settings({"passages": 7, "library": None}, file=file, environment=environment)
    assert settings == Settings(passages=7, chunk_tokens=96, library="from-file")


def test_an_unknown_key_is_an_error_that_names_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"unknown setting 'pasages'.*did you mean passages"):
        read_settings(file=_file(tmp_path, "pasages = 3"), environment={})


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('passages = "many"', "passages in .* is 'many'; it takes a value such as 12"),
        ("passages = 2.5", "passages in .* is 2.5"),
        ("passages = true", "passages in .* is True"),
        ("passages = 0", "passages is 0; choose a value from 1 to 1000"),
        ("min_confidence = 1.5", r"min_confidence is 1.5; choose a value from -1.0 to 1.0"),
        ("passages = = 3", "cannot be read: .*mend or remove it"),
    ],
)
def test_an_unusable_value_is_an_error_that_says_what_is_usable(
    tmp_path: Path, content: str, complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        read_settings(file=_file(tmp_path, content), environment={})


def test_a_named_settings_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml does not exist"):
        read_settings(file=tmp_path / "nowhere.toml", environment={})


def test_a_variable_of_the_wrong_type_is_named_in_the_error() -> None:
    with pytest.raises(SettingsError, match="WHOSAYS_MAX_PAIRS is 'x'"):
        read_settings(environment={"WHOSAYS_MAX_PAIRS": "x"})


def test_a_reader_is_named_like_any_setting(tmp_path: Path) -> None:
    file = _file(tmp_path, 'reader = "folder/of-a-reader"\n')
    assert read_settings(file=file, environment={}).reader == "folder/of-a-reader"
    named = read_settings(file=file, environment={"WHOSAYS_READER": "somebody/a-reader"})
    assert named == Settings(reader="somebody/a-reader")


def test_the_mark_that_some_editors_begin_a_file_with_is_no_setting(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xef\xbb\xbfpassages = 3\n")
    assert read_settings(file=tmp_path / "settings.toml", environment={}).passages == 3


def test_a_text_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"library in .* is \['a'\]; it takes a value such as ''"):
        read_settings(file=_file(tmp_path, 'library = ["a"]'), environment={})
