"""The progress comment of a project, kept up to date without a write for every piece of news."""

import contextlib
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import github_steps
from workflows.model import ProjectPost

EDIT_GAP = timedelta(seconds=5)
"""Least time between two edits; GitHub counts them."""


class ProjectBoard:
    """What the comment should show; `narrate` brings it to GitHub until the board is closed."""

    def __init__(self) -> None:
        self._post: ProjectPost | None = None
        self._written: ProjectPost | None = None
        self._comment_id = 0
        self._closed = False

    def show(self, post: ProjectPost) -> None:
        """Show this."""
        self._post = post

    def close(self) -> None:
        """Show nothing after this."""
        self._closed = True

    async def narrate(self) -> None:
        """Write whenever there is news, with a gap between edits, until the last word is written."""
        while not self._closed or self._has_news():
            await workflow.wait_condition(lambda: self._closed or self._has_news())
            await self._write()
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._closed, timeout=EDIT_GAP)

    def _has_news(self) -> bool:
        return self._post != self._written

    async def _write(self) -> None:
        post = self._post
        if not post or post == self._written:
            return
        self._written = post
        try:
            self._comment_id = await github_steps.write_project(replace(post, comment_id=self._comment_id))
        except FailureError as error:
            workflow.logger.warning("progress not written: %s", error.cause)
