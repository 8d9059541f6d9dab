"""The words of plans, of the parts of a project, and of how the project goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from activities.github.comments import MAX_TITLE, hidden, mention, render
from activities.github.markdown import MAX_BODY, Markdown, closing_nothing, harmless, marked, plain
from workflows.model import PlanAnswer, PlanPost, ProjectPost, ProjectUnit, SubIssueDraft
from workflows.model.workstreams import UnitStatus

PLAN_MARKER = "<!-- aidp:plan v1 -->"
PROJECT_MARKER = "<!-- aidp:project v1 -->"
MAX_ANSWERS = 20
MAX_ANSWER = 1_000
ROOM = MAX_BODY - 200
"""For the marker, and some."""

ANSWER_IT = (
    "**Next:** {requester}, answer in a comment, or one by one with `/aidp answer 1 …`. It takes triage permission."
)
APPROVE_IT = (
    "**Next:** {requester}, or anybody with write permission: `/aidp approve`, `/aidp reject`, or `/aidp plan …` "
    "for another."
)
BUILT = "It is built as it stands here, for the issue as it was then."
PUT_AWAY = "Nothing is built. `/aidp plan` makes a new one."
ONE_QUESTION = "a question"
QUESTIONS = "{count} questions"

ICONS: Mapping[str, str] = MappingProxyType(
    {
        UnitStatus.WAITING: "⚪",
        UnitStatus.RUNNING: "⏳",
        UnitStatus.DONE: "✅",
        UnitStatus.FAILED: "❌",
        UnitStatus.SKIPPED: "⏭️",
        UnitStatus.CANCELLED: "⏹️",
    }
)
UNKNOWN_ICON = "⚪"


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """A row of the project's table."""

    icon: Markdown
    title: Markdown
    reason: Markdown
    issue: Markdown
    pull_request: Markdown
    waits_for: Markdown


def plan_body(post: PlanPost) -> str:
    """Write the plan comment; of what is too long for one, the version before goes first, then the details."""
    attempts = ((post.before, True), (None, True), (None, False))
    bodies = (_plan_body(replace(post, before=before), details=details) for before, details in attempts)
    fitting = next((body for body in bodies if len(body) <= ROOM), "")
    return marked(fitting or _plan_body(replace(post, before=None, answers=()), details=False), PLAN_MARKER)


def part_marker(number: int, slug: str) -> str:
    """Hide in an issue which part of which project it is."""
    return f"<!-- aidp:part v1 of={number} slug={hidden(slug)} -->"


def part_title(draft: SubIssueDraft) -> str:
    """Write the title of a sub-issue."""
    return closing_nothing(harmless(" ".join(draft.part.title.split())))[:MAX_TITLE] or draft.part.slug


def part_body(draft: SubIssueDraft) -> str:
    """Write the text of a sub-issue."""
    number = draft.item.number
    return marked(render("sub_issue", part=draft.part, number=number), part_marker(number, draft.part.slug))


def project_body(post: ProjectPost) -> str:
    """Write how a project goes."""
    done = sum(unit.status == UnitStatus.DONE for unit in post.units)
    icon = ICONS[UnitStatus.DONE] if done == len(post.units) else "🗂️"
    state = Markdown(f"{icon} **Project** · {done} of {len(post.units)} parts done")
    units = [_shown(unit) for unit in post.units]
    return marked(render("project", post=post, state=state, units=units), PROJECT_MARKER)


def _plan_body(post: PlanPost, *, details: bool) -> str:
    return render(
        "plan",
        plan=post.plan,
        before=post.before,
        answers=_shortened(post.answers),
        details=details,
        state=_state(post),
        next=_what_next(post),
    )


def _state(post: PlanPost) -> Markdown:
    """Say at the top where the plan is."""
    icon, where = _where(post)
    version = f" · version {post.version}" if post.version > 1 else ""
    return Markdown(f"{icon} **Plan**{version} · {where}")


def _where(post: PlanPost) -> tuple[str, str]:
    if post.approved_by:
        return "✅", f"approved by {plain(post.approved_by)}"
    if post.note:
        return "⏹️", f"put away: {harmless(' '.join(post.note.split()))}"
    if count := len(post.plan.questions):
        return "❓", f"waits for answers to {ONE_QUESTION if count == 1 else QUESTIONS.format(count=count)}"
    return "📝", "waits for approval" if post.needs_approval else "being built"


def _what_next(post: PlanPost) -> Markdown:
    if post.approved_by or post.note:
        return Markdown(BUILT if post.approved_by else PUT_AWAY)
    text = ANSWER_IT if post.plan.questions else APPROVE_IT if post.needs_approval else BUILT
    return Markdown(text.format(requester=mention(post.requester)))


def _shortened(answers: Sequence[PlanAnswer]) -> list[PlanAnswer]:
    return [replace(answer, text=_short(answer.text)) for answer in answers[-MAX_ANSWERS:]]


def _short(text: str) -> str:
    return text if len(text) <= MAX_ANSWER else f"{text[:MAX_ANSWER]}…"


def _shown(unit: ProjectUnit) -> ShownUnit:
    return ShownUnit(
        icon=Markdown(ICONS.get(unit.status, UNKNOWN_ICON)),
        title=plain(unit.title),
        reason=plain(unit.reason),
        issue=_number(unit.number),
        pull_request=_number(unit.pull_request),
        waits_for=Markdown(", ".join(f"#{number}" for number in unit.depends_on)),
    )


def _number(number: int) -> Markdown:
    return Markdown(f"#{number}" if number else "")
