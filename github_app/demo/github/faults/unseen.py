"""What was created a moment ago and can not be found yet."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from github_app.demo.github.faults.plan import Fault

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

    def hide(self, created: Response, fault: Fault, now: datetime) -> None:
        """Hide what an answer says was created."""
        if created.status_code != HTTPStatus.CREATED:
            return
        until = None if fault.seconds is None else now + timedelta(seconds=fault.seconds)
        self.things += [Hidden(path, fault.times, until) for path in _paths(json.loads(bytes(created.body)))]

    def hides(self, path: str, now: datetime) -> bool:
        """Whether this call is about something that is hidden."""
        plain = path.removeprefix(ENTERPRISE)
        covering = [thing for thing in self.things if thing.covers(plain, now)]  # each counts the call
        return bool(covering)


def _paths(body: dict[str, Any]) -> list[str]:
    """Find where the thing lives; a pull request also lives where issues do."""
    url: str = body.get("url", "")
    urls: list[str] = [url, body.get("issue_url", "")] if "/pulls/" in url and "/comments/" not in url else [url]
    return [_path(it) for it in urls if it]


def _path(url: str) -> str:
    return urlsplit(url).path.removeprefix(ENTERPRISE)
