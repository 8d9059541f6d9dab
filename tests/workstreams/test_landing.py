"""Which unit may begin, and what becomes of the others, when issues and pull requests are closed. Pure."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from workflows import project_words
from workflows.closing_watch import Closing
from workflows.dag import in_order
from workflows.model import Ending, Outcome, Source, Spent
from workflows.model.workstreams import Unit, UnitReport, UnitStatus, WorkstreamPlan, WorkstreamSummary
from workflows.workstream_memory import UnitMemory, WorkstreamMemory

NUMBERS = {"core": 11, "docs": 12, "cli": 13, "release": 14}
GRAPH: dict[str, tuple[str, ...]] = {"core": (), "docs": (), "cli": ("core",), "release": ("core", "docs")}
PULLS = {"core": 21, "docs": 22}


def plan() -> WorkstreamPlan:
    """Make a project of four parts."""
    units = tuple(Unit(slug, slug.title(), "Do it.", needs, NUMBERS[slug]) for slug, needs in GRAPH.items())
    return WorkstreamPlan("plan", Source(1, 2), units)


def proposed(*slugs: str) -> WorkstreamMemory:
    """Make a project in which these parts have pull requests."""
    memory = WorkstreamMemory.of(plan())
    for slug in slugs:
        begin(memory, slug)
        unit(memory, slug).end(UnitReport(slug, UnitStatus.DONE, 1, branch=slug, pull_request=PULLS[slug]))
    return memory


def begin(memory: WorkstreamMemory, *slugs: str) -> None:
    """Let units run."""
    for slug in slugs:
        unit(memory, slug).report = UnitReport(slug, UnitStatus.RUNNING, 1)


def unit(memory: WorkstreamMemory, slug: str) -> UnitMemory:
    """Find a unit."""
    found = memory.find(slug)
    assert found
    return found


def startable(memory: WorkstreamMemory) -> list[str]:
    """List what may begin."""
    memory.settle()
    return [each.unit.slug for each in memory.startable()]


def statuses(memory: WorkstreamMemory) -> dict[str, UnitStatus]:
    """Show where each unit is."""
    memory.settle()
    return {each.unit.slug: each.status for each in memory.units}


def summary(memory: WorkstreamMemory) -> WorkstreamSummary:
    """Show the units to others."""
    return memory.summary(datetime.now(UTC))


def test_one_dependency_is_built_upon_before_it_is_merged() -> None:
    """A proposal is enough for the one that is stacked on it, and not for the one that needs two."""
    assert startable(proposed()) == ["core", "docs"]
    assert startable(proposed("core", "docs")) == ["cli"]


def test_several_dependencies_are_waited_for_until_all_have_landed() -> None:
    """Merging one of two pull requests changes nothing yet."""
    memory = proposed("core", "docs")
    memory.close(Closing(21, merged=True))
    assert startable(memory) == ["cli"]
    memory.close(Closing(22, merged=True))
    assert startable(memory) == ["cli", "release"]


def test_what_had_nothing_to_do_has_landed() -> None:
    """Where there is no pull request, nobody waits for its merge."""
    memory = proposed("core")
    begin(memory, "docs")
    unit(memory, "docs").end(UnitReport("docs", UnitStatus.DONE, 1))
    memory.close(Closing(21, merged=True))
    assert "release" in startable(memory)


def test_a_rejected_pull_request_fails_its_unit_and_skips_what_waits() -> None:
    """Merged work can not be rejected any more, and a late word about an old pull request is none."""
    memory = proposed("core", "docs")
    memory.close(Closing(22))
    assert statuses(memory) == {
        "core": UnitStatus.DONE,
        "docs": UnitStatus.FAILED,
        "cli": UnitStatus.WAITING,
        "release": UnitStatus.SKIPPED,
    }
    memory.close(Closing(21, merged=True))
    memory.close(Closing(21))
    assert unit(memory, "core").status is UnitStatus.DONE


def test_what_a_unit_has_cost_is_the_sum_of_its_attempts() -> None:
    """Who runs a failed part again pays for both."""
    memory = proposed()
    core, now = unit(memory, "core"), datetime.now(UTC)
    for attempt, usd in ((1, 0.5), (2, 0.25)):
        core.wait_again()
        core.begin(now)
        core.end(UnitReport("core", UnitStatus.FAILED, attempt, spent=Spent(usd=usd)))
    assert core.report.spent == Spent(usd=0.75)


def test_closing_an_issue_settles_its_part_in_whatever_state() -> None:
    """Waiting, failed, or skipped because of another: it is done, and what was skipped waits again."""
    memory = proposed("core", "docs")
    memory.close(Closing(22))
    assert statuses(memory)["release"] is UnitStatus.SKIPPED
    memory.close(Closing(12))
    memory.close(Closing(11))
    assert startable(memory) == ["cli", "release"]
    memory.close(Closing(14))
    assert unit(memory, "release").report.landed


def test_closing_the_issue_of_a_running_part_ends_it_well() -> None:
    """Its agent is told to stop, and however its attempt ends, nobody waits for it."""
    memory = proposed("core")
    begin(memory, "docs")
    unit(memory, "docs").child = "a workflow"
    memory.close(Closing(12))
    [(told, order)] = memory.untold()
    assert (told.unit.slug, order.reason) == ("docs", "#12 was closed")
    cancelled = Outcome(Ending.CANCELLED, order.reason)
    unit(memory, "docs").end(UnitReport("docs", UnitStatus.CANCELLED, 1, outcome=cancelled))
    assert unit(memory, "docs").has_landed


def test_a_part_whose_issue_is_gone_is_cancelled() -> None:
    """Deleting is not the same as closing: what depends on it is skipped."""
    memory = proposed("docs")
    memory.close(Closing(11, gone=True))
    assert statuses(memory)["core"] is UnitStatus.CANCELLED
    assert statuses(memory)["cli"] is UnitStatus.SKIPPED


def test_a_retry_may_name_one_unit() -> None:
    """Only that runs again, and with it what was skipped because of it alone."""
    memory = proposed("core", "docs")
    memory.close(Closing(21))
    memory.close(Closing(22))
    memory.settle()
    memory.retry(("core",))
    assert statuses(memory) == {
        "core": UnitStatus.WAITING,
        "docs": UnitStatus.FAILED,
        "cli": UnitStatus.WAITING,
        "release": UnitStatus.SKIPPED,
    }


def test_every_item_is_watched_once_for_as_long_as_it_matters() -> None:
    """The issues from the start, a pull request while it is open; one that was closed may be opened again."""
    memory = proposed("core")
    core = unit(memory, "core")
    assert core.to_watch == (11, 21)
    core.watched = core.to_watch
    assert core.to_watch == ()
    memory.close(Closing(21))
    assert core.to_watch == ()
    core.report = UnitReport("core", UnitStatus.DONE, 2, pull_request=21)
    assert core.to_watch == (21,)
    memory.close(Closing(11))
    assert core.to_watch == ()


def test_waiting_says_for_what_and_who_can_end_it() -> None:
    """First the merges that hold something up, then what failed; nothing while something is built."""
    memory = proposed("core", "docs")
    assert "building" not in project_words.standing(plan(), summary(memory))
    begin(memory, "cli")
    assert project_words.standing(plan(), summary(memory)) == "2 of 4 parts done; building #13"
    assert project_words.waiting(plan(), summary(memory)) == ""
    unit(memory, "cli").end(UnitReport("cli", UnitStatus.FAILED, 1))
    words = "It waits until #21 and #22 are merged, by somebody with write permission; then #14 begins"
    assert project_words.waiting(plan(), summary(memory)) == words
    memory.close(Closing(14))
    assert project_words.waiting(plan(), summary(memory)).startswith("#13 failed: `/aidp retry` runs")


def test_the_end_is_done_only_if_all_parts_are() -> None:
    """Else it counts and names what is missing, and says what to do."""
    memory = proposed("core", "docs")
    memory.close(Closing(13))
    memory.close(Closing(14))
    ended = project_words.outcome(plan(), summary(memory))
    assert (ended.ending, ended.reason) == (Ending.DONE, "all 4 parts are done: #21 and #22")
    memory = proposed("core", "docs")
    memory.close(Closing(22))
    begin(memory, "cli")
    unit(memory, "cli").end(UnitReport("cli", UnitStatus.FAILED, 1))
    memory.settle()
    ended = project_words.outcome(plan(), summary(memory))
    assert (ended.ending, ended.reason) == (
        Ending.GAVE_UP,
        "1 of 4 parts are done; failed: #12 and #13; skipped: #14",
    )
    assert "/aidp retry" in ended.advice


def test_parts_are_named_by_slug_or_number() -> None:
    """As people write them; what names nothing is nothing."""
    assert project_words.named(plan(), ["#12", "`cli`,", "14", "nobody"]) == ("docs", "cli", "release")


@given(st.permutations(list(GRAPH)))
def test_an_order_puts_each_behind_what_it_needs(order: list[str]) -> None:
    """However the parts are listed."""
    units = {each.slug: each for each in plan().units}
    slugs = [each.slug for each in in_order([units[slug] for slug in order])]
    assert sorted(slugs) == sorted(GRAPH)
    assert all(slugs.index(need) < slugs.index(slug) for slug in slugs for need in GRAPH[slug])
