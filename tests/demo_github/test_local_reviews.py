"""Reviews: what people and the App say about lines, and what becomes of it."""

import difflib

import pytest
from githubkit.webhooks import parse_obj
from hypothesis import given
from hypothesis import strategies as st
from local_scene import Scene

from github_app.demo.github import PullDraft, Remark, ReviewDraft
from github_app.demo.github.hunks import moved

PULL = "/repos/acme/calc/pulls/2"
REVIEWS = f"{PULL}/reviews"
LONG = "".join(f"LINE_{number} = {number}\n" for number in range(1, 31))
NOT_IN_DIFF = (
    "Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank"
)


async def pull(scene: Scene, by: str = "ada") -> None:
    """Open #2: it adds one line in the middle of a long file, and a small file."""
    await scene.github.push(scene.repo, "main", {"long.py": LONG})
    await scene.github.push(scene.repo, "work", {"long.py": LONG.replace("LINE_15 =", "MIDDLE ="), "new.py": "A\nB\n"})
    await scene.github.open_pull_request(scene.repo, PullDraft("Work", "work", "main"), by=by)


async def test_a_persons_review_is_told_with_each_of_its_comments(scene: Scene) -> None:
    """`pull_request_review` first, its state in small letters; then one webhook per comment; REST shows the same."""
    await pull(scene)
    remarks = (Remark("long.py", 15, "Why?"), Remark("new.py", 2, "Both?", start_line=1))
    review = await scene.github.review(scene.repo, 2, ReviewDraft("REQUEST_CHANGES", "Not yet", remarks), by="bob")
    await scene.github.settle()
    said = [event for event in scene.mailbox.events if event.startswith("pull_request_review")]
    assert said == ["pull_request_review.submitted", *["pull_request_review_comment.created"] * 2]
    told = scene.mailbox.last("pull_request_review.submitted")
    assert (told["review"]["state"], told["review"]["user"]["login"]) == ("changes_requested", "bob")
    assert told["pull_request"]["number"] == 2
    [shown] = (await scene.request("GET", REVIEWS)).json()
    assert (shown["id"], shown["state"], shown["body"]) == (review.id, "CHANGES_REQUESTED", "Not yet")
    comments = (await scene.request("GET", f"{REVIEWS}/{review.id}/comments")).json()
    assert [(it["path"], it["line"], it["start_line"]) for it in comments] == [("long.py", 15, None), ("new.py", 2, 1)]
    assert scene.mailbox.last("pull_request_review_comment.created")["comment"] == comments[1]
    assert comments[0]["diff_hunk"].splitlines()[-1] == "+MIDDLE = 15"


async def test_the_webhooks_of_reviews_have_githubs_shape(scene: Scene) -> None:
    """Githubkit reads each of them."""
    await pull(scene)
    review = await scene.github.review(scene.repo, 2, ReviewDraft("APPROVE", "", (Remark("new.py", 1, "a"),)), "bob")
    bob = scene.github.reviewing(scene.repo, "bob")
    bob.edit(review.id, "fine")
    bob.dismiss(review.id)
    bob.resolve(next(iter(scene.repo.threads)))
    await scene.github.settle()
    told = [it for it in scene.mailbox.letters if it.event.startswith("pull_request_review")]
    assert len(told) == 5
    for letter in told:
        parse_obj(letter.headers["x-github-event"], letter.json)


BAD_REMARKS: list[tuple[dict[str, object], str]] = [
    ({"path": "long.py", "line": 5}, NOT_IN_DIFF),
    ({"path": "nowhere.py", "line": 1}, "path is invalid"),
    ({"path": "new.py", "line": 1, "side": "LEFT"}, NOT_IN_DIFF),
    ({"path": "new.py", "line": 1, "start_line": 2}, "start line must precede the end line"),
    ({"path": "long.py", "line": 15, "start_line": 3}, "start line must be part of the same hunk as the line"),
]


@pytest.mark.parametrize(("remark", "said"), BAD_REMARKS)
async def test_a_comment_beside_the_difference_refuses_the_whole_review(
    scene: Scene, remark: dict[str, object], said: str
) -> None:
    """422 in GitHub's words; one bad comment is enough, and nothing is left of the good ones."""
    await pull(scene)
    remarks = [{"path": "new.py", "line": 1, "body": "fine"}, remark | {"body": "x"}]
    answer = await scene.request("POST", REVIEWS, json={"event": "COMMENT", "body": "Look", "comments": remarks})
    assert (answer.status_code, answer.json()["message"]) == (422, "Unprocessable Entity")
    assert said in answer.json()["errors"][0]
    assert (await scene.request("GET", REVIEWS)).json() == []
    assert not scene.repo.review_comments


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        ({"event": "REQUEST_CHANGES", "body": "no"}, "Review Can not request changes on your own pull request"),
        ({"event": "APPROVE"}, "Review Can not approve your own pull request"),
        ({"event": "COMMENT"}, "Body can't be blank"),
        ({"event": "COMMENT", "body": "x", "commit_id": "0" * 40}, "The commit_id is not part of the pull request"),
    ],
)
async def test_nobody_judges_their_own_work_or_says_nothing(scene: Scene, draft: dict[str, str], said: str) -> None:
    """422, as on GitHub."""
    await pull(scene, by="aidp[bot]")
    answer = await scene.request("POST", REVIEWS, json=draft)
    assert (answer.status_code, answer.json()["errors"]) == (422, [said])


async def test_the_app_reviews_and_replies(scene: Scene) -> None:
    """Its comment is answered by a person, and it answers; the thread keeps its first comment's id."""
    await pull(scene)
    remark = {"path": "new.py", "line": 2, "side": "RIGHT", "body": "B?"}
    await scene.request("POST", REVIEWS, json={"event": "COMMENT", "body": "Look", "comments": [remark]})
    [first] = (await scene.request("GET", f"{PULL}/comments")).json()
    scene.github.reviewing(scene.repo, "ada").reply(2, first["id"], "Yes, B.")
    answer = await scene.request("POST", f"{PULL}/comments/{first['id']}/replies", json={"body": "Fine."})
    assert (answer.status_code, answer.json()["in_reply_to_id"]) == (201, first["id"])
    said = (await scene.request("GET", "/repos/acme/calc/pulls/comments")).json()
    assert [(it["user"]["login"], it["body"]) for it in said] == [
        ("aidp[bot]", "B?"),
        ("ada", "Yes, B."),
        ("aidp[bot]", "Fine."),
    ]
    to_reply = await scene.request("POST", f"{PULL}/comments/{said[1]['id']}/replies", json={"body": "?"})
    assert to_reply.status_code == 404


async def test_a_comment_moves_with_its_lines_and_is_outdated_when_they_change(scene: Scene) -> None:
    """Lines above push it down; a change of the line itself leaves it without a line."""
    await pull(scene)
    await scene.github.review(scene.repo, 2, ReviewDraft(comments=(Remark("new.py", 2, "B?"),)), by="bob")
    [before] = (await scene.request("GET", f"{PULL}/comments")).json()
    head = await scene.github.push(scene.repo, "work", {"new.py": "0\nA\nB\n"}, by="ada")
    [down] = (await scene.request("GET", f"{PULL}/comments")).json()
    await scene.github.push(scene.repo, "work", {"new.py": "0\nA\nC\n"}, by="ada")
    [outdated] = (await scene.request("GET", f"{PULL}/comments")).json()
    assert (before["line"], down["line"], down["commit_id"]) == (2, 3, head)
    assert (outdated["line"], outdated["position"], outdated["original_line"]) == (None, None, 2)


async def test_a_review_without_an_event_is_seen_by_its_author_only_until_it_is_submitted(scene: Scene) -> None:
    """It is told when it is submitted."""
    await pull(scene)
    await scene.github.review(scene.repo, 2, ReviewDraft("", "Later"), by="bob")
    mine = (await scene.request("POST", REVIEWS, json={"body": "Soon"})).json()
    assert [it["state"] for it in (await scene.request("GET", REVIEWS)).json()] == ["PENDING"]
    await scene.github.settle()
    assert "pull_request_review.submitted" not in scene.mailbox.events
    await scene.request("POST", f"{REVIEWS}/{mine['id']}/events", json={"event": "COMMENT"})
    await scene.github.settle()
    assert scene.mailbox.last("pull_request_review.submitted")["review"]["body"] == "Soon"


async def test_reviews_need_the_permission_for_pull_requests(scene: Scene) -> None:
    """`issues:write` does not review."""
    await pull(scene)
    token = await scene.token(permissions={"issues": "write"})
    draft = {"event": "COMMENT", "body": "hi"}
    assert (await scene.request_as(token, "POST", REVIEWS, json=draft)).status_code == 403


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8), st.integers(1, 9))
def test_a_line_that_moved_says_the_same(before: list[str], after: list[str], number: int) -> None:
    """Wherever a patch takes a line, the line is there, word for word."""
    body = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    now = moved("\n".join(body), number)
    if now and number <= len(before):
        assert after[now - 1] == before[number - 1]
