"""The comment that shows how a project goes."""

from activities.github.client import RepositoryClient
from activities.github.conversation import Conversation
from activities.github.plan_texts import PROJECT_MARKER, project_body
from workflows.model import ProjectPost


async def write_project(repository: RepositoryClient, post: ProjectPost) -> int:
    """Write it, or bring it up to date."""
    conversation = Conversation(repository, post.item.number)
    return (await conversation.write(post.comment_id, PROJECT_MARKER, project_body(post))).id
