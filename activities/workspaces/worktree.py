"""A loop's worktree: made, reset and read with our own index, whatever the agent did to git in there."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from activities.workspaces.folders import RunFolder, make_folder, remove, remove_small
from activities.workspaces.git import Git

SUBMODULE = b"160000 "
NESTING = 10


@dataclass(frozen=True, slots=True)
class Worktree:
    """The folder an agent works in."""

    mirror: Git
    folder: RunFolder

    @property
    def git(self) -> Git:
        """The mirror's git, looking at this folder with an index the agent does not use."""
        return self.mirror.with_env(GIT_WORK_TREE=str(self.folder.tree), GIT_INDEX_FILE=str(self.folder.index))

    async def reset(self, commit: str) -> None:
        """Make the folder hold exactly this commit; ignored files stay, since installed dependencies are worth it."""
        self._unlock()
        self.folder.index.unlink(missing_ok=True)
        await self._link(commit)
        await self.git.output("read-tree", "--reset", "-u", commit)
        await self.git.output("clean", "--quiet", "-ffd")
        await self._leave_submodules_alone()
        self._share_index()

    async def stage(self) -> str:
        """Write down the folder's content and return its hash."""
        self._unlock()
        await self._flatten_repositories()
        await self.git.output("add", "--all")
        return await self.git.line("write-tree")

    async def become(self, tree: str) -> None:
        """Turn what was just staged into other content; what is the same in both is not touched."""
        await self.git.output("read-tree", "--reset", "-u", tree)
        await self._leave_submodules_alone()

    async def show(self, commit: str) -> None:
        """Let the agent's git see this commit as its last one."""
        await self._link(commit)
        self._share_index()

    async def remove(self) -> None:
        """Remove the folder and git's note of it."""
        for path in (self.folder.tree, self._note):
            await remove(path)
        for path in (self.folder.index, self._index_lock):
            path.unlink(missing_ok=True)

    @property
    def _note(self) -> Path:
        """What git keeps of a linked worktree in its repository."""
        return self.mirror.directory / "worktrees" / self.folder.slug

    @property
    def _index_lock(self) -> Path:
        return self.folder.index.with_suffix(".lock")

    def _unlock(self) -> None:
        self._index_lock.unlink(missing_ok=True)  # attempts of one loop do not overlap: it is a dead git's

    async def _link(self, commit: str) -> None:
        """Tie folder and mirror together as `git worktree add` does, over whatever the agent made of it."""
        dot_git = self.folder.tree / ".git"
        await remove(dot_git)  # may be a whole repository by now
        remove_small(self._note)
        make_folder(self._note)
        dot_git.write_text(f"gitdir: {self._note}\n")
        (self._note / "gitdir").write_text(f"{dot_git}\n")
        (self._note / "commondir").write_text("../..\n")
        (self._note / "HEAD").write_text(f"{commit}\n")

    def _share_index(self) -> None:
        shutil.copyfile(self.folder.index, self._note / "index")

    async def _leave_submodules_alone(self) -> None:
        """Hide submodules from `git add`, which would start a git inside them, under a configuration of their own."""
        entries = (await self.git.output("ls-files", "--stage", "-z")).split(b"\0")
        paths = [entry.partition(b"\t")[2] for entry in entries if entry.startswith(SUBMODULE)]
        if paths:
            await self.git.output("update-index", "--skip-worktree", "-z", "--stdin", stdin=b"\0".join(paths))

    async def _flatten_repositories(self) -> None:
        """Turn repositories the agent made inside the worktree into plain folders, or their files would be lost."""
        for _ in range(NESTING):
            others = await self.git.output("ls-files", "--others", "--exclude-standard", "-z")
            nested = [name for name in others.split(b"\0") if name.endswith(b"/")]
            if not nested:
                return
            for name in nested:
                await remove(self.folder.tree / os.fsdecode(name) / ".git")
