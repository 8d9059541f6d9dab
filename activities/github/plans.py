"""The one plan comment of an issue: found by its marker and our App as its author."""

import hashlib
import re

from activities.github.answers import Comment
from activities.github.client import RepositoryClient
from activities.github.conversation import Conversation
from activities.github.plan_texts import PLAN_MARKER, plan_body
from workflows.model import Item, PlanPost, WrittenPlan

TICKED = re.compile(r"^- \[[xX]\] ", re.MULTILINE)


async def write_plan(repository: RepositoryClient, post: PlanPost) -> WrittenPlan:
    """Write the plan, or bring it up to date."""
    conversation = Conversation(repository, post.item.number)
    return _written(await conversation.write(post.comment_id, PLAN_MARKER, plan_body(post)))


async def read_plan(repository: RepositoryClient, item: Item) -> WrittenPlan | None:
    """Read the plan as it is now; somebody may have edited or deleted it."""
    ours = await Conversation(repository, item.number).find(PLAN_MARKER)
    return _written(ours) if ours else None


def _written(comment: Comment) -> WrittenPlan:
    return WrittenPlan(comment.id, digest_of(comment.body or ""), comment.html_url)


def digest_of(body: str) -> str:
    """Fingerprint a plan's text; a box that somebody ticked off changes nothing in what it says."""
    return hashlib.sha256(TICKED.sub("- [ ] ", body).encode()).hexdigest()
