"""`LocalGitHub`: the whole of it, as a person, a demo or a test uses it."""

import contextlib
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from github_app.demo.github import app_form, control, git_http, pages, pushes, rest
from github_app.demo.github.buttons import Buttons
from github_app.demo.github.checks import Push
from github_app.demo.github.faults import Faults
from github_app.demo.github.faults.edge import Edge
from github_app.demo.github.forking import fork
from github_app.demo.github.git import ZERO, NewCommit
from github_app.demo.github.installing import Installing
from github_app.demo.github.landing import merge
from github_app.demo.github.merging import Merging, PullDraft
from github_app.demo.github.model import (
    ROLES,
    AppRegistration,
    Call,
    CheckRun,
    Comment,
    Delivery,
    Issue,
    Reaction,
    Repository,
    Review,
    User,
)
from github_app.demo.github.owning import Owning
from github_app.demo.github.recording import recorded
from github_app.demo.github.rest.gate import unknown
from github_app.demo.github.reviewing import ReviewDraft, Reviewing
from github_app.demo.github.seed import FirstCommit, write_repository
from github_app.demo.github.serving import serving
from github_app.demo.github.tracker import Draft, Edit, Tracker
from github_app.demo.github.world import LOCAL_CI, World, invalid

Who = User | str
"""A user, or the login of one, who is added when there is none."""
Where = Repository | str
"""A repository, or its `owner/name`."""


def _programs(world: World) -> Starlette:
    """Answer what programs ask: git and the API."""
    api = rest.routes(world)
    enterprise = Mount("/api/v3", routes=[*api, unknown(world)])
    return Starlette(routes=[*git_http.routes(world), enterprise, *api, unknown(world)])


class LocalGitHub:
    """A GitHub in this process. What people do are coroutines here; what the App does goes over HTTP."""

    def __init__(self, root: Path, app: AppRegistration) -> None:
        self.world = World(root, app, hook_url=app.webhook_url)
        for registered in (app, LOCAL_CI):
            bot = User(self.world.next_id(), f"{registered.slug}[bot]", "Bot")
            self.world.users[bot.login.lower()] = bot
        self.asgi = self._asgi()

    def _asgi(self) -> Starlette:
        edge = Edge(self.world, _programs)
        by_id = Route("/repositories/{rest:path}", edge)  # or `/repositories/1/issues/2` would be somebody's page
        people = [*control.routes(self), *app_form.routes(self.world), *pages.routes(self.world)]
        return Starlette(routes=[by_id, *people, Mount("", edge)])

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose."""
        return self.world.faults

    @property
    def url(self) -> str:
        """The address of the API, of git and of the pages."""
        return self.world.url

    @contextlib.asynccontextmanager
    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[str]:
        """Answer requests and deliver webhooks while the block runs; yields the base URL."""
        with recorded(self.asgi, self.world.deliveries) as edge:
            async with serving(edge, host, port) as url:
                self.world.url = url
                self.world.background.open()
                try:
                    yield url
                finally:
                    await self.world.background.close()

    async def settle(self) -> None:
        """Wait until all deliveries and CI runs are through, also those that they led to."""
        await self.world.background.settle()

    def advance(self, time: timedelta) -> None:
        """Move the clock on: an hour makes every token expire."""
        self.world.clock_offset += time

    def send_webhooks_to(self, url: str) -> None:
        """Change where webhooks go, as the App's owner would."""
        self.world.hook_url = url

    # --- accounts and repositories ------------------------------------------------------------------------------------

    def add_user(self, login: str) -> User:
        """Add a person, or find the one of that login."""
        known = self.world.users.get(login.lower())
        return known or self.world.users.setdefault(login.lower(), User(self.world.next_id(), login))

    def add_repository(  # noqa: PLR0913  # the shape that tests and demos write by hand
        self,
        owner: Who,
        name: str,
        *,
        files: Mapping[str, str | bytes],
        private: bool = False,
        default_branch: str = "main",
        ci: str | None = None,
        flaky: bool = False,
        native_sub_issues: bool = True,
    ) -> Repository:
        """Create a repository with one commit, and install the App on it."""
        account, now = self._user(owner), self.world.now()
        if any(it.full_name.lower() == f"{account.login}/{name}".lower() for it in self.world.repositories.values()):
            raise invalid("Repository", "name already exists on this account", "name")
        path = self.world.root / account.login / f"{name}.git"
        write_repository(path, FirstCommit(files, default_branch, account.login, now))
        identity = self.world.next_id()
        repository = Repository(
            identity,
            account,
            name,
            path,
            now,
            private,
            default_branch,
            ci,
            flaky=flaky,
            native_sub_issues=native_sub_issues,
        )
        self.world.repositories[identity] = repository
        self.installing.add(repository)
        return repository

    def fork(self, repo: Where, by: Who) -> Repository:
        """Copy a repository to somebody's account; the App is not installed there."""
        return fork(self.world, self._repository(repo), self._user(by))

    @property
    def installing(self) -> Installing:
        """Install the App, suspend it, take it off again."""
        return Installing(self.world)

    def owning(self, repo: Where, by: Who | None = None) -> Owning:
        """Do what owners do: rename, transfer, archive, publish, delete."""
        return Owning(self.world, *self._hands(repo, by))

    def set_permission(self, repo: Where, user: Who, role: str) -> None:
        """Give a person a role in a repository: none, read, triage, write, maintain or admin."""
        if role not in ROLES:
            raise ValueError(f"{role}: a role is one of {', '.join(ROLES)}")
        self._repository(repo).roles[self._user(user).id] = role

    def require_checks(self, repo: Where, *names: str, branch: str | None = None) -> None:
        """Let a ruleset ask for these checks before anything is merged into a branch."""
        repository = self._repository(repo)
        repository.required_checks[branch or repository.default_branch] = names

    # --- what people do -----------------------------------------------------------------------------------------------

    async def create_issue(self, repo: Where, author: Who, title: str, body: str = "") -> Issue:
        """Open an issue."""
        return self._as(repo, author).open(Draft(title, body))

    async def edit_issue(self, repo: Where, number: int, edit: Edit, by: Who | None = None) -> Issue:
        """Change title, text or state of an issue or pull request."""
        return self._as(repo, by).edit(number, edit)

    async def close_issue(self, repo: Where, number: int, by: Who | None = None) -> Issue:
        """Close an issue or pull request."""
        return await self.edit_issue(repo, number, Edit(state="closed"), by)

    async def reopen_issue(self, repo: Where, number: int, by: Who | None = None) -> Issue:
        """Open it again."""
        return await self.edit_issue(repo, number, Edit(state="open"), by)

    async def label_issue(self, repo: Where, number: int, label: str, by: Who | None = None) -> Issue:
        """Put a label on; it becomes known to the repository if it was not."""
        return self._as(repo, by).add_labels(number, [label])

    async def unlabel_issue(self, repo: Where, number: int, label: str, by: Who | None = None) -> Issue:
        """Take a label off."""
        return self._as(repo, by).remove_label(number, label)

    async def comment(self, repo: Where, number: int, author: Who, body: str) -> Comment:
        """Write a comment."""
        return self._as(repo, author).comment(number, body)

    async def push(
        self, repo: Where, branch: str, files: Mapping[str, str | bytes | None], by: Who | None = None
    ) -> str:
        """Commit files on a branch (`None` deletes one) as if pushed; a new branch starts at the default branch."""
        (repository, person), world = self._hands(repo, by), self.world
        git = world.git(repository)
        async with world.pushing:
            heads = await git.refs("refs/heads/")
            before = heads.get(f"refs/heads/{branch}", ZERO)
            parent = heads[f"refs/heads/{repository.default_branch}"] if before == ZERO else before
            seconds = int(world.now().timestamp())
            new = NewCommit(branch, files, f"Change {', '.join(files)}", person.login, seconds, parent)
            after = await git.write_commit(new)
            await pushes.follow(world, repository, person, [Push(f"refs/heads/{branch}", before, after)])
        return after

    async def open_pull_request(self, repo: Where, draft: PullDraft, by: Who | None = None) -> Issue:
        """Open a pull request."""
        return await Merging(self.world, *self._hands(repo, by)).open(draft)

    async def merge(self, repo: Where, number: int, by: Who | None = None) -> Issue:
        """Merge a pull request."""
        return await merge(self.world, *self._hands(repo, by), number)

    def merging(self, repo: Where, by: Who | None = None) -> Merging:
        """Do what else people do with pull requests: make drafts of them, aim them elsewhere, ask for reviews."""
        return Merging(self.world, *self._hands(repo, by))

    async def review(self, repo: Where, number: int, draft: ReviewDraft, by: Who | None = None) -> Review:
        """Submit a review, with its comments on lines."""
        return await self.reviewing(repo, by).submit(number, draft)

    def reviewing(self, repo: Where, by: Who | None = None) -> Reviewing:
        """Do what else people do with reviews: reply, resolve, edit, dismiss."""
        return Reviewing(self.world, *self._hands(repo, by))

    def buttons(self, repo: Where, by: Who | None = None) -> Buttons:
        """Press the buttons beside checks."""
        return Buttons(self.world, *self._hands(repo, by))

    # --- what can be read ---------------------------------------------------------------------------------------------

    def issue(self, repo: Where, number: int) -> Issue:
        """Return an issue or pull request as it is now."""
        return self._repository(repo).issues[number]

    def comments(self, repo: Where, number: int) -> list[Comment]:
        """Return the conversation, oldest first."""
        return [it for it in self._repository(repo).comments.values() if it.number == number]

    def labels(self, repo: Where, number: int) -> tuple[str, ...]:
        """Return the names of the labels that are on an issue."""
        return self.issue(repo, number).labels

    def reactions(self, repo: Where, number: int) -> list[Reaction]:
        """Return the reactions to an issue or pull request."""
        return [it for it in self._repository(repo).reactions.values() if it.subject == ("issue", number)]

    def pull_requests(self, repo: Where) -> list[Issue]:
        """Return all pull requests, oldest first."""
        return [it for it in self._repository(repo).issues.values() if it.pull]

    def check_runs(self, repo: Where, sha: str) -> list[CheckRun]:
        """Return the check runs of a commit."""
        return [it for it in self._repository(repo).check_runs.values() if it.head_sha == sha]

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to deliver a webhook, oldest first."""
        return self.world.deliveries

    @property
    def calls(self) -> list[Call]:
        """Every request the App made."""
        return self.world.calls

    @property
    def unknown_routes(self) -> list[str]:
        """Requests that this GitHub has no answer for: `METHOD path`."""
        return self.world.unknown_routes

    # ------------------------------------------------------------------------------------------------------------------

    def _user(self, who: Who) -> User:
        return who if isinstance(who, User) else self.add_user(who)

    def _repository(self, where: Where) -> Repository:
        """Find the repository as it is now: it may have been renamed since."""
        if isinstance(where, Repository):
            return self.world.repositories.get(where.id, where)
        return self.world.repository(where)

    def _hands(self, where: Where, by: Who | None) -> tuple[Repository, User]:
        repository = self._repository(where)
        return repository, self._user(by or repository.owner)

    def _as(self, where: Where, who: Who | None) -> Tracker:
        return Tracker(self.world, *self._hands(where, who))
