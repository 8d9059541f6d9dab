"""What the stories of commands share: a repository, people of every role in it, and what they read of the answers."""

from dataclasses import dataclass

from story_kit import Story, until
from temporalio.client import Client

from activities.github.client import InstallationClients
from activities.github.comment_activities import CommentActivities
from github_app.demo.github import LocalGitHub, User
from workflows.model import Item

LISTED_BOT = 424_242
ROLES = ("none", "read", "triage", "write", "maintain", "admin")


@dataclass(frozen=True, slots=True)
class World:
    """What all stories share."""

    github: LocalGitHub
    temporal: Client
    clients: InstallationClients


@dataclass(frozen=True, slots=True)
class Place:
    """An issue or pull request on which people write commands."""

    story: Story
    number: int
    clients: InstallationClients

    @property
    def item(self) -> Item:
        """Its address."""
        return self.story.item(self.number)

    @property
    def hand(self) -> CommentActivities:
        """Our hand for comments."""
        return CommentActivities(self.clients)

    async def say(self, body: str, by: str | User = "ada") -> int:
        """Write a comment; returns its id."""
        return (await self.story.github.comment(self.story.repository, self.number, by, body)).id

    async def said(self, body: str, by: str | User = "ada") -> int:
        """Write a comment, and wait until it was obeyed or refused."""
        comment = await self.say(body, by)
        await until(lambda: {"rocket", "confused"} & set(self.reactions(comment)))
        return comment

    async def answer(self, body: str, by: str | User = "ada") -> str:
        """Write a comment, and wait for the reply."""
        before = len(self.replies())
        await self.say(body, by)
        return (await until(lambda: self.replies()[before:]))[0]

    def reactions(self, comment: int, kind: str = "comment") -> list[str]:
        """Read the reactions to a comment, oldest first."""
        given = self.story.repository.reactions.values()
        return [it.content for it in given if it.subject == (kind, comment)]

    def replies(self) -> list[str]:
        """Read our replies."""
        return [text for text in self.story.comments(self.number) if "<!-- aidp:note" in text]
