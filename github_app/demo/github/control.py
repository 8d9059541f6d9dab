"""`/_local/…`: what people do, over HTTP, so that a demo or test in another process can drive this GitHub."""

import dataclasses
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from github_app.demo.github.faults import FaultPlanError, most_writes, read_plan, violations
from github_app.demo.github.merging import PullDraft
from github_app.demo.github.rest.gate import refusal
from github_app.demo.github.reviewing import Remark, ReviewDraft
from github_app.demo.github.shapes.values import stamp
from github_app.demo.github.world import RefusedError, not_found

if TYPE_CHECKING:
    from github_app.demo.github.local import LocalGitHub

REPOSITORY = "/_local/repos/{owner}/{repo}"
ISSUE = REPOSITORY + "/issues/{number:int}"


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """A person's request."""

    github: "LocalGitHub"
    params: dict[str, Any]
    body: dict[str, Any]

    @property
    def repo(self) -> str:
        """The repository's full name."""
        return f"{self.params['owner']}/{self.params['repo']}"

    @property
    def number(self) -> int:
        """The issue or pull request."""
        return self.params["number"]

    @property
    def by(self) -> str | None:
        """Who wishes; nobody in particular is the owner."""
        return self.body.get("by")


async def add_user(wish: Wish) -> object:
    """Take `login`."""
    return wish.github.add_user(wish.body["login"])


async def add_repository(wish: Wish) -> object:
    """Take `owner`, `name`, `files` and perhaps `private`, `default_branch`, `ci`."""
    return wish.github.add_repository(**wish.body)


async def set_permission(wish: Wish) -> object:
    """Take `role` for the login in the path."""
    return wish.github.set_permission(wish.repo, wish.params["login"], wish.body["role"])


async def create_issue(wish: Wish) -> object:
    """Take `author`, `title`, `body`."""
    body = wish.body
    return await wish.github.create_issue(wish.repo, body["author"], body["title"], body.get("body", ""))


async def label_issue(wish: Wish) -> object:
    """Take `label`, perhaps `by`."""
    return await wish.github.label_issue(wish.repo, wish.number, wish.body["label"], wish.by)


async def unlabel_issue(wish: Wish) -> object:
    """Take the label in the path off; perhaps `by`."""
    return await wish.github.unlabel_issue(wish.repo, wish.number, wish.params["label"], wish.by)


async def comment(wish: Wish) -> object:
    """Take `author`, `body`."""
    return await wish.github.comment(wish.repo, wish.number, wish.body["author"], wish.body["body"])


async def close_issue(wish: Wish) -> object:
    """Take perhaps `by`."""
    return await wish.github.close_issue(wish.repo, wish.number, wish.by)


async def reopen_issue(wish: Wish) -> object:
    """Take perhaps `by`."""
    return await wish.github.reopen_issue(wish.repo, wish.number, wish.by)


async def merge(wish: Wish) -> object:
    """Take perhaps `by`."""
    return await wish.github.merge(wish.repo, wish.number, wish.by)


async def push(wish: Wish) -> object:
    """Take `branch`, `files`, perhaps `by`."""
    return {"sha": await wish.github.push(wish.repo, wish.body["branch"], wish.body["files"], wish.by)}


async def open_pull_request(wish: Wish) -> object:
    """Take `title`, `head`, `base`, perhaps `body`, `draft`, `by`."""
    values = {name: value for name, value in wish.body.items() if name != "by"}
    return await wish.github.open_pull_request(wish.repo, PullDraft(**values), wish.by)


async def review(wish: Wish) -> object:
    """Take perhaps `event`, `body`, `comments` (each with `path`, `line`, `body`), `by`."""
    values = {name: value for name, value in wish.body.items() if name not in ("by", "comments")}
    remarks = tuple(Remark(**it) for it in wish.body.get("comments", ()))
    return await wish.github.review(wish.repo, wish.number, ReviewDraft(**values, comments=remarks), wish.by)


async def press(wish: Wish) -> object:
    """Press the button `identifier` of a check run; perhaps `by`."""
    return wish.github.buttons(wish.repo, wish.by).press(wish.params["run_id"], wish.body["identifier"])


async def own(wish: Wish) -> object:
    """Rename to `name`, transfer to `owner`, archive, unarchive, publicize, delete; perhaps `by`."""
    owning = wish.github.owning(wish.repo, wish.by)
    match wish.params["deed"]:
        case "rename":
            return owning.rename(wish.body["name"])
        case "transfer":
            return owning.transfer(wish.github.add_user(wish.body["owner"]))
        case "archive" | "unarchive" | "publicize" | "delete" as deed:
            return getattr(owning, deed)()
        case _:
            raise not_found()


async def handle_installation(wish: Wish) -> object:
    """Suspend, unsuspend, uninstall, or accept `permissions`."""
    installing, owner = wish.github.installing, wish.github.add_user(wish.params["login"])
    match wish.params["deed"]:
        case "accept":
            return installing.accept(owner, wish.body["permissions"])
        case "suspend" | "unsuspend" | "uninstall" as deed:
            return getattr(installing, deed)(owner)
        case _:
            raise not_found()


async def read_repository(wish: Wish) -> object:
    """Read everything in a repository."""
    return wish.github.world.repository(wish.repo)


async def read_calls(wish: Wish) -> object:
    """Read the log of calls."""
    return wish.github.calls


async def read_deliveries(wish: Wish) -> object:
    """Read the log of deliveries."""
    return wish.github.deliveries


async def read_unknown_routes(wish: Wish) -> object:
    """Read what was asked in vain."""
    return wish.github.unknown_routes


async def read_faults(wish: Wish) -> object:
    """Read what is to go wrong, and what went wrong."""
    return {"plan": wish.github.faults.plan, "injected": wish.github.faults.injected}


async def add_faults(wish: Wish) -> object:
    """Take a `FaultPlan`."""
    try:
        wish.github.faults.follow(read_plan(json.dumps(wish.body)))
    except FaultPlanError as error:
        raise RefusedError(422, str(error)) from error
    return await read_faults(wish)


async def clear_faults(wish: Wish) -> object:
    """Let nothing go wrong any more."""
    wish.github.faults.clear()
    return await read_faults(wish)


async def read_violations(wish: Wish) -> object:
    """Read the calls made before the time GitHub had named."""
    return violations(wish.github.calls)


async def read_writes(wish: Wish) -> object:
    """Read how many content writes each installation made in its busiest second, minute and hour."""
    windows = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
    return {name: most_writes(wish.github.calls, window) for name, window in windows.items()}


async def settle(wish: Wish) -> object:
    """Wait until deliveries and CI are through."""
    return await wish.github.settle()


WISHES: tuple[tuple[str, str, Callable[[Wish], Awaitable[object]]], ...] = (
    ("POST", "/_local/users", add_user),
    ("POST", "/_local/repos", add_repository),
    ("GET", REPOSITORY, read_repository),
    ("PUT", REPOSITORY + "/permissions/{login}", set_permission),
    ("POST", REPOSITORY + "/issues", create_issue),
    ("POST", ISSUE + "/labels", label_issue),
    ("DELETE", ISSUE + "/labels/{label:path}", unlabel_issue),
    ("POST", ISSUE + "/comments", comment),
    ("POST", ISSUE + "/close", close_issue),
    ("POST", ISSUE + "/reopen", reopen_issue),
    ("POST", REPOSITORY + "/pulls", open_pull_request),
    ("POST", REPOSITORY + "/pulls/{number:int}/merge", merge),
    ("POST", REPOSITORY + "/pushes", push),
    ("POST", REPOSITORY + "/pulls/{number:int}/reviews", review),
    ("POST", REPOSITORY + "/check-runs/{run_id:int}/press", press),
    ("POST", REPOSITORY + "/owner/{deed}", own),
    ("POST", "/_local/installations/{login}/{deed}", handle_installation),
    ("GET", "/_local/calls", read_calls),
    ("GET", "/_local/deliveries", read_deliveries),
    ("GET", "/_local/unknown_routes", read_unknown_routes),
    ("GET", "/_local/faults", read_faults),
    ("POST", "/_local/faults", add_faults),
    ("DELETE", "/_local/faults", clear_faults),
    ("GET", "/_local/violations", read_violations),
    ("GET", "/_local/writes", read_writes),
    ("POST", "/_local/settle", settle),
)


def routes(github: "LocalGitHub") -> list[Route]:
    """Make the routes."""
    return [_route(github, *wish) for wish in WISHES]


def _route(github: "LocalGitHub", method: str, path: str, grant: Callable[[Wish], Awaitable[object]]) -> Route:
    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            result = await grant(Wish(github, request.path_params, json.loads(body or b"{}")))
        except RefusedError as refused:
            return _response(refused.status, refusal(refused).body)
        return _response(200, result)

    return Route(path, answer, methods=[method])


def _response(status: int, result: object) -> Response:
    return Response(json.dumps(result, default=_plain), status, media_type="application/json")


def _plain(value: object) -> object:
    """Write our records as JSON; keys and secrets stay inside."""
    match value:
        case datetime():
            return stamp(value)
        case bytes():
            return value.decode(errors="replace")
        case frozenset():
            return sorted(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case Path():
            return str(value)
        case _ if dataclasses.is_dataclass(value):
            shown = [it for it in dataclasses.fields(value) if it.repr]
            return {it.name: getattr(value, it.name) for it in shown}
        case _:
            return str(value)
