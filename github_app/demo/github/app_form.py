"""The form for a new App, as if its owner pressed "Create" at once: it sends them back with a code."""

import json
import secrets
from typing import cast
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from github_app.demo.github.model import AppManifest, Json
from github_app.demo.github.world import World

LONGEST_NAME = 34
KEYS = frozenset({
    "callback_urls", "default_events", "default_permissions", "description", "hook_attributes", "name", "public",
    "redirect_url", "request_oauth_on_install", "setup_on_update", "setup_url", "url",
})  # fmt: skip
NEEDED = frozenset({"hook_attributes", "name", "redirect_url", "url"})


def routes(world: World) -> list[Route]:
    """Make the routes of the form, for a person's Apps and for an organization's."""

    async def take(request: Request) -> Response:
        fields = parse_qs((await request.body()).decode())
        wanted = cast("Json", json.loads(fields["manifest"][0]))
        if problem := _problem(wanted):
            return PlainTextResponse(problem, 422)
        code = secrets.token_hex(20)
        world.manifests[code] = _manifest(world, wanted)
        back = urlencode({"code": code, "state": request.query_params.get("state", "")})
        return RedirectResponse(f"{wanted['redirect_url']}?{back}", 302)

    paths = ("/settings/apps/new", "/organizations/{org}/settings/apps/new")
    return [Route(path, take, methods=["POST"]) for path in paths]


def _problem(wanted: Json) -> str:
    wrong = (wanted.keys() - KEYS) | (NEEDED - wanted.keys())
    if wrong:
        return f"Unknown or missing: {', '.join(sorted(wrong))}"
    return "Name is too long" if len(wanted["name"]) > LONGEST_NAME else ""


def _manifest(world: World, wanted: Json) -> AppManifest:
    return AppManifest(
        name=wanted["name"],
        webhook_url=wanted["hook_attributes"]["url"],
        permissions=wanted.get("default_permissions", {}),
        events=tuple(wanted.get("default_events", ())),
        at=world.now(),
    )
