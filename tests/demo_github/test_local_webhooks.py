"""Webhooks: signed, in order, logged, and sent again when asked."""

import hashlib
import hmac

from local_scene import Mailbox, Scene

from github_app.demo.github import LocalGitHub


async def test_a_webhook_is_signed_and_addressed_as_githubs_are(scene: Scene) -> None:
    """The signature is over the bytes that arrive; the headers say what, which and for whom."""
    letter = scene.mailbox.letters[-1]
    secret = scene.github.world.app.webhook_secret.encode()
    headers = letter.headers
    assert headers["x-hub-signature-256"] == "sha256=" + hmac.new(secret, letter.body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature"] == "sha1=" + hmac.new(secret, letter.body, hashlib.sha1).hexdigest()
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    assert headers["content-type"] == "application/json"
    assert headers["x-github-event"] == "issues"
    assert headers["x-github-hook-id"]
    assert len({letter.headers["x-github-delivery"] for letter in scene.mailbox.letters}) == len(scene.mailbox.letters)


async def test_webhooks_arrive_in_the_order_of_their_events(scene: Scene) -> None:
    """What happened first is told first, even to a receiver that takes its time over it."""
    scene.mailbox.pauses = [0.05]
    for number in range(5):
        await scene.github.comment(scene.repo, 1, "ada", str(number))
    await scene.github.settle()
    assert [letter.json["comment"]["body"] for letter in scene.mailbox.letters[-5:]] == list("01234")


async def test_installing_the_app_is_told_first_for_the_owner_then_for_the_repository(scene: Scene) -> None:
    """One installation per owner, which grows."""
    scene.github.add_repository("acme", "other", files={"a": "a"})
    scene.github.add_repository("bob", "web", files={"a": "a"})
    await scene.github.settle()
    told = [event for event in scene.mailbox.events if event.startswith("installation")]
    assert told == ["installation.created", "installation_repositories.added", "installation.created"]
    assert scene.mailbox.last("installation.created")["installation"]["account"]["login"] == "bob"


async def test_what_was_not_asked_for_is_not_sent(scene: Scene) -> None:
    """The App did not subscribe to `label`."""
    await scene.request("POST", "/repos/acme/calc/labels", json={"name": "bug"})
    await scene.github.settle()
    assert not any(event.startswith("label") for event in scene.mailbox.events)


async def test_a_failed_delivery_stays_failed_until_it_is_redelivered(scene: Scene) -> None:
    """No retry by itself; a redelivery has the same GUID and body, and its own line in the log."""
    scene.mailbox.status = 503
    await scene.github.comment(scene.repo, 1, "ada", "lost?")
    await scene.github.settle()
    app = scene.as_app()
    failed = (await app.rest.apps.async_list_webhook_deliveries()).parsed_data[0]
    assert (failed.status, failed.status_code, failed.redelivery) == ("Invalid HTTP Response: 503", 503, False)
    scene.mailbox.status = 202
    answer = await app.rest.apps.async_redeliver_webhook_delivery(failed.id)
    await scene.github.settle()
    again = (await app.rest.apps.async_list_webhook_deliveries()).parsed_data[0]
    assert answer.status_code == 202
    assert (again.guid, again.status, again.redelivery) == (failed.guid, "OK", True)
    first, second = scene.mailbox.letters[-2:]
    assert (first.body, first.headers["x-hub-signature-256"]) == (second.body, second.headers["x-hub-signature-256"])


async def test_a_receiver_that_is_not_there_is_logged(scene: Scene) -> None:
    """A refused connection is a delivery with status code 0."""
    scene.github.send_webhooks_to("http://127.0.0.1:1/webhook")
    await scene.github.comment(scene.repo, 1, "ada", "hello?")
    await scene.github.settle()
    last = scene.github.deliveries[-1]
    assert (last.status_code, last.status) == (0, "failed to connect to host")


async def test_the_log_of_deliveries_has_pages(scene: Scene) -> None:
    """Following the cursor meets every delivery once, newest first."""
    token, seen = scene.jwt(), list[int]()
    url: str | None = "/app/hook/deliveries?per_page=1"
    while url:
        answer = await scene.request_as(token, "GET", url)
        seen += [delivery["id"] for delivery in answer.json()]
        url = answer.links.get("next", {}).get("url")
    assert seen == [delivery.id for delivery in reversed(scene.github.deliveries)]
    assert len(seen) == 2


async def test_what_happens_before_serving_is_told_when_serving(github: LocalGitHub, mailbox: Mailbox) -> None:
    """A repository set up beforehand is announced once somebody can look at it."""
    github.add_repository("acme", "calc", files={"a": "a"})
    async with github.serve():
        await github.settle()
    assert mailbox.events == ["installation.created"]
