"""Checks of our pull requests that turned red after everybody had stopped looking, and no webhook told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pull_kit import Pull, check
from reconcile_scene import Scene, paths
from story_kit import CONFIG, script, until

NO_FIX = "ci: {settle_seconds: 0.3}\n"
FIX = "ci: {fix: true, attempts: 1, settle_seconds: 0.3}\n"
BUILT = script("echo right > answer.txt; echo 'STATUS: COMPLETE'")
REPAIR = "echo right >> answer.txt; echo 'STATUS: COMPLETE'"
USELESS = "echo 'STATUS: COMPLETE'"
LATER = timedelta(minutes=2)
"""After which nothing counts as just written any more."""
RED = "a check of it has failed"


async def pulled(scene: Scene, repair: str, ci: str = FIX) -> Pull:
    """Have a pull request of ours whose CI was waited for: none was heard of."""
    files = {".aidp/aidp.yml": CONFIG + ci, "README.md": "Read me.\n", "obey.txt": script(repair)}
    await scene.github.push(scene.story.repository, "main", files)
    number = await scene.story.ask(BUILT)
    await scene.reconcile()
    await scene.story.ending(number, "Done")
    pull = Pull(scene.story, (await until(scene.story.pull_requests))[0].number)
    if ci == FIX:
        await pull.end_of("fix-ci", "no CI ran")
    await scene.reconcile()
    return pull


async def test_a_check_that_turned_red_and_nobody_told_of_is_repaired(scene: Scene) -> None:
    """The next look has it repaired; the look after that finds nothing."""
    pull = await pulled(scene, REPAIR)
    before = pull.head_sha
    await check(pull, "failure")
    assert scene.found(await scene.reconcile()) == [f"#{pull.number} {RED}"]
    await until(lambda: pull.head_sha != before)
    await pull.end_of("fix-ci", "no CI ran")
    assert await pull.file("answer.txt") == "right\nright\n"
    assert scene.found(await scene.reconcile()) == []


async def test_what_stays_red_is_found_once_and_a_further_check_again(scene: Scene) -> None:
    """What nobody could repair is no news at any later look, and costs it nothing; another check is another matter."""
    pull = await pulled(scene, USELESS)
    await check(pull, "failure")
    assert scene.found(await scene.reconcile()) == [f"#{pull.number} {RED}"]
    assert "`late`" in await pull.end_of("fix-ci", "Gave up")
    assert scene.found(await scene.reconcile()) == []
    await check(pull, "failure", "other")
    assert scene.found(await scene.reconcile()) == [f"#{pull.number} {RED}"]
    await pull.ending("`other`")


async def test_work_that_nobody_asked_for_says_so(scene: Scene, tmp_path: Path) -> None:
    """A look has found why; nobody is named."""
    gate = tmp_path / "gate"
    pull = await pulled(scene, f"touch {gate}.begun; until test -e {gate}; do sleep 0.1; done; {USELESS}")
    await check(pull, "failure")
    await scene.reconcile()
    await until(gate.with_suffix(".begun").exists)
    assert scene.found(await scene.reconcile()) == []
    await pull.say("/aidp status")
    await scene.reconcile()
    answer = await pull.story.answered(pull.number, "`fix-ci`")
    gate.touch()
    await pull.ending("Gave up")
    assert "asked for by" not in answer


async def test_a_red_check_that_a_webhook_told_of_is_not_found(scene: Scene) -> None:
    """What was repaired, or looked at in vain, is nothing that was lost."""
    pull = await pulled(scene, USELESS)
    async with scene.open_door():
        await check(pull, "failure")
        await pull.end_of("fix-ci", "Gave up")
        await pull.story.until_free(pull.number)
    assert scene.found(await scene.reconcile()) == []


async def test_a_red_check_is_told_of_only_where_it_is_to_be_repaired(scene: Scene) -> None:
    """Elsewhere nobody asked for it, and what stays red costs no look a call."""
    pull = await pulled(scene, USELESS, NO_FIX)
    repository = scene.story.repository
    for issue in list(repository.issues.values()):
        repository.issues[issue.number] = replace(issue, updated_at=issue.updated_at - LATER)
    repository.pushes[:] = [time - LATER for time in repository.pushes]
    for _ in range(2):
        await scene.reconcile()
    await check(pull, "failure")
    assert scene.found(await scene.reconcile()) == []
    async with scene.counting() as calls:
        await scene.reconcile()
    assert paths(calls) == ["POST /graphql"]


async def test_our_own_check_is_no_news(scene: Scene) -> None:
    """That work of ours has failed was told where it did."""
    pull = await pulled(scene, USELESS)
    await check(pull, "failure", "aidp", scene.github.world.app)
    assert scene.found(await scene.reconcile()) == []
    await check(pull, "failure")
    assert scene.found(await scene.reconcile()) == [f"#{pull.number} {RED}"]
    await pull.ending("`late`")
