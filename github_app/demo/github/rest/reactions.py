"""REST: reactions to issues and comments."""

from github_app.demo.github.rest.gate import Answer, Ask, Endpoint
from github_app.demo.github.rest.issues import COMMENT, ISSUES, tracker
from github_app.demo.github.reviewing import Reviewing
from github_app.demo.github.shapes import issues as shapes
from github_app.demo.github.world import invalid, not_found

CONTENTS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def _subject(ask: Ask) -> tuple[str, int]:
    if "remark_id" in ask.params:
        return "review_comment", Reviewing(ask.world, ask.repository, ask.world.bot).find_comment(
            ask.params["remark_id"]
        ).id
    if "comment_id" in ask.params:
        return "comment", tracker(ask).find_comment(ask.params["comment_id"]).id
    return "issue", tracker(ask).find(ask.params["number"]).number


async def list_reactions(ask: Ask) -> Answer:
    """List the reactions, perhaps only those of one kind."""
    subject, content = _subject(ask), ask.query.get("content")
    given = [it for it in ask.repository.reactions.values() if it.subject == subject]
    page = ask.page([it for it in given if content in (None, it.content)])
    return Answer(200, [shapes.reaction(ask.world, it) for it in page.items], page.headers)


async def create_reaction(ask: Ask) -> Answer:
    """React; 200 says that the reaction was there already."""
    subject, content = _subject(ask), ask.text("content", "Reaction")
    if content not in CONTENTS:
        raise invalid("Reaction", f"content must be one of {', '.join(CONTENTS)}", "content")
    reaction, new = tracker(ask).react(subject, content)
    return Answer(201 if new else 200, shapes.reaction(ask.world, reaction))


async def delete_reaction(ask: Ask) -> Answer:
    """Take a reaction back."""
    subject, reactions = _subject(ask), ask.repository.reactions
    found = reactions.get(ask.params["reaction_id"])
    if not found or found.subject != subject:
        raise not_found()
    del reactions[found.id]
    return Answer(204)


REMARK = "/repos/{owner}/{repo}/pulls/comments/{remark_id:int}"
SUBJECTS = {COMMENT: "issues", ISSUES + "/{number:int}": "issues", REMARK: "pull_requests"}
ENDPOINTS = tuple(
    endpoint
    for subject, permission in SUBJECTS.items()
    for endpoint in (
        Endpoint("GET", subject + "/reactions", list_reactions, (f"{permission}:read",)),
        Endpoint("POST", subject + "/reactions", create_reaction, (f"{permission}:write",)),
        Endpoint("DELETE", subject + "/reactions/{reaction_id:int}", delete_reaction, (f"{permission}:write",)),
    )
)
