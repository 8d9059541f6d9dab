"""REST: repositories, their files and who may do what in them."""

import base64

from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.shapes import accounts
from github_app.demo.github.shapes import repositories as shapes
from github_app.demo.github.tokens import reaches
from github_app.demo.github.world import not_found

PERMISSION_OF = {"triage": "read", "maintain": "write"}
"""The old word for the roles that came later."""


async def get_repository(ask: Ask) -> Answer:
    """Show one repository."""
    return Answer(200, shapes.full_repository(ask.world, ask.repository))


async def get_repository_by_id(ask: Ask) -> Answer:
    """Show one repository by the number that survives renames."""
    found = ask.world.repositories.get(ask.params["repository_id"])
    if not found or not reaches(ask.world, ask.token, found):
        raise not_found()
    return Answer(200, shapes.full_repository(ask.world, found))


async def get_contents(ask: Ask) -> Answer:
    """Show a file, or the list of a folder."""
    repository, path = ask.repository, ask.params.get("path", "").strip("/")
    git = ask.world.git(repository)
    commit = await git.resolve(ask.query.get("ref") or repository.default_branch)
    if not commit:
        raise not_found()
    if path and (file := await git.file(commit, path)):
        content = {"encoding": "base64", "content": base64.encodebytes(file.content).decode()}
        return Answer(200, shapes.entry(ask.world, repository, shapes.file_entry(file)) | content)
    listed = await git.folder(commit, path)
    if not listed:
        raise not_found()
    return Answer(200, [shapes.entry(ask.world, repository, it) for it in listed])


async def get_permission(ask: Ask) -> Answer:
    """Show what a person may do here."""
    repository, who = ask.repository, ask.world.user(ask.params["login"])
    role = ask.world.role(repository, who)
    person = accounts.user(ask.world, who) | {"role_name": role}
    return Answer(200, {"permission": PERMISSION_OF.get(role, role), "role_name": role, "user": person})


ENDPOINTS = (
    Endpoint("GET", "/repos/{owner}/{repo}", get_repository, ("metadata:read",)),
    Endpoint("GET", "/repositories/{repository_id:int}", get_repository_by_id, ("metadata:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/contents", get_contents, ("contents:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/contents/{path:path}", get_contents, ("contents:read",)),
    Endpoint("GET", "/repos/{owner}/{repo}/collaborators/{login}/permission", get_permission, ("metadata:read",)),
)
