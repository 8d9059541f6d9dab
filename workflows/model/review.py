"""A diff in parts small enough for one prompt each."""

from dataclasses import dataclass

from workflows.model.work import Workspace


@dataclass(frozen=True, slots=True)
class ChunksRequest:
    """Cut the workspace's diff against its base."""

    workspace: Workspace
    since_sha: str = ""
    """Only what changed since this commit; empty for all."""
    max_chunks: int = 8
    max_bytes: int = 60_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Files that are looked at together."""

    paths: tuple[str, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Chunks:
    """All parts of a diff."""

    chunks: tuple[Chunk, ...]
    left_out: tuple[str, ...] = ()
    """Paths nobody looks at: generated, binary, lock files, or beyond the last part."""
