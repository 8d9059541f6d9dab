"""Check runs of the App: their remarks and buttons, and what people press."""

import pytest
from githubkit.webhooks import parse_obj
from local_scene import Scene

RUNS = "/repos/acme/calc/check-runs"
SUITES = "/repos/acme/calc/check-suites"
STOP = {"label": "Stop", "identifier": "stop", "description": "Stop the work on this"}
REMARK = {"path": "calc.py", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "One?"}


def output(remarks: int) -> dict[str, object]:
    """Make an output with that many remarks."""
    return {"title": "Looked", "summary": "At it", "annotations": [REMARK] * remarks}


async def created(scene: Scene, **more: object) -> int:
    """Let the App create a check run for main."""
    answer = await scene.request("POST", RUNS, json={"name": "aidp", "head_sha": "main"} | more)
    assert answer.status_code == 201
    return answer.json()["id"]


async def test_a_button_is_told_to_the_app_with_who_pressed_it(scene: Scene) -> None:
    """`requested_action` carries the identifier; a button that is not offered is not pressed."""
    run = await created(scene, actions=[STOP], external_id="loop:1")
    scene.github.buttons(scene.repo, "ada").press(run, "stop")
    await scene.github.settle()
    told = scene.mailbox.last("check_run.requested_action")
    assert (told["requested_action"], told["sender"]["login"]) == ({"identifier": "stop"}, "ada")
    assert (told["check_run"]["id"], told["check_run"]["external_id"]) == (run, "loop:1")
    parse_obj("check_run", told)
    with pytest.raises(Exception, match="Validation Failed"):
        scene.github.buttons(scene.repo).press(run, "go")


async def test_a_check_of_the_app_is_asked_for_again(scene: Scene) -> None:
    """The run or its suite; by a person, or over REST."""
    run = await created(scene, conclusion="failure")
    suite = scene.repo.check_runs[run].suite_id
    scene.github.buttons(scene.repo, "ada").rerequest(run)
    shown = (await scene.request("GET", f"{SUITES}/{suite}")).json()
    assert (shown["status"], scene.repo.check_runs[run].status) == ("queued", "completed")
    scene.github.buttons(scene.repo, "ada").rerequest_suite(suite)
    assert (await scene.request("POST", f"{RUNS}/{run}/rerequest")).status_code == 201
    await scene.github.settle()
    assert scene.mailbox.events[-3:] == ["check_run.rerequested", "check_suite.rerequested", "check_run.rerequested"]


async def test_a_check_of_the_ci_is_really_done_again(scene: Scene) -> None:
    """A person presses "Re-run", and the CI runs once more."""
    sha = await scene.github.push(scene.repo, "work", {"new.py": "\n"})
    await scene.github.settle()
    [run] = scene.github.check_runs(scene.repo, sha)
    scene.github.buttons(scene.repo, "ada").rerequest_suite(run.suite_id)
    await scene.github.settle()
    assert [it.conclusion for it in scene.github.check_runs(scene.repo, sha)] == ["success", "success"]


async def test_remarks_add_up(scene: Scene) -> None:
    """Fifty at a time, and each update adds its own."""
    run = await created(scene, output=output(50))
    await scene.request("PATCH", f"{RUNS}/{run}", json={"output": output(1)})
    shown = (await scene.request("GET", f"{RUNS}/{run}")).json()
    listed = (await scene.request("GET", f"{RUNS}/{run}/annotations", params={"per_page": 100})).json()
    assert (shown["output"]["annotations_count"], len(listed)) == (51, 51)
    assert (listed[0]["path"], listed[0]["message"]) == ("calc.py", "One?")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"actions": [STOP] * 4}, "No more than 3 items are allowed; 4 were supplied."),
        ({"actions": [STOP | {"label": "x" * 21}]}, "label is too long (maximum is 20 characters)"),
        ({"actions": [STOP | {"identifier": "x" * 21}]}, "identifier is too long (maximum is 20 characters)"),
        ({"actions": [STOP | {"description": "x" * 41}]}, "description is too long (maximum is 40 characters)"),
        ({"actions": [{"label": "Stop"}]}, "identifier wasn't supplied."),
        ({"output": output(51)}, "No more than 50 items are allowed; 51 were supplied."),
        ({"output": {"title": "Only"}}, "summary wasn't supplied."),
        ({"output": {"summary": "x" * 65_536}}, "summary exceeds a maximum bytesize of 65535"),
        (
            {"output": {"summary": "x", "annotations": [{"path": "a"}]}},
            "start_line, end_line, annotation_level, message",
        ),
        ({"output": {"summary": "x", "annotations": [REMARK | {"annotation_level": "bad"}]}}, "bad is not a member of"),
    ],
)
async def test_what_is_too_much_for_a_check_is_refused(scene: Scene, more: dict[str, object], said: str) -> None:
    """422 names the limit, and there is no check."""
    answer = await scene.request("POST", RUNS, json={"name": "aidp", "head_sha": "main"} | more)
    assert answer.status_code == 422
    assert said in answer.json()["message"]
    assert not scene.repo.check_runs
