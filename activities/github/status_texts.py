"""The words of the status comment: where the work is, what it waits for, how it ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import quote as percent_encoded

from activities.github.comments import dollars, duration, render
from activities.github.markdown import Markdown, code, harmless, marked, plain
from workflows.model import CheckResult, Ending, Progress, StatusReport, Work

STATUS_MARKER = "<!-- aidp:status v1 -->"
SEEN = ("👀", "aidp has seen this")
WAITS = ("⏳", "aidp waits")
CALLS = ("🙋", "aidp waits")
"""Nothing happens until somebody acts."""
WORKING = ("⏳", "aidp is working")
PAUSED = ("⏸️", "aidp is paused")
ENDINGS: Mapping[Ending, tuple[str, str]] = MappingProxyType(
    {
        Ending.DONE: ("✅", "Done"),
        Ending.NOTHING_TO_DO: ("✅", "Nothing to do"),
        Ending.GAVE_UP: ("🛑", "Gave up"),
        Ending.FAILED: ("❌", "Failed"),
        Ending.CANCELLED: ("⏹️", "Cancelled"),
    }
)
LOOKING = frozenset({Work.PLAN, Work.REVIEW, Work.PROJECT})
"""Work that changes nothing itself: the stages of a loop mean nothing there."""
PROPOSING = frozenset({"", Work.BUILD, Work.AUTO})
"""Work that ends with a pull request."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the checklist."""

    done: bool
    text: Markdown


def status(report: StatusReport, home: str = "") -> str:
    """Write the status comment; `home` is the repository's page."""
    icon, title = _headline(report)
    body = render(
        "status",
        icon=icon,
        title=title,
        facts=Markdown("".join(f" · {fact}" for fact in _facts(report))),
        report=report,
        stages=_stages(report),
        links=Markdown(" · ".join(_links(report, home) if home else ())),
    )
    return marked(body, STATUS_MARKER)


def _headline(report: StatusReport) -> tuple[str, str]:
    if report.outcome:
        return ENDINGS[report.outcome.ending]
    if report.progress and report.progress.paused:
        return PAUSED
    if report.waiting:
        return CALLS if report.for_people else WAITS
    return WORKING if report.progress else SEEN


def _facts(report: StatusReport) -> Iterator[str]:
    """Say in one line what it is, how far, with whom and at what price."""
    if report.work:
        yield plain(report.work)
    if measure := _measure(report):
        yield measure
    if report.progress:
        yield from _facts_of(report.progress, report)
    if report.outcome and report.pull_request:
        yield f"#{report.pull_request.number}"


def _facts_of(progress: Progress, report: StatusReport) -> Iterator[str]:
    if elapsed := _elapsed(report):
        yield elapsed
    if progress.agent:
        yield plain(progress.agent)
    if report.spent.usd:
        yield dollars(report.spent.usd)
    if progress.budget:
        yield plain(progress.budget)


def _measure(report: StatusReport) -> str:
    """Say how far it is, until it has ended."""
    if report.outcome:
        return ""
    progress = report.progress
    if progress and progress.iteration and not report.measure:
        return f"iteration {progress.iteration} of {progress.max_iterations}"
    return plain(report.measure)


def _links(report: StatusReport, home: str) -> Iterator[Markdown]:
    """Lead to what there is to look at; a pull request is linked by its number."""
    if report.check_id:
        yield Markdown(f"[Check run]({home}/runs/{report.check_id})")
    if report.branch:
        yield Markdown(f"[Branch {code(report.branch)}]({home}/tree/{percent_encoded(report.branch)})")


def _elapsed(report: StatusReport) -> str:
    if not (report.started and report.now):
        return ""
    passed = datetime.fromisoformat(report.now) - datetime.fromisoformat(report.started)
    return duration(max(passed.total_seconds(), 0))


def _stages(report: StatusReport) -> tuple[Stage, ...]:
    """List the steps that were planned; else those that a loop goes through."""
    if report.steps:
        return tuple(Stage(step.done, harmless(step.text)) for step in report.steps)
    if not report.progress or report.work in LOOKING:
        return ()
    last = (_pull_request(report),) if report.work in PROPOSING else ()
    return (*_loop_stages(report.progress, ended=bool(report.outcome)), *last)


def _loop_stages(progress: Progress, *, ended: bool) -> tuple[Stage, ...]:
    iterations = f"Iteration {progress.iteration} of {progress.max_iterations}"
    return (
        Stage(bool(progress.branch), _workspace(progress.branch)),
        Stage(ended, Markdown(iterations if progress.iteration else "Iterations")),
        _checks(progress.checks),
    )


def _workspace(branch: str) -> Markdown:
    return Markdown(f"Workspace on {code(branch)}" if branch else "Workspace")


def _checks(checks: Sequence[CheckResult]) -> Stage:
    if not checks:
        return Stage(done=False, text=Markdown("Checks"))
    passed = sum(check.passed for check in checks)
    good = all(check.passed or not check.required for check in checks)
    return Stage(good, Markdown(f"Checks: {passed} of {len(checks)} pass"))


def _pull_request(report: StatusReport) -> Stage:
    if not report.pull_request:
        return Stage(done=False, text=Markdown("Pull request"))
    return Stage(done=True, text=Markdown(f"Pull request #{report.pull_request.number}"))
