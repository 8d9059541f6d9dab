"""REST: the App, its installations, its tokens and its hook."""

from dataclasses import replace
from datetime import timedelta

from github_app.demo.github.model import Delivery, Installation, Json, Repository
from github_app.demo.github.rest.gate import APP, Answer, Ask, Endpoint
from github_app.demo.github.shapes import accounts, deliveries, repositories
from github_app.demo.github.shapes.values import stamp
from github_app.demo.github.tokens import Wanted, issue_token, refuse_suspended
from github_app.demo.github.webhooks import redeliver
from github_app.demo.github.world import RefusedError, not_found

SELECTION_LIMIT = 500
DELIVERIES_PAGE = 30
LARGEST_PAGE = 100
LOG_KEPT = timedelta(days=3)
NO_SUCH_REPOSITORY = RefusedError(
    422, "There is at least one repository that does not exist or is not accessible to the parent installation."
)


async def get_app(ask: Ask) -> Answer:
    """Show the App."""
    return Answer(200, accounts.app(ask.world, ask.world.app) | {"installations_count": len(ask.world.installations)})


async def list_installations(ask: Ask) -> Answer:
    """List where the App is installed."""
    page = ask.page(list(ask.world.installations.values()))
    return Answer(200, [accounts.installation(ask.world, it) for it in page.items], page.headers)


async def get_installation(ask: Ask) -> Answer:
    """Show one installation."""
    return Answer(200, accounts.installation(ask.world, _installation(ask)))


async def get_repository_installation(ask: Ask) -> Answer:
    """Show the installation that covers a repository."""
    found = ask.world.installation_of(ask.repository)
    if not found:
        raise not_found()
    return Answer(200, accounts.installation(ask.world, found))


def _installation(ask: Ask) -> Installation:
    if found := ask.world.installations.get(ask.params["installation_id"]):
        return found
    raise not_found()


async def create_token(ask: Ask) -> Answer:
    """Make an installation access token, perhaps for less than the whole installation."""
    installation = _installation(ask)
    refuse_suspended(installation)
    wanted = Wanted(_wanted_repositories(ask, installation), ask.body.get("permissions") or {})
    token = issue_token(ask.world, installation, wanted)
    body: Json = {
        "token": token.value,
        "expires_at": stamp(token.expires_at),
        "permissions": dict(token.permissions),
        "repository_selection": "selected",
    }
    if token.narrowed:
        chosen = [ask.world.repositories[it] for it in sorted(token.repository_ids)]
        body["repositories"] = [repositories.repository(ask.world, it) for it in chosen]
    return Answer(201, body)


def _wanted_repositories(ask: Ask, installation: Installation) -> frozenset[int]:
    names: list[str] = ask.body.get("repositories") or []
    ids: list[int] = ask.body.get("repository_ids") or []
    if len(names) + len(ids) > SELECTION_LIMIT:
        raise RefusedError(422, f"A token is for at most {SELECTION_LIMIT} repositories.")
    covered = [ask.world.repositories[it] for it in installation.repository_ids]
    known = {it.name: it.id for it in covered}
    if not set(names) <= known.keys():
        raise NO_SUCH_REPOSITORY
    return frozenset(ids) | {known[name] for name in names}


async def revoke_token(ask: Ask) -> Answer:
    """Make the token that is used here useless."""
    del ask.world.tokens[ask.token.value]
    return Answer(204)


async def list_repositories(ask: Ask) -> Answer:
    """List the repositories that the token reaches."""
    found = _reached(ask)
    page = ask.page(found)
    shown = [repositories.repository(ask.world, it) for it in page.items]
    body = {"total_count": len(found), "repository_selection": "selected", "repositories": shown}
    return Answer(200, body, page.headers)


def _reached(ask: Ask) -> list[Repository]:
    covered = ask.world.installations[ask.token.installation_id].repository_ids
    allowed = covered & ask.token.repository_ids if ask.token.narrowed else covered
    return [ask.world.repositories[it] for it in sorted(allowed)]


async def get_hook_config(ask: Ask) -> Answer:
    """Show where webhooks go."""
    hook = {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": ask.world.hook_url}
    return Answer(200, hook)


async def update_hook_config(ask: Ask) -> Answer:
    """Send webhooks elsewhere, or sign them otherwise."""
    ask.world.hook_url = ask.body.get("url", ask.world.hook_url)
    secret = ask.body.get("secret", ask.world.app.webhook_secret)
    ask.world.app = replace(ask.world.app, webhook_secret=secret, webhook_url=ask.world.hook_url)
    return await get_hook_config(ask)


async def list_deliveries(ask: Ask) -> Answer:
    """List deliveries, newest first; a cursor is the id of the last one seen."""
    size = min(int(ask.query.get("per_page", DELIVERIES_PAGE)), LARGEST_PAGE)
    cursor = ask.query.get("cursor", "")
    older = [it for it in reversed(_log(ask)) if not cursor or it.id < int(cursor)]
    shown = older[:size]
    link = f'<{ask.url}?per_page={size}&cursor={shown[-1].id}>; rel="next"' if len(older) > size else ""
    return Answer(200, [deliveries.item(it) for it in shown], {"link": link} if link else {})


async def get_delivery(ask: Ask) -> Answer:
    """Show one delivery with what was sent and what was answered."""
    return Answer(200, deliveries.full(_delivery(ask), ask.world.hook_url))


async def create_attempt(ask: Ask) -> Answer:
    """Deliver once more."""
    redeliver(ask.world, _delivery(ask))
    return Answer(202, {})


def _log(ask: Ask) -> list[Delivery]:
    """Leave out what is too old: GitHub forgets deliveries after three days."""
    oldest = ask.world.now() - LOG_KEPT
    return [it for it in ask.world.deliveries if it.delivered_at > oldest]


def _delivery(ask: Ask) -> Delivery:
    for found in _log(ask):
        if found.id == ask.params["delivery_id"]:
            return found
    raise not_found()


ENDPOINTS = (
    Endpoint("GET", "/app", get_app, (APP,)),
    Endpoint("GET", "/app/hook/config", get_hook_config, (APP,)),
    Endpoint("PATCH", "/app/hook/config", update_hook_config, (APP,)),
    Endpoint("GET", "/app/hook/deliveries", list_deliveries, (APP,)),
    Endpoint("GET", "/app/hook/deliveries/{delivery_id:int}", get_delivery, (APP,)),
    Endpoint("POST", "/app/hook/deliveries/{delivery_id:int}/attempts", create_attempt, (APP,)),
    Endpoint("GET", "/app/installations", list_installations, (APP,)),
    Endpoint("GET", "/app/installations/{installation_id:int}", get_installation, (APP,)),
    Endpoint("POST", "/app/installations/{installation_id:int}/access_tokens", create_token, (APP,)),
    Endpoint("GET", "/repos/{owner}/{repo}/installation", get_repository_installation, (APP,)),
    Endpoint("DELETE", "/installation/token", revoke_token),
    Endpoint("GET", "/installation/repositories", list_repositories),
)
