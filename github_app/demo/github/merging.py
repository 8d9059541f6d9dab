"""Opening and merging pull requests: where issues and git meet."""

import asyncio
import re
from dataclasses import dataclass, replace

from github_app.demo.github import pushes
from github_app.demo.github.checks import Push
from github_app.demo.github.git import Git
from github_app.demo.github.model import Issue, Pull, Repository, User
from github_app.demo.github.shapes.pulls import Size, pull_of
from github_app.demo.github.tracker import Edit, Tracker
from github_app.demo.github.world import RefusedError, World, invalid, not_found

CLOSES = re.compile(r"\b(?:close|fix|resolve)(?:[sd]|es|ed)?:?\s+#(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PullDraft:
    """A pull request to be opened."""

    title: str
    head: str
    base: str
    body: str = ""
    draft: bool = False


class Merging:
    """One repository's pull requests, handled by one user."""

    def __init__(self, world: World, repository: Repository, by: User) -> None:
        self._world, self._repository, self._by = world, repository, by
        self._tracker = Tracker(world, repository, by)

    @property
    def _git(self) -> Git:
        return self._world.git(self._repository)

    def find(self, number: int) -> Issue:
        """Find a pull request."""
        issue = self._tracker.find(number)
        if not issue.pull:
            raise not_found()
        return issue

    async def open(self, draft: PullDraft) -> Issue:
        """Open a pull request from one branch of the repository to another."""
        owner, _, branch = draft.head.rpartition(":")
        heads = await self._git.refs("refs/heads/")
        head_sha, base_sha = heads.get(f"refs/heads/{branch}"), heads.get(f"refs/heads/{draft.base}")
        if not head_sha or owner.lower() not in ("", self._repository.owner.login.lower()):
            raise invalid("PullRequest", "Field 'head' is invalid", "head")
        if not base_sha:
            raise invalid("PullRequest", "Field 'base' is invalid", "base")
        if await self._git.count(f"{base_sha}..{head_sha}") == 0:
            raise invalid("PullRequest", f"No commits between {draft.base} and {branch}")
        self._refuse_second(branch, draft.base)
        return self._insert(draft, Pull(self._world.next_id(), branch, draft.base, head_sha, base_sha, draft.draft))

    def _refuse_second(self, branch: str, base: str) -> None:
        for issue in self._repository.issues.values():
            if issue.state == "open" and issue.pull and (issue.pull.head, issue.pull.base) == (branch, base):
                owner = self._repository.owner.login
                raise invalid("PullRequest", f"A pull request already exists for {owner}:{branch}.")

    def _insert(self, draft: PullDraft, pull: Pull) -> Issue:
        now, number = self._world.now(), len(self._repository.issues) + 1
        issue = Issue(self._world.next_id(), number, draft.title, draft.body, self._by, now, now, pull=pull)
        self._repository.issues[number] = issue
        self._tracker.tell("opened", issue)
        return issue

    async def size(self, issue: Issue) -> Size:
        """Ask git how large the change is and whether it merges."""
        pull = pull_of(issue)
        ends = (pull.base_sha, pull.head_sha)
        commits, (files, additions, deletions) = await asyncio.gather(
            self._git.count(f"{pull.base_sha}..{pull.head_sha}"), self._git.sums(*ends)
        )
        mergeable = await self._git.merge_tree(*ends) is not None if issue.state == "open" else None
        return Size(mergeable, commits, additions, deletions, files)

    async def merge_base(self, pull: Pull) -> str:
        """Return the commit that the change is measured against."""
        return await self._git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha

    def set_draft(self, number: int, *, draft: bool) -> Issue:
        """Make it a draft, or ready for review."""
        issue = self.find(number)
        pull = pull_of(issue)
        if pull.draft == draft or issue.state != "open":
            return issue
        changed = self._tracker.save(replace(issue, pull=replace(pull, draft=draft)))
        self._tracker.tell("converted_to_draft" if draft else "ready_for_review", changed)
        return changed

    async def merge(self, number: int) -> Issue:
        """Merge with a merge commit; what the text says it fixes is closed."""
        issue = self.find(number)
        pull, tree = pull_of(issue), None
        if issue.state == "open" and not pull.draft:
            tree = await self._git.merge_tree(pull.base_sha, pull.head_sha)
        if not tree:
            raise RefusedError(405, "Pull Request is not mergeable")
        message = f"Merge pull request #{number} from {self._repository.owner.login}/{pull.head}\n\n{issue.title}\n"
        sha = await self._git.write_merge(tree, (pull.base_sha, pull.head_sha), message)
        await self._git.move(f"refs/heads/{pull.base}", sha, pull.base_sha)
        done = replace(pull, merged_at=self._world.now(), merged_by=self._by, merge_sha=sha)
        self._tracker.save(replace(issue, pull=done))
        merged = self._tracker.edit(number, Edit(state="closed"))
        await pushes.follow(
            self._world, self._repository, self._by, [Push(f"refs/heads/{pull.base}", pull.base_sha, sha)]
        )
        self._close_fixed(merged)
        return merged

    def _close_fixed(self, merged: Issue) -> None:
        if pull_of(merged).base != self._repository.default_branch:
            return
        for number in map(int, CLOSES.findall(merged.body)):
            if number in self._repository.issues:
                self._tracker.edit(number, Edit(state="closed"))
