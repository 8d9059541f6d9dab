"""The way to GitHub and back: a page that takes the manifest there, and the address to which GitHub sends the code.

It serves one browser, once. The path is known to whoever reads the terminal, the state to whoever saw the page, the
cookie to the browser that did.
"""

import asyncio
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

CODE = re.compile(r"[A-Za-z0-9_-]{1,128}")
COOKIE = "aidp-app-creation"
COOKIE_SECONDS = 3600

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<h1>{title}</h1>
{content}
</html>
"""
FORM = """<p>GitHub will ask for the App's name and then come back here.
It will send webhooks to {webhook_url}.</p>
<p>In the repositories where you install it, the App may:</p>
<ul>{permissions}</ul>
<p>Log in to {github} in this browser first.</p>
<form method="post" action="{action}">
<input type="hidden" name="manifest" value="{manifest}">
<button>Create the App on GitHub</button>
</form>"""
DONE = "<p>Go on in the terminal, where aidp fetches its credentials. This page can be closed.</p>"

WRONG_HOST = "Open the address as the terminal shows it."
WRONG_METHOD = "This address is only for reading."
NOT_HERE = "There is nothing here. Open the address as the terminal shows it."
NOT_YOURS = "This did not begin in this browser. Open the address that the terminal shows, and begin there."
NO_CODE = "GitHub sent no code. Open the address that the terminal shows, and begin again."
USED = "This was used already. Look at the terminal; to create another App, run aidp app create again."


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One person's way to GitHub and back, as an ASGI app."""

    host: str
    """The only `Host` that is answered: another name for this address would be somebody's trick."""
    form_url: str
    """Where GitHub takes manifests."""
    manifest: Mapping[str, Any]
    code: asyncio.Future[str] = field(repr=False)
    """Done when the person is back."""
    path: str = field(default_factory=secrets.token_urlsafe, repr=False)
    state: str = field(default_factory=secrets.token_urlsafe, repr=False)
    cookie: str = field(default_factory=secrets.token_urlsafe, repr=False)

    @property
    def address(self) -> str:
        """What the person opens."""
        return f"http://{self.host}/{self.path}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = self._answer(Request(scope))
        response.headers.update(self._headers())
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        match request.scope["path"].removeprefix(f"/{self.path}"):
            case "/":
                return self._page()
            case "/callback":
                return self._take_code(request)
            case _:
                return PlainTextResponse(NOT_HERE, 404)

    def _refusal(self, request: Request) -> Response | None:
        """Refuse what is not from the person's browser, and everything once the code is here."""
        if request.headers.getlist("host") != [self.host]:
            return PlainTextResponse(WRONG_HOST, 421)
        if request.method != "GET":
            return PlainTextResponse(WRONG_METHOD, 405, {"Allow": "GET"})
        if not _same(request.scope["path"][1:].partition("/")[0], self.path):
            return PlainTextResponse(NOT_HERE, 404)
        return PlainTextResponse(USED, 410) if self.code.done() else None

    def _page(self) -> Response:
        wanted: dict[str, Any] = {**self.manifest, "redirect_url": f"{self.address}callback"}
        permissions: dict[str, str] = wanted["default_permissions"]
        content = FORM.format(
            webhook_url=escape(wanted["hook_attributes"]["url"]),
            permissions="".join(f"<li>{escape(level)} {escape(name)}" for name, level in permissions.items()),
            github=escape(urlsplit(self.form_url).netloc),
            action=escape(f"{self.form_url}?state={self.state}"),
            manifest=escape(json.dumps(wanted)),
        )
        response = HTMLResponse(PAGE.format(title="Create the GitHub App", content=content))
        response.set_cookie(
            COOKIE, self.cookie, max_age=COOKIE_SECONDS, path=f"/{self.path}/", httponly=True, samesite="lax"
        )
        return response

    def _take_code(self, request: Request) -> Response:
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not (_same(state, self.state) and _same(request.cookies.get(COOKIE, ""), self.cookie)):
            return PlainTextResponse(NOT_YOURS, 403)
        if not CODE.fullmatch(code):
            return PlainTextResponse(NO_CODE, 400)
        self.code.set_result(code)
        return HTMLResponse(PAGE.format(title="The App is there", content=DONE))

    def _headers(self) -> dict[str, str]:
        github = urlsplit(self.form_url)
        policy = f"default-src 'none'; form-action 'self' {github.scheme}://{github.netloc}"
        return {
            "Cache-Control": "no-store",
            "Content-Security-Policy": f"{policy}; base-uri 'none'; frame-ancestors 'none'",
            "Referrer-Policy": "strict-origin",  # GitHub learns where the form came from, not its path
            "X-Content-Type-Options": "nosniff",
        }


def _same(given: str, known: str) -> bool:
    """Compare in a time that does not tell how much fits."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), known.encode())
