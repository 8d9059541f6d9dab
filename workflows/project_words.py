"""A project in words: where its parts are, what they wait for and who can end that, how it ended. Pure."""

from collections.abc import Iterable

from workflows.model import Ending, Item, Outcome, ProjectPost, ProjectUnit
from workflows.model.workstreams import Unit, UnitReport, UnitStatus, WorkstreamPlan, WorkstreamSummary

AFTER_MERGE = "It waits until {pulls} {verb} merged, by somebody with write permission; then {units} {begin}"
FOR_RETRY = (
    "{units} failed: `/aidp retry` runs failed parts again, closing the part's issue goes on without it, "
    "and `/aidp cancel` ends the project (write permission)"
)
ADVICE = "`/aidp retry` runs the failed parts again, `/aidp retry #12` just that one."
ENDED_BY = {UnitStatus.FAILED: "failed", UnitStatus.SKIPPED: "skipped", UnitStatus.CANCELLED: "cancelled"}


def post(item: Item, text: str, plan: WorkstreamPlan, summary: WorkstreamSummary) -> ProjectPost:
    """Write the project's comment."""
    return ProjectPost(item, text, tuple(_row(unit, plan, summary) for unit in plan.units))


def steps_of(plan: WorkstreamPlan, summary: WorkstreamSummary) -> dict[str, bool]:
    """List the parts, and whether each is done."""
    return {f"#{unit.number} {unit.title}": _report(unit, summary).status is UnitStatus.DONE for unit in plan.units}


def standing(plan: WorkstreamPlan, summary: WorkstreamSummary) -> str:
    """Say in one line how far it is."""
    running = _numbers(unit for unit in plan.units if _report(unit, summary).status is UnitStatus.RUNNING)
    building = f"; building {running}" if running else ""
    return f"{summary.counts.done} of {len(plan.units)} parts done{building}"


def waiting(plan: WorkstreamPlan, summary: WorkstreamSummary) -> str:
    """Say what it waits for and who can end that; empty while something is built that waits for nobody."""
    held = ((unit, _report(unit, summary).waiting) for unit in plan.units)
    if told := [f"#{unit.number}: {reason}" for unit, reason in held if reason]:
        return "; ".join(told)
    if summary.counts.running or summary.paused:
        return ""
    blocked = [unit for unit in plan.units if _report(unit, summary).status is UnitStatus.WAITING]
    if pulls := _unmerged(blocked, plan, summary):
        verb, begin = ("are" if len(pulls) > 1 else "is"), ("begin" if len(blocked) > 1 else "begins")
        return AFTER_MERGE.format(pulls=_and(pulls), verb=verb, units=_numbers(blocked), begin=begin)
    failed = [unit for unit in plan.units if _report(unit, summary).status is UnitStatus.FAILED]
    return FOR_RETRY.format(units=_numbers(failed)) if failed and not blocked else ""


def description(plan: WorkstreamPlan, summary: WorkstreamSummary) -> str:
    """Say of each part where it is, and why."""
    lines = (f"- {_told(unit, _report(unit, summary))}" for unit in plan.units)
    return "\n".join((f"{standing(plan, summary)}.", *lines))


def outcome(plan: WorkstreamPlan, summary: WorkstreamSummary) -> Outcome:
    """Say how it ended."""
    reports = [_report(unit, summary) for unit in plan.units]
    if all(report.status is UnitStatus.DONE for report in reports):
        pulls = [f"#{report.pull_request}" for report in reports if report.pull_request]
        proposed = f": {_and(pulls)}" if pulls else ""
        return Outcome(Ending.DONE, f"all {len(reports)} parts are done{proposed}")
    lost = (
        f"{word}: {numbers}"
        for status, word in ENDED_BY.items()
        if (numbers := _numbers(unit for unit in plan.units if _report(unit, summary).status is status))
    )
    return Outcome(
        Ending.GAVE_UP, "; ".join((f"{summary.counts.done} of {len(reports)} parts are done", *lost)), ADVICE
    )


def named(plan: WorkstreamPlan, words: Iterable[str]) -> tuple[str, ...]:
    """Find the parts that people name by slug or by number, such as `#12`."""
    wanted = {word.strip("`,").casefold() for word in words}
    return tuple(unit.slug for unit in plan.units if wanted & {unit.slug, f"#{unit.number}", str(unit.number)})


def _row(unit: Unit, plan: WorkstreamPlan, summary: WorkstreamSummary) -> ProjectUnit:
    report = _report(unit, summary)
    reason = report.outcome.reason if report.outcome and report.status is not UnitStatus.DONE else report.waiting
    return ProjectUnit(
        slug=unit.slug,
        title=unit.title,
        number=unit.number,
        status=report.status,
        depends_on=tuple(other.number for other in plan.units if other.slug in unit.depends_on),
        pull_request=report.pull_request,
        reason="merged" if report.landed and report.pull_request else reason,
    )


def _unmerged(blocked: Iterable[Unit], plan: WorkstreamPlan, summary: WorkstreamSummary) -> list[str]:
    """List the pull requests that hold these units up."""
    needed = {slug for unit in blocked for slug in unit.depends_on}
    reports = (_report(unit, summary) for unit in plan.units if unit.slug in needed)
    return [f"#{report.pull_request}" for report in reports if report.pull_request and not report.landed]


def _told(unit: Unit, report: UnitReport) -> str:
    proposed = f", in #{report.pull_request}" if report.pull_request else ""
    merged = " (merged)" if report.landed and report.pull_request else ""
    reason = report.outcome.reason if report.outcome and report.status is not UnitStatus.DONE else report.waiting
    return f"#{unit.number} {unit.title}: {report.status}{proposed}{merged}{f': {reason}' if reason else ''}"


def _report(unit: Unit, summary: WorkstreamSummary) -> UnitReport:
    return next((report for report in summary.units if report.slug == unit.slug), UnitReport(unit.slug))


def _numbers(units: Iterable[Unit]) -> str:
    return _and([f"#{unit.number}" for unit in units])


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
