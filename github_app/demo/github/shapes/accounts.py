"""JSON of users, Apps and installations."""

from urllib.parse import quote

from github_app.demo.github.model import AppRegistration, Installation, Json, User
from github_app.demo.github.shapes.values import node_id, stamp
from github_app.demo.github.world import World

USER_LISTS = ("followers", "subscriptions", "organizations", "repos", "received_events")


def user(world: World, who: User) -> Json:
    """Write a user as everything embeds it."""
    api = f"{world.url}/users/{quote(who.login, safe='')}"
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node_id("U", who.id),
        "avatar_url": f"{world.url}/avatars/{who.id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{world.url}/{_page(who)}",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "events_url": f"{api}/events{{/privacy}}",
        **{f"{name}_url": f"{api}/{name}" for name in USER_LISTS},
        "type": who.type,
        "site_admin": False,
    }


def _page(who: User) -> str:
    return f"apps/{who.login.removesuffix('[bot]')}" if who.type == "Bot" else quote(who.login)


def full_user(world: World, who: User) -> Json:
    """Write a user asked for by itself: nobody here tells anything of themselves."""
    return {
        **user(world, who),
        **dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio")),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": stamp(world.born),
        "updated_at": stamp(world.born),
    }


def app(world: World, registered: AppRegistration) -> Json:
    """Write an App as it presents itself."""
    owner = next(iter(world.users.values()))
    html = f"{world.url}/apps/{registered.slug}"
    return {
        "id": registered.id,
        "slug": registered.slug,
        "client_id": f"Iv1.{registered.id:016x}",
        "node_id": node_id("A", registered.id),
        "owner": user(world, owner),
        "name": registered.name,
        "description": None,
        "external_url": html,
        "html_url": html,
        "created_at": stamp(world.born),
        "updated_at": stamp(world.born),
        "permissions": dict(registered.permissions),
        "events": list(registered.events),
    }


def installation(world: World, found: Installation) -> Json:
    """Write an App's installation on one account."""
    return {
        "id": found.id,
        "account": user(world, found.account),
        "repository_selection": "selected",
        "access_tokens_url": f"{world.url}/app/installations/{found.id}/access_tokens",
        "repositories_url": f"{world.url}/installation/repositories",
        "html_url": f"{world.url}/settings/installations/{found.id}",
        "app_id": world.app.id,
        "app_slug": world.app.slug,
        "target_id": found.account.id,
        "target_type": found.account.type,
        "permissions": dict(found.permissions),
        "events": list(world.app.events),
        "created_at": stamp(found.created_at),
        "updated_at": stamp(found.created_at),
        "single_file_name": None,
        "suspended_by": user(world, found.suspended_by) if found.suspended_by else None,
        "suspended_at": stamp(found.suspended_at),
    }
