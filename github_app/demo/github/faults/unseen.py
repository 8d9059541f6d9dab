"""What was created a moment ago and can not be found yet."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from starlette.responses import Response

from github_app.demo.github.faults.plan import Fault
from github_app.demo.github.model import Json

ENTERPRISE = "/api/v3"


@dataclass(slots=True)
class Hidden:
    """One thing, and for how many calls or until when it is not there."""

    path: str
    calls: int
    until: datetime | None

    def covers(self, path: str, now: datetime) -> bool:
        """Whether a call is about the thing while it is hidden; each one counts."""
        if not f"{path}/".startswith(f"{self.path}/"):
            return False
        self.calls -= 1
        return now < self.until if self.until else self.calls >= 0


@dataclass(slots=True)
class Unseen:
    """All that is hidden."""

    things: list[Hidden] = field(default_factory=list[Hidden])

    def hide(self, answer: Response, asked: str, fault: Fault, now: datetime) -> None:
        """Hide what was created by a request to the path `asked`; what is above that path was there before."""
        if answer.status_code != HTTPStatus.CREATED:
            return
        until = None if fault.seconds is None else now + timedelta(seconds=fault.seconds)
        created = [path for path in _paths(json.loads(bytes(answer.body))) if path not in asked]
        self.things += [Hidden(path, fault.times, until) for path in created]

    def hides(self, path: str, now: datetime) -> bool:
        """Whether this call is about something that is hidden."""
        plain = path.removeprefix(ENTERPRISE)
        covering = [thing for thing in self.things if thing.covers(plain, now)]  # each counts the call
        return bool(covering)


def _paths(body: object) -> list[str]:
    """Find where the thing lives; a pull request also lives where issues do."""
    if not isinstance(body, dict):
        return []
    thing = cast("Json", body)
    url: str = thing.get("url", "")
    urls: list[str] = [url, thing.get("issue_url", "")] if "/pulls/" in url and "/comments/" not in url else [url]
    return [_path(it) for it in urls if it]


def _path(url: str) -> str:
    return urlsplit(url).path.removeprefix(ENTERPRISE)
