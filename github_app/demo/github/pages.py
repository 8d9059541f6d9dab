"""Pages for people: an issue or pull request with its conversation, as plain as can be; and texts to download."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from github_app.demo.github.model import Comment, Issue, Repository
from github_app.demo.github.world import RefusedError, World

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="2">
<title>{title}</title><style>body{{font:16px/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}}
article{{border:1px solid #8884;border-radius:6px;margin:1rem 0;padding:.5rem 1rem}}pre{{white-space:pre-wrap}}
mark{{border-radius:1rem;padding:0 .6rem;margin-right:.3rem}}</style><h1>{title}</h1>{content}</html>"""


def routes(world: World) -> list[Route]:
    """Make the routes of the pages."""

    async def show(request: Request) -> Response:
        try:
            repository = world.repository(f"{request.path_params['owner']}/{request.path_params['repo']}")
        except RefusedError:
            return HTMLResponse("Not Found", 404)
        issue = repository.issues.get(request.path_params["number"])
        return HTMLResponse(_page(repository, issue)) if issue else HTMLResponse("Not Found", 404)

    async def download(request: Request) -> Response:
        text = world.downloads.get(request.path_params["code"])
        return PlainTextResponse(text) if text else PlainTextResponse("Not Found", 404)

    show_all = [
        Route(f"/{{owner}}/{{repo}}/{kind}/{{number:int}}", show, methods=["GET"]) for kind in ("issues", "pull")
    ]
    return [*show_all, Route("/_downloads/{code}", download, methods=["GET"])]


def _page(repository: Repository, issue: Issue) -> str:
    comments = [it for it in repository.comments.values() if it.number == issue.number]
    title = f"{escape(issue.title)} · {escape(repository.full_name)}#{issue.number}"
    return PAGE.format(title=title, content=_head(issue) + "".join(map(_said, [issue, *comments])))


def _head(issue: Issue) -> str:
    kind = "pull request" if issue.pull else "issue"
    branches = f" from {escape(issue.pull.head)} into {escape(issue.pull.base)}" if issue.pull else ""
    state = "merged" if issue.pull and issue.pull.merged_at else issue.state
    return f"<p>{state} {kind}{branches} {''.join(f'<mark>{escape(name)}</mark>' for name in issue.labels)}</p>"


def _said(what: Issue | Comment) -> str:
    return f"<article><b>{escape(what.user.login)}</b><pre>{escape(what.body)}</pre></article>"
