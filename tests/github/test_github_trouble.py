"""Bad days at GitHub: whatever it answers, or does not, the step ends in the right kind of failure or not at all."""

import asyncio
from datetime import timedelta

import pytest
from github_scene import Scene
from temporalio.exceptions import ApplicationError

from github_app.demo.github.faults import Fault, Kind, When, Where
from workflows.model import Actor, Authority, Failure

ISSUE = Where("GET", "/issues/1$")
MINTING = Where("POST", "/access_tokens$")


async def refusal(scene: Scene) -> ApplicationError:
    """Read the issue on such a day."""
    with pytest.raises(ApplicationError) as refused:
        await scene.activities.read_issue(scene.item)
    return refused.value


@pytest.mark.parametrize("where", [ISSUE, MINTING], ids=["the call", "its token"])
@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (Kind.SERVER_ERROR, Failure.TRANSIENT),
        (Kind.BAD_GATEWAY, Failure.TRANSIENT),
        (Kind.UNAVAILABLE, Failure.TRANSIENT),
        (Kind.CONNECTION_RESET, Failure.TRANSIENT),
        (Kind.TRUNCATED, Failure.TRANSIENT),
        (Kind.SECONDARY_LIMIT, Failure.RATE_LIMITED),
        (Kind.TOO_MANY_REQUESTS, Failure.RATE_LIMITED),
        (Kind.PRIMARY_LIMIT, Failure.RATE_LIMITED),
    ],
)
async def test_trouble_is_tried_again(scene: Scene, kind: Kind, failure: Failure, where: Where) -> None:
    """An outage, a lost answer, a limit: none of them is final, and a retry reads the issue."""
    scene.github.faults.add(Fault(kind, where))
    error = await refusal(scene)
    assert (error.type, error.non_retryable) == (failure, False)
    assert (await scene.activities.read_issue(scene.item)).title == "Divide"


@pytest.mark.parametrize("kind", [Kind.SECONDARY_LIMIT, Kind.TOO_MANY_REQUESTS, Kind.PRIMARY_LIMIT, Kind.UNAVAILABLE])
async def test_a_named_time_is_kept(scene: Scene, kind: Kind) -> None:
    """The retry comes when GitHub said, not earlier and hardly later."""
    scene.github.faults.add(Fault(kind, ISSUE, seconds=100))
    wait = (await refusal(scene)).next_retry_delay
    assert wait
    assert timedelta(seconds=99) <= wait <= timedelta(seconds=103)


async def test_an_expired_token_is_replaced_once(scene: Scene) -> None:
    """A new token is made and the call repeated; when that one is refused as well, the credentials are."""
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, ISSUE))
    assert (await scene.activities.read_issue(scene.item)).title == "Divide"
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, ISSUE, When(count=2)))
    assert (await refusal(scene)).type == Failure.AUTH_EXPIRED


@pytest.mark.parametrize("seconds", [-1800, -300, 300, 3600])
async def test_a_wrong_clock_is_set_by_githubs(scene: Scene, seconds: int) -> None:
    """This host is minutes off, or an hour: the first signature may be refused, the second has GitHub's time."""
    scene.github.faults.add(Fault(Kind.CLOCK_SKEW, seconds=seconds, when=When(count=None)))
    assert (await scene.activities.read_issue(scene.item)).title == "Divide"
    minted = [call.status for call in scene.github.calls if call.path.endswith("/access_tokens")]
    assert minted in ([201], [401, 201])


async def test_a_wrong_clock_is_set_for_all_that_go_by_it(scene: Scene) -> None:
    """What is refused while another call sets the clock is signed again as well, not given up."""
    scene.github.faults.add(Fault(Kind.CLOCK_SKEW, seconds=3600, when=When(count=None)))
    read = [
        scene.activities.read_issue(scene.item),
        scene.activities.read_permission(Authority(scene.item, Actor(1, "ada"))),
        scene.activities.read_repo_config(scene.source),
    ]
    await asyncio.gather(*read)
    minted = [call.status for call in scene.github.calls if call.path.endswith("/access_tokens")]
    assert minted.count(201) == len(read)
    assert minted.count(401) > 1


async def test_a_signature_that_is_no_good_is_final(scene: Scene) -> None:
    """Refused although the clocks agree, it is the key or the App's id that is wrong: asked once, and said."""
    scene.github.faults.add(Fault(Kind.TOKEN_EXPIRED, MINTING, When(count=None)))
    error = await refusal(scene)
    assert (error.type, error.non_retryable) == (Failure.AUTH_EXPIRED, True)
    assert sum(call.path.endswith("/access_tokens") for call in scene.github.calls) == 1
