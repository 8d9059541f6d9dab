"""What a review looks at: the diff of a workspace, cut into parts that lie beside the worktree."""

import re
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from activities.workspaces.blobs import contents, sizes, smallest
from activities.workspaces.chunks import Cut, cut, is_generated
from activities.workspaces.failures import failure
from activities.workspaces.folders import make_folder, remove_small, replace_file
from activities.workspaces.git import Git
from activities.workspaces.patches import Patch, patches
from workflows.model import ChunksRequest, Failure

SHA = re.compile(r"[0-9a-f]{40,64}")
SEARCHED_BYTES = 16_000_000
NO_CHUNK = "Part {number} of the diff is not on this host. Start the review again."


@dataclass(frozen=True, slots=True)
class Diff:
    """The change of one workspace, up to some commit."""

    git: Git
    base: str
    head: str

    async def cut(self, request: ChunksRequest) -> Cut:
        """Cut it into parts, without what nobody has written by hand."""
        found = await self._since(request.since_sha)
        skipped = await self._skipped(found)
        wanted = [patch for patch in found if patch not in skipped]
        names = [patch.path for patch in skipped]
        return await anyio.to_thread.run_sync(cut, wanted, names, request.max_chunks, request.max_bytes)

    async def patches(self) -> list[Patch]:
        """Read all of it."""
        return await patches(self.git, self.base, self.head)

    async def _since(self, sha: str) -> list[Patch]:
        """Read what is new since a commit; all of it if that is not part of the work any more."""
        whole = await self.patches()
        if not sha or not await self._has(sha):
            return whole
        paths = {patch.path for patch in whole}  # a merge also brings what others changed elsewhere
        return [patch for patch in await patches(self.git, sha, self.head) if patch.path in paths]

    async def _has(self, sha: str) -> bool:
        known = SHA.fullmatch(sha) and not (await self.git.run("cat-file", "-e", f"{sha}^{{commit}}")).exit_code
        return bool(known) and await self.git.is_ancestor(sha, self.head)

    async def _skipped(self, found: list[Patch]) -> list[Patch]:
        """Choose what nobody needs to look at: binary and generated files."""
        ids = {patch.blob for patch in found if patch.hunks and patch.blob}
        small = smallest(await sizes(self.git, sorted(ids)), SEARCHED_BYTES)
        read = await contents(self.git, sorted(small)) if small else {}
        return [patch for patch in found if patch.binary or is_generated(patch.path, read.get(patch.blob, b""))]


def write_chunks(directory: Path, texts: tuple[str, ...]) -> None:
    """Lay the parts down beside the worktree, in place of earlier ones."""
    folder = directory / "chunks"
    remove_small(folder)
    make_folder(folder)
    for number, text in enumerate(texts):
        replace_file(folder / f"{number}.txt", text)


def read_chunk(directory: Path, number: int) -> str:
    """Read one part."""
    try:
        return (directory / "chunks" / f"{number}.txt").read_text()
    except FileNotFoundError:
        raise failure(Failure.PERMANENT, NO_CHUNK.format(number=number)) from None
