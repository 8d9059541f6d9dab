"""The CI of the local GitHub really runs what was pushed."""

from local_scene import Scene

from github_app.demo.github import PullDraft


async def test_a_good_commit_is_green(scene: Scene) -> None:
    """The suite is requested, the run is created and completed, the suite is completed."""
    sha = await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.settle()
    [run] = scene.github.check_runs(scene.repo, sha)
    assert (run.status, run.conclusion, run.output["title"]) == ("completed", "success", "Passed")
    told = [event for event in scene.mailbox.events if event.startswith("check")]
    assert told == ["check_suite.requested", "check_run.created", "check_run.completed", "check_suite.completed"]
    assert scene.mailbox.last("check_suite.completed")["check_suite"]["conclusion"] == "success"


async def test_a_bad_commit_is_red_and_says_why(scene: Scene) -> None:
    """The run carries the exit code and the output, and names the pull request."""
    scene.github.add_repository("acme", "red", files={"test.sh": "echo 1 failed; exit 3\n"}, ci="sh test.sh")
    await scene.github.push("acme/red", "work", {"a": "a"})
    await scene.github.open_pull_request("acme/red", PullDraft("Work", "work", "main"))
    await scene.github.settle()
    await scene.github.push("acme/red", "work", {"b": "b"})
    await scene.github.settle()
    told = scene.mailbox.last("check_run.completed")["check_run"]
    assert (told["conclusion"], told["app"]["slug"]) == ("failure", "github-actions")
    assert told["output"]["summary"] == "`sh test.sh`: Failed with exit code 3"
    assert "1 failed" in told["output"]["text"]
    assert [pull["number"] for pull in told["pull_requests"]] == [1]


async def test_ci_tests_the_commit_and_not_what_came_after(scene: Scene) -> None:
    """Two pushes in a row get two verdicts."""
    bad = await scene.github.push(scene.repo, "work", {"calc.py": None})
    good = await scene.github.push(scene.repo, "work", {"calc.py": "ONE = 1\n"})
    await scene.github.settle()
    verdicts = [scene.github.check_runs(scene.repo, sha)[0].conclusion for sha in (bad, good)]
    assert verdicts == ["failure", "success"]


async def test_ci_sees_nothing_of_this_process(scene: Scene) -> None:
    """Its environment is a path, a home and `CI`."""
    repo = scene.github.add_repository("acme", "env", files={"a": "a"}, ci="env | cut -d= -f1 | sort | tr '\\n' ' '")
    sha = await scene.github.push(repo, "work", {"b": "b"})
    await scene.github.settle()
    [run] = scene.github.check_runs(repo, sha)
    assert set(run.output["text"].strip("`\n ").split()) <= {"CI", "HOME", "LC_ALL", "PATH", "PWD"}


async def test_an_app_does_not_change_the_checks_of_another(scene: Scene) -> None:
    """The verdict of the CI is the CI's."""
    sha = await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.settle()
    [run] = scene.github.check_runs(scene.repo, sha)
    answer = await scene.request("PATCH", f"/repos/acme/calc/check-runs/{run.id}", json={"conclusion": "neutral"})
    assert answer.status_code == 403
    assert scene.github.check_runs(scene.repo, sha) == [run]
