"""Paths, globs, guards and changes as hypothesis makes them: few letters, so that they meet."""

from hypothesis import strategies as st

from workflows.model import ChangedFile, FileKind, Guards, StagedChange

NAMES = st.text("ab.", min_size=1, max_size=3)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PARTS = st.just("**") | st.text("ab.*?", min_size=1, max_size=3)
GLOBS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)
GLOB_LISTS = st.lists(GLOBS, max_size=3).map(tuple)
LIMITS = st.none() | st.integers(1, 50)
GUARDS = st.builds(
    Guards,
    include=GLOB_LISTS,
    exclude=GLOB_LISTS,
    confirm=GLOB_LISTS,
    allow_protected=GLOB_LISTS,
    max_changed_lines=LIMITS,
    max_file_bytes=LIMITS,
    keep_tests=st.booleans(),
)
COUNTS = st.integers(0, 30)
FILES = st.builds(
    ChangedFile,
    path=PATHS | st.sampled_from([".github/workflows/ci.yml", "CODEOWNERS", ".aidp/aidp.yml", "a/uv.lock"]),
    additions=COUNTS,
    deletions=COUNTS,
    kind=st.sampled_from(FileKind),
    bytes=COUNTS,
    deleted=st.booleans(),
    secrets=st.sampled_from([(), ("GitHub token, line 3",)]),
    escapes=st.booleans(),
    weakened=st.sampled_from([(), ("test_one",)]),
    unresolved=st.booleans(),
)


def change_of(*files: ChangedFile) -> StagedChange:
    """Stage these files and nothing else."""
    return StagedChange("0" * 40, files, len(files))


CHANGES = st.lists(FILES, max_size=6, unique_by=lambda file: file.path).map(lambda files: change_of(*files))
