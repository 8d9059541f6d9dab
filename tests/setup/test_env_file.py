"""Credentials are written so that they are read back as they are, and leave everything else alone."""

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from github_app.setup.env_file import AlreadySetError, CredentialFiles, quoted, write_privately

NAMES = ("AIDP_GITHUB_APP_ID", "AIDP_GITHUB_PRIVATE_KEY")
values = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
others = st.dictionaries(st.text("ABC_", min_size=1, max_size=10), values, max_size=5)


@pytest.fixture
def files(tmp_path: Path) -> CredentialFiles:
    """Say where credentials go."""
    return CredentialFiles(tmp_path / ".env", tmp_path / "key.pem")


@given(before=others, new=values, key=values)
@example(before={"A": "${B}"}, new="/home/${HOME}/it's", key="\\'${A:-b}$")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_value_is_read_back(files: CredentialFiles, before: Mapping[str, str], new: str, key: str) -> None:
    """Whatever is in it: blanks, quotes, backslashes, dollars; and whatever stood there before stays."""
    lines = [f"{name}={quoted(value)}" for name, value in {**before, "AIDP_GITHUB_APP_ID": "old"}.items()]
    files.env_file.write_text("\n".join(lines))
    files.write({"AIDP_GITHUB_APP_ID": new, "AIDP_GITHUB_PRIVATE_KEY": key}, "PEM")
    assert dotenv_values(files.env_file) == {**before, "AIDP_GITHUB_APP_ID": new, "AIDP_GITHUB_PRIVATE_KEY": key}


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("", ""),
        ("# a comment\r\nA=1\r\n", "# a comment\r\nA=1\r\n"),
        ('A=1\nAIDP_GITHUB_PRIVATE_KEY="-----BEGIN\nkey\n-----END"\nB=2\n', "A=1\nB=2\n"),
        ("\n\nexport aidp_github_app_id = 7 # mine\n\nB='2\n3'", "\n\n\nB='2\n3'\n"),
        ("no setting\n= neither\n", "no setting\n= neither\n"),
        ("#AIDP_GITHUB_APP_ID=7\n", "#AIDP_GITHUB_APP_ID=7\n"),
        ("AIDP_GITHUB_URL=https://github.example.com\nA=1\n", "A=1\n"),
    ],
)
def test_other_lines_stay_as_they_are(files: CredentialFiles, before: str, kept: str) -> None:
    """Comments, blank lines, ends of lines, values over several lines."""
    files.env_file.write_bytes(before.encode())
    files.write(dict.fromkeys(NAMES, "new"), "PEM", obsolete=["AIDP_GITHUB_URL"])
    after = files.env_file.read_bytes().decode()
    assert after == f"{kept}AIDP_GITHUB_APP_ID=new\nAIDP_GITHUB_PRIVATE_KEY=new\n"


@pytest.mark.parametrize("line", ["AIDP_GITHUB_APP_ID=7", "aidp_github_app_id='7'", "export AIDP_GITHUB_APP_ID=7"])
def test_what_is_set_is_found_however_it_is_written(files: CredentialFiles, line: str) -> None:
    """Settings ignore case, and `.env` may be one for shells."""
    files.env_file.write_text(f"A=1\n{line}\n")
    with pytest.raises(AlreadySetError, match="has AIDP_GITHUB_APP_ID already"):
        files.check_free(NAMES)


def test_a_key_without_settings_is_not_overwritten(files: CredentialFiles) -> None:
    """It may belong to an App whose settings are elsewhere."""
    files.check_free(NAMES)
    files.env_file.write_text("AIDP_GITHUB_APP_ID=\n# AIDP_GITHUB_PRIVATE_KEY=7\n")
    files.check_free(NAMES)
    files.key_file.touch()
    with pytest.raises(AlreadySetError, match="exists already"):
        files.check_free(NAMES)


def test_a_secret_file_is_never_open_to_others(tmp_path: Path) -> None:
    """Even one that was open to all before, and nothing half-written is left behind."""
    file = tmp_path / ".env"
    file.write_text("old")
    file.chmod(0o644)
    write_privately(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o600)
    with pytest.raises(UnicodeEncodeError):
        write_privately(file, "\ud800")
    assert [entry.name for entry in tmp_path.iterdir()] == [".env"]
    assert file.read_text() == "new"


def test_a_linked_env_file_stays_a_link(tmp_path: Path, files: CredentialFiles) -> None:
    """Where it leads to is what changes."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/env").write_text("A=1\n")
    files.env_file.symlink_to(tmp_path / "shared/env")
    files.write({"B": "2"}, "PEM")
    assert files.env_file.is_symlink()
    assert (tmp_path / "shared/env").read_text() == "A=1\nB=2\n"


def test_a_place_that_can_not_be_written_is_told_before(tmp_path: Path) -> None:
    """Nobody is sent to GitHub for credentials that cannot be kept."""
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"):
        CredentialFiles(tmp_path / ".env", tmp_path / "file/state/key.pem").prepare()
    CredentialFiles(tmp_path / ".env", tmp_path / "new/state/key.pem").prepare()
    assert stat.S_IMODE((tmp_path / "new/state").stat().st_mode) == 0o700
    assert list((tmp_path / "new/state").iterdir()) == []
