"""What people read of a plan, of a project and of its parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from activities.github.comments import mention, render
from activities.github.markdown import Markdown, harmless, marked
from workflows.model import Part, PlanPost, ProjectPost, ProjectUnit

PLAN_MARKER = "<!-- aidp:plan v1 -->"
PROJECT_MARKER = "<!-- aidp:project v1 -->"
WITHOUT_DETAILS = 30_000
"""Beyond this the steps of a plan are shown without their details: a comment has 65,536 characters."""
ANSWER = "**What you can do:** answer the {questions}: write a comment, or `/aidp answer 1 …` for one of them."
APPROVE = (
    "**What you can do:** `/aidp approve` builds it (write permission), `/aidp plan` with a hint makes another, "
    "`/aidp reject` puts it away. Whoever edits the issue or this comment voids the approval."
)
ICONS: Mapping[str, str] = MappingProxyType(
    {"waiting": "⏸️", "running": "⏳", "review": "👀", "done": "✅", "failed": "❌", "skipped": "⏭️", "cancelled": "⏹️"}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a project in the table."""

    icon: str
    title: str
    issue: Markdown
    pull_request: Markdown
    waits_for: Markdown
    reason: str


def plan_body(post: PlanPost) -> str:
    """Write the plan comment, as long as it may be."""
    body = _plan_body(post, details=True)
    return marked(body if len(body) <= WITHOUT_DETAILS else _plan_body(post, details=False), PLAN_MARKER)


def project_body(post: ProjectPost) -> str:
    """Write the project comment."""
    done = sum(unit.status == "done" for unit in post.units)
    state = Markdown(f"🗂️ **A project of {len(post.units)} parts**, {done} of them done")
    return marked(render("project", state=state, post=post, units=[_row(unit) for unit in post.units]), PROJECT_MARKER)


def sub_issue_body(number: int, part: Part) -> str:
    """Write the text of a sub-issue."""
    return marked(render("sub_issue", part=part, number=number), part_marker(number, part.slug))


def part_marker(number: int, slug: str) -> str:
    """Hide in a sub-issue whose part it is."""
    return f"<!-- aidp:part v1 {number}/{slug} -->"


def _plan_body(post: PlanPost, *, details: bool) -> str:
    return render(
        "plan",
        state=_state(post),
        plan=post.plan,
        before=post.before,
        answers=post.answers,
        next=_next(post),
        details=details,
    )


def _state(post: PlanPost) -> Markdown:
    version = f" (version {post.version})" if post.version > 1 else ""
    if post.note:
        return Markdown(f"🗂️ **Plan{version}**, put away: {harmless(post.note)}")
    if post.approved_by:
        return Markdown(f"✅ **Plan{version}**. Approved by {harmless(post.approved_by)}.")
    return Markdown(f"📝 **Plan{version}** for {mention(post.requester)}")


def _next(post: PlanPost) -> Markdown:
    if post.note or post.approved_by:
        return Markdown("")
    if post.plan.questions:
        return Markdown(ANSWER.format(questions="questions" if len(post.plan.questions) > 1 else "question"))
    return Markdown(APPROVE if post.needs_approval else "")


def _row(unit: ProjectUnit) -> Row:
    return Row(
        icon=ICONS.get(unit.status, ""),
        title=unit.title,
        issue=Markdown(f"#{unit.number}" if unit.number else ""),
        pull_request=Markdown(f"#{unit.pull_request}" if unit.pull_request else ""),
        waits_for=Markdown(", ".join(f"#{number}" for number in unit.depends_on)),
        reason=unit.reason,
    )
