"""What git gets to see of a title."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.branches import branch_name, commit_subject, slug


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Read durations, too", "aidp/issue-7-read-durations-too"),
        ("Größe & Maß", "aidp/issue-7-grosse-mass"),
        ("修复错误", "aidp/issue-7"),
        ("--upload-pack=touch${IFS}x;", "aidp/issue-7-upload-pack-touch-ifs-x"),
        ("../../etc/passwd", "aidp/issue-7-etc-passwd"),
        ("", "aidp/issue-7"),
    ],
)
def test_a_branch_is_named_after_its_issue(title: str, name: str) -> None:
    """Letters and digits stay, all else becomes a dash."""
    assert branch_name("aidp/", 7, title) == name


@given(prefix=st.text(max_size=80), number=st.integers(1, 10**9), title=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_every_branch_name_is_one_for_git(prefix: str, number: int, title: str) -> None:
    """Whatever a title or a configured prefix holds, git takes the name, and so does every shell."""
    name = branch_name(prefix, number, title)
    assert (
        subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True, check=False).returncode == 0
    )
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-/")


@given(st.text())
def test_a_slug_is_its_own_slug(text: str) -> None:
    """Naming twice changes nothing."""
    assert slug(slug(text)) == slug(text)


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("Fixes #3", "Fixes no. 3"),
        ("closes GH-12 and octo/hello#4", "closes no. 12 and octo/hellono. 4"),
        ("resolves https://github.com/octo/hello/issues/1", "resolves https: //github.com/octo/hello/issues/1"),
        ("two\nlines", "two lines"),
        ("  ", "Work by aidp"),
    ],
)
def test_a_commit_subject_closes_nothing(title: str, subject: str) -> None:
    """A title that somebody wrote does not make GitHub close another issue when the branch is merged."""
    assert commit_subject(title) == subject
