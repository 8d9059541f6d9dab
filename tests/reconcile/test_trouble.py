"""GitHub's trouble with one repository or installation, which is no other's."""

from datetime import UTC, datetime

from reconcile_scene import Scene
from story_kit import PERSON, script

from github_app.demo.github.faults import Fault, Kind, When, Where
from workflows.model.reconciling import Covered, Finding, Known, Quota, Reachable, Reconciled
from workflows.model.repositories import RepositoryAddress
from workflows.reconcile import MOST_FINDINGS, foremost, remembered

RIGHT = "echo right > answer.txt; echo 'STATUS: COMPLETE'"
GRAPH = Where("POST", "/graphql$")
ATTEMPTS = 3
MANY = 10


async def test_an_installation_at_its_limit_holds_up_no_other(scene: Scene) -> None:
    """The run ends, says what was not looked at, and has looked at everything else."""
    other = scene.github.add_repository("limited-owner", "calc", files={"a": "a"})
    await scene.reconcile()
    issue = await scene.github.create_issue(other, other.owner.login, "New", "so that REST is asked too")
    await scene.github.comment(other, issue.number, other.owner.login, "/aidp help")
    scene.github.faults.add(Fault(Kind.PRIMARY_LIMIT, Where("GET", f"/repos/{other.full_name}/"), seconds=1800))
    number = await scene.story.ask(script(RIGHT))
    found = await scene.reconcile()
    again = await scene.reconcile()
    await scene.story.ending(number, "Done")
    assert scene.found(found) == [f"#{number} `aidp-build` was put on by {PERSON}"]
    where = f"1 repositories of installation {scene.github.installing.find(other.owner).id}"
    for reconciled in (found, again):
        assert [it.where for it in reconciled.findings if it.what.startswith("not looked at: GitHub")] == [where]


async def test_a_repository_that_github_can_not_show_holds_up_no_other(scene: Scene) -> None:
    """A query that always fails is asked for fewer, down to the one that it fails for; that is said, and no more."""
    other = scene.github.add_repository(scene.owner, "other", files={"a": "a"})
    scene.github.set_permission(other, PERSON, "write")
    await scene.reconcile()
    issue = await scene.github.create_issue(other, PERSON, "Plain", "")
    await scene.github.label_issue(other, issue.number, "aidp-fix-ci", by=PERSON)
    scene.github.faults.add(Fault(Kind.BAD_GATEWAY, GRAPH, When(count=2 * ATTEMPTS)))
    found = await scene.reconcile()
    assert [it.split(":")[0] for it in scene.found(found)] == [" could not be looked at"]
    assert f"{other.full_name}#{issue.number}" in {it.where for it in found.findings}
    assert len(found.installations[0].repositories) == 2
    assert scene.found(await scene.reconcile()) == []


async def test_an_outage_is_not_asked_about_each_repository(scene: Scene) -> None:
    """After some failures in a row nothing more is asked; what was not looked at comes first the next time."""
    added = [scene.github.add_repository(scene.owner, f"r{number}", files={"a": "a"}) for number in range(MANY - 1)]
    await scene.reconcile()
    outage = Fault(Kind.BAD_GATEWAY, GRAPH, When(count=None))
    scene.github.faults.add(outage)
    found = await scene.reconcile()
    asked = scene.github.faults.withdraw(outage)
    assert asked == 12 * ATTEMPTS
    assert found.findings[-1].where.startswith("2 repositories of installation")
    assert "GitHub has trouble" in found.findings[-1].what
    assert found.installations[0].repositories[0].repository.name == added[-2].full_name
    assert len((await scene.reconcile()).installations[0].repositories) == MANY


async def test_an_installation_that_can_not_be_listed_holds_up_no_other(scene: Scene) -> None:
    """It is said; the others are looked at."""
    other = scene.github.add_repository("unlisted-owner", "calc", files={"a": "a"})
    number = await scene.story.ask(script(RIGHT))
    scene.github.faults.add(Fault(Kind.BAD_GATEWAY, Where("GET", "/installation/repositories"), When(nth=2)))
    found = await scene.reconcile()
    await scene.story.ending(number, "Done")
    assert scene.found(found) == [f"#{number} `aidp-build` was put on by {PERSON}"]
    where = f"installation {scene.github.installing.find(other.owner).id}"
    assert [it.where for it in found.findings if "could not be listed" in it.what] == [where]


async def test_what_can_not_be_listed_at_all_is_asked_for_again(scene: Scene) -> None:
    """The run ends, and the next one lists, as soon as it may."""
    number = await scene.story.ask(script(RIGHT))
    scene.github.faults.add(Fault(Kind.SECONDARY_LIMIT, Where("GET", "/app/installations$"), seconds=1))
    found = await scene.reconcile()
    assert ["could not be listed" in it.what for it in found.findings] == [True]
    while ["could not be listed" in it.what for it in found.findings] == [True]:
        found = await scene.reconcile()
    assert scene.found(found) == [f"#{number} `aidp-build` was put on by {PERSON}"]
    await scene.story.ending(number, "Done")


def test_what_is_known_of_an_installation_that_can_not_be_listed_stands() -> None:
    """It is listed again within the hour, not after a day."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    known = Covered(7, (Known(Reachable(RepositoryAddress(7, 42), "R_1", "octo-org/calc"), seen="then"),), Quota(5000))
    after = remembered(Reconciled((known,)), (Covered(7, flaw="GitHub has trouble"), Covered(8)), now)
    assert after.installations == (known, Covered(8))
    assert after.listed_at == "2026-02-28T13:00:00+00:00"
    assert [it.what for it in after.findings] == ["could not be listed: GitHub has trouble"]


def test_no_more_is_told_than_people_can_bear() -> None:
    """It is said how much more there was."""
    found = tuple(Finding(f"octo-org/{number}", "lost") for number in range(MOST_FINDINGS + 7))
    assert foremost(found) == (*found[:MOST_FINDINGS], Finding("elsewhere", "7 more"))
    assert foremost(found[:MOST_FINDINGS]) == found[:MOST_FINDINGS]
