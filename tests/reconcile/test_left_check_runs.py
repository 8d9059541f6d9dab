"""A check run that nobody would ever conclude is concluded with the work that has left it."""

from pathlib import Path

from reconcile_scene import Scene
from story_kit import PERSON, until

from github_app.demo.github.merging import PullDraft
from github_app.demo.github.model import CheckRun

SLOW = '@review\nwhile ! test -e {gate}; do sleep 0.1; done; echo \'{{"summary": "Fine.", "findings": []}}\'\n@end\n'
BRANCH = "feature"


async def test_the_check_run_of_terminated_work_is_cancelled(scene: Scene, tmp_path: Path) -> None:
    """It is over, says why, and its button starts the work again."""
    github, repository = scene.github, scene.story.repository
    await github.push(repository, BRANCH, {"answer.txt": "right\n"}, PERSON)
    body = SLOW.format(gate=tmp_path / "gate")
    pull = await github.open_pull_request(repository, PullDraft("A feature", BRANCH, "main", body), PERSON)
    await scene.story.label(pull.number, label="aidp-review")
    await scene.reconcile()

    def ours() -> CheckRun | None:
        assert pull.pull
        return next((run for run in github.check_runs(repository, pull.pull.head_sha) if run.name == "aidp"), None)

    await until(lambda: (run := ours()) and run.status == "in_progress")
    await scene.temporal.get_workflow_handle(f"review:{repository.id}#{pull.number}").terminate()
    await scene.reconcile()
    await scene.story.ending(pull.number, "ended from outside")
    await until(lambda: (run := ours()) and run.status == "completed")
    (tmp_path / "gate").touch()
    run = ours()
    assert run
    assert (run.conclusion, run.output["title"]) == ("cancelled", "it was ended from outside")
    assert [action["identifier"] for action in run.actions] == ["retry"]
