"""Opening and following pull requests: where issues and git meet."""

import asyncio
from dataclasses import dataclass, replace

from github_app.demo.github.checks import Push
from github_app.demo.github.ci import Actions
from github_app.demo.github.git import ZERO, Git
from github_app.demo.github.model import Issue, Pull, Repository, Size, User
from github_app.demo.github.shapes.accounts import user
from github_app.demo.github.shapes.pulls import head_repository, pull_of
from github_app.demo.github.tracker import Tracker
from github_app.demo.github.world import World, invalid, invalid_value, not_found


@dataclass(frozen=True, slots=True)
class PullDraft:
    """A pull request to be opened."""

    title: str
    head: str
    base: str
    body: str = ""
    draft: bool = False
    maintainer_can_modify: bool = False


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
        """Open a pull request from a branch of the repository, or of a fork, to another."""
        async with self._world.pushing:  # so that no branch moves meanwhile, and nobody else opens the same
            issue = await self._open(draft)
        if pull_of(issue).head_repository != self._repository.id:
            await self.test(issue)
        return issue

    async def _open(self, draft: PullDraft) -> Issue:
        owner, _, branch = draft.head.rpartition(":")
        source = self._source(owner)
        heads, bases = await self._heads(source), await self._heads(self._repository)
        head_sha, base_sha = heads.get(branch), bases.get(draft.base)
        if not source or not head_sha:
            raise invalid_value("PullRequest", "head")
        if not base_sha:
            raise invalid_value("PullRequest", "base")
        await self._git.take(source.path, head_sha)
        if await self._git.count(f"{base_sha}..{head_sha}") == 0:
            raise invalid("PullRequest", f"No commits between {draft.base} and {branch}")
        pull = Pull(self._world.next_id(), branch, draft.base, head_sha, base_sha, source.id, draft=draft.draft)
        self._refuse_second(pull)
        from_fork = source.id != self._repository.id
        pull = replace(pull, maintainer_can_modify=from_fork and draft.maintainer_can_modify)
        return await self._insert(draft, replace(pull, size=await self._size(pull)))

    def _source(self, owner: str) -> Repository | None:
        """Find the repository of a head: this one, or somebody's fork of it."""
        family = [it for it in self._world.repositories.values() if it.parent_id == self._repository.id]
        login = owner.lower() or self._repository.owner.login.lower()
        return next((it for it in (self._repository, *family) if it.owner.login.lower() == login), None)

    async def _heads(self, of: Repository | None) -> dict[str, str]:
        refs = await self._world.git(of).refs("refs/heads/") if of else {}
        return {ref.removeprefix("refs/heads/"): sha for ref, sha in refs.items()}

    def _refuse_second(self, wanted: Pull) -> None:
        ends = (wanted.head_repository, wanted.head, wanted.base)
        for issue in self._repository.issues.values():
            pull = issue.pull
            if issue.state == "open" and pull and (pull.head_repository, pull.head, pull.base) == ends:
                owner = self._world.repositories[wanted.head_repository].owner.login
                raise invalid("PullRequest", f"A pull request already exists for {owner}:{wanted.head}.")

    async def _insert(self, draft: PullDraft, pull: Pull) -> Issue:
        now, number = self._world.now(), next(self._repository.numbers)
        await self._git.point(f"refs/pull/{number}/head", pull.head_sha)
        issue = Issue(self._world.next_id(), number, draft.title, draft.body, self._by, now, now, pull=pull)
        self._repository.issues[number] = issue
        self._tracker.tell("opened", issue)
        return issue

    async def advance(self, issue: Issue, push: Push) -> Issue:
        """Follow the branch to where it was pushed."""
        pull = replace(pull_of(issue), head_sha=push.after)
        source = head_repository(self._world, pull) or self._repository
        await self._git.take(source.path, push.after)
        await self._git.point(f"refs/pull/{issue.number}/head", push.after)
        updated = self._tracker.save(replace(issue, pull=replace(pull, size=await self._size(pull))))
        self._tracker.tell("synchronize", updated, {"before": push.before, "after": push.after})
        return updated

    async def test(self, issue: Issue) -> None:
        """Let the CI of this repository test what comes from a fork."""
        pull = pull_of(issue)
        if self._repository.ci:
            push = Push(f"refs/heads/{pull.head}", ZERO, pull.head_sha)
            await Actions(self._world, self._repository, self._by).start(push, "pull_request")

    async def rebase(self, issue: Issue, base: str, base_sha: str) -> Issue:
        """Measure against another base, or against where it is now."""
        pull = replace(pull_of(issue), base=base, base_sha=base_sha)
        return self._tracker.save(replace(issue, pull=replace(pull, size=await self._size(pull))))

    async def retarget(self, number: int, base: str) -> Issue:
        """Aim a pull request at another branch."""
        issue = self.find(number)
        before, heads = pull_of(issue), await self._heads(self._repository)
        if base not in heads:
            raise invalid("PullRequest", f"Proposed base branch '{base}' was not found", "base")
        if base == before.base:
            return issue
        changed = await self.rebase(issue, base, heads[base])
        changes = {"base": {"ref": {"from": before.base}, "sha": {"from": before.base_sha}}}
        self._tracker.tell("edited", changed, {"changes": changes})
        return changed

    def request_reviews(self, number: int, people: list[User]) -> Issue:
        """Ask people for a review; each request is told."""
        issue = self.find(number)
        for person in people:
            pull = pull_of(issue)
            if person not in pull.reviewers:
                reviewers = (*pull.reviewers, person)
                issue = self._tracker.save(replace(issue, pull=replace(pull, reviewers=reviewers)))
                self._tracker.tell("review_requested", issue, {"requested_reviewer": user(self._world, person)})
        return issue

    async def _size(self, pull: Pull) -> Size:
        commits, (files, additions, deletions) = await asyncio.gather(
            self._git.count(f"{pull.base_sha}..{pull.head_sha}"), self._git.sums(pull.base_sha, pull.head_sha)
        )
        return Size(commits, additions, deletions, files)

    async def mergeable(self, issue: Issue) -> bool | None:
        """Ask git whether it merges."""
        pull = pull_of(issue)
        return await self._git.merge_tree(pull.base_sha, pull.head_sha) is not None if issue.state == "open" else None

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
