"""The REST API: a table of endpoints per resource, all behind one gate."""

from dataclasses import replace

from starlette.routing import Route

from github_app.demo.github.rest import (
    actions,
    apps,
    checks,
    git,
    graphql,
    issues,
    labels,
    manifests,
    pulls,
    reactions,
    relations,
    repositories,
    reviews,
    users,
)
from github_app.demo.github.rest.gate import route
from github_app.demo.github.world import World

ENDPOINTS = (
    *apps.ENDPOINTS,
    *manifests.ENDPOINTS,
    *repositories.ENDPOINTS,
    *labels.ENDPOINTS,
    *reactions.ENDPOINTS,
    *issues.ENDPOINTS,
    *relations.ENDPOINTS,
    *pulls.ENDPOINTS,
    *reviews.ENDPOINTS,
    *checks.ENDPOINTS,
    *actions.ENDPOINTS,
    *git.ENDPOINTS,
    *users.ENDPOINTS,
    *graphql.ENDPOINTS,
)
NAMED, NUMBERED = "/repos/{owner}/{repo}", "/repositories/{repository_id:int}"


def routes(world: World) -> list[Route]:
    """Make the routes of the REST API; what is in a repository is found by its id too, which survives renames."""
    by_id = [replace(it, path=it.path.replace(NAMED, NUMBERED)) for it in ENDPOINTS if it.path.startswith(NAMED + "/")]
    return [route(world, endpoint) for endpoint in (*ENDPOINTS, *by_id)]
