"""GitHub as the App itself: the few calls that its key signs, also where this host's clock is wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import jwt
from githubkit import Response
from githubkit.exception import RequestFailed

from activities.github.calls import CALL_SECONDS, Call, Requester, read
from activities.github.errors import date_of, forbidding, status_of
from activities.github.limiter import APP, Limiter

REFUSED = 401
ALGORITHM = "RS256"
ISSUED_BEFORE = timedelta(minutes=1)  # GitHub's advice against small differences of clocks
VALID = timedelta(minutes=8)  # GitHub takes no more than ten
TOLERATED = timedelta(seconds=5)  # less than this explains no refusal

T = TypeVar("T")


class AppClient:
    """The App, which signs the time: by GitHub's clock, once GitHub refused what was signed by ours."""

    def __init__(self, app_id: int, private_key: str, github: Requester, limiter: Limiter) -> None:
        self._app_id = app_id
        self._private_key = jwt.get_algorithm_by_name(ALGORITHM).prepare_key(private_key)  # slow, so not for each call
        self._github = github
        self._limiter = limiter
        self._behind = timedelta()  # what our clock lacks to GitHub's

    def now(self) -> datetime:
        """Tell the time by GitHub's clock, as far as we know it."""
        return datetime.now(UTC) + self._behind

    async def send(self, call: Call, model: type[T]) -> T:
        """Send a request and read the answer."""
        return read(await self.request(call), model)

    async def request(self, call: Call) -> Response[Any]:
        """Send a request; the answer comes with its headers."""
        async with asyncio.timeout(CALL_SECONDS):
            signed_by = self._behind
            try:
                return await self._attempt(call)
            except RequestFailed as error:
                if status_of(error) != REFUSED or not self._set_clock(error, signed_by):
                    raise
            return await self._attempt(call)

    async def _attempt(self, call: Call) -> Response[Any]:
        await self._limiter.heed(APP)
        headers = {"Authorization": f"Bearer {self._signed()}"}
        try:
            response = await self._github.arequest(call.method, call.path, json=call.body, headers=headers)
        except RequestFailed as error:
            if no_calls := forbidding(error.response.raw_response):
                await self._limiter.forbid(APP, no_calls)
            raise
        if response.raw_response.is_redirect:
            raise RequestFailed(response)  # githubkit takes it for an answer
        return response

    def _signed(self) -> str:
        now = self.now()
        claims = {"iss": str(self._app_id), "iat": now - ISSUED_BEFORE, "exp": now + VALID}
        return jwt.encode(claims, self._private_key, algorithm=ALGORITHM)

    def _set_clock(self, refused: RequestFailed, signed_by: timedelta) -> bool:
        """Take over the time of the refusal; False when what we signed by is as good."""
        if signed_by != self._behind:  # another call, refused at the same time, has done so
            return True
        date = date_of(refused.response.raw_response)
        difference = date - self.now() if date else timedelta()
        if abs(difference) < TOLERATED:
            return False
        self._behind += difference
        return True
