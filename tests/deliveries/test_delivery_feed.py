"""`aidp deliveries pull`, for as long as it goes on: through trouble on either side, and from where all is settled."""

import signal
import subprocess
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import anyio
from anyio.abc import ByteStream, SocketStream
from delivery_scene import AIDP, HOUR, MINUTE, Scene
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Send
from starlette.types import Scope as Asked
from story_kit import LABEL, until

from github_app.delivery_feed import DeliveryFeed, feeding
from github_app.demo.github.faults import Fault, Kind, When, Where
from github_app.demo.github.serving import serving
from github_app.demo.stage import free_port
from github_app.temporal import embedded_address

LOG = "/app/hook/deliveries"
LIST, CONTENT = Where("GET", f"{LOG}$"), Where("GET", rf"{LOG}/\d+$")


@dataclass(frozen=True, slots=True)
class Follower:
    """`aidp deliveries pull --follow` in another terminal."""

    scene: Scene
    process: "subprocess.Popen[bytes]"
    out: Path
    err: Path
    calls_before: int

    async def has_looked(self) -> None:
        """Wait until it has read the log."""
        await until(lambda: any(it.path == LOG for it in self.scene.github.calls[self.calls_before :]))

    async def tells(self, words: str) -> str:
        """Wait until it says this; returns all that it has said by then."""
        return await until(lambda: text if words in (text := self.out.read_text()) else "")

    async def ended(self) -> int:
        """Wait until it has ended; returns how."""
        await until(lambda: self.process.poll() is not None)
        return self.process.returncode


@asynccontextmanager
async def following(scene: Scene, *arguments: str, **changes: str) -> AsyncGenerator[Follower]:
    """Pull for as long as the block lasts, then press Ctrl-C."""
    out, err = (scene.settings.state_dir / name for name in ("out", "err"))
    argv = (AIDP, "deliveries", "pull", "--follow", *arguments)
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(argv, env=scene.environment() | changes, stdout=stdout, stderr=stderr)
    follower = Follower(scene, process, out, err, len(scene.github.calls))
    try:
        yield follower
    finally:
        process.send_signal(signal.SIGINT)
        await follower.ended()


@asynccontextmanager
async def relayed(port: int, address: str) -> AsyncGenerator[None]:
    """Let an address be reached at this port of ours for as long as the block lasts."""
    host, _, far_port = address.rpartition(":")

    async def relay(near: SocketStream) -> None:
        async with near, await anyio.connect_tcp(host, int(far_port)) as far, anyio.create_task_group() as pumps:
            pumps.start_soon(pump, near, far)
            pumps.start_soon(pump, far, near)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
    async with listener, anyio.create_task_group() as relays:
        relays.start_soon(listener.serve, relay)
        yield
        relays.cancel_scope.cancel()


async def pump(source: ByteStream, sink: ByteStream) -> None:
    """Pass on what comes, for as long as there is anybody on both sides."""
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        async for chunk in source:
            await sink.send(chunk)
        await sink.send_eof()


class Forgetful:
    """A GitHub whose log lists two webhooks, one on each page, and has lost what was in them."""

    CURSOR = "v1_a+b/c=="
    PAGES = ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "0b989ba4-242f-11e5-81e1-c7b6966d2516")

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        """Answer."""
        await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        match request.url.path, request.query_params.get("cursor"):
            case "/app/hook/deliveries", None:
                following = request.url.include_query_params(cursor=self.CURSOR)
                return self._page(0, {"link": f'<{following}>; rel="next"'})
            case "/app/hook/deliveries", self.CURSOR:
                return self._page(1, {})
            case _:
                return JSONResponse({"message": "Not Found"}, 404)

    def _page(self, number: int, headers: dict[str, str]) -> Response:
        line = {"id": number + 1, "guid": self.PAGES[number], "delivered_at": datetime.now(UTC).isoformat()}
        told = {"redelivery": False, "status": "timed out", "status_code": 0, "event": "issues"}
        return JSONResponse([line | told], headers=headers)


async def is_answered(scene: Scene, number: int) -> bool:
    """Wait until a stranger's label is off and it is said why; what this tells in webhooks is the end of the story."""
    await until(lambda: LABEL not in scene.story.labels(number))
    return bool(await until(lambda: [it for it in scene.story.comments(number) if "write" in it]))


async def told(feed: DeliveryFeed) -> list[str]:
    """Look once."""
    return [line async for line in feed.look()]


async def test_only_what_may_be_new_is_read_again(scene: Scene) -> None:
    """What was settled an hour ago is not looked through every few seconds."""
    async with scene.past(HOUR):
        await scene.something_else()
    scene.log[:0] = [replace(scene.log[0], id=number, guid=f"guid-{number}", headers={}) for number in range(1, 151)]
    async with feeding(scene.settings, {}, 2 * HOUR) as feed:
        assert len(await told(feed)) == 152
        calls = len(scene.github.calls)
        assert await told(feed) == []
        assert [call.path for call in scene.github.calls[calls:]] == [LOG]


async def test_what_temporal_could_not_take_is_not_left_behind(scene: Scene) -> None:
    """It stays in what is read, however old it gets; what was settled beside it is not taken again."""
    port, temporal = free_port(), embedded_address(scene.settings.state_dir)
    async with scene.past(HOUR):
        number = await scene.labelled()
    opened, labelled = scene.guids()
    async with AsyncExitStack() as connected:
        async with relayed(port, temporal):
            at = {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}"}
            feed = await connected.enter_async_context(feeding(scene.settings, at, 2 * HOUR))
        first, second = await told(feed)
        assert first == f"{opened}  issues.opened: nothing to do"
        assert second.startswith(f"{labelled}  issues.labeled: 503")
        async with relayed(port, temporal):
            assert await told(feed) == [f"{labelled}  issues.labeled: taken"]
        assert await is_answered(scene, number)


async def test_what_the_log_has_lost_is_told_once(scene: Scene) -> None:
    """All pages are read for that, whatever characters their cursors have."""
    async with serving(Forgetful(), "127.0.0.1", 0) as url:
        settings = scene.settings.model_copy(update={"github_api_url": url})
        async with feeding(settings, {}, HOUR) as feed:
            assert await told(feed) == [f"{guid}  issues: the log has lost it" for guid in reversed(Forgetful.PAGES)]
            assert await told(feed) == []


async def test_a_clock_that_is_ahead_hides_nothing(scene: Scene) -> None:
    """How far back is meant by the clock that the log was written by, which the first refusal tells."""
    async with scene.past(HOUR):
        await scene.something_else()
        async with feeding(scene.settings, {}, 10 * MINUTE) as feed:
            assert len(await told(feed)) == 2
            assert await told(feed) == []


async def test_pulling_goes_on_until_it_is_stopped(scene: Scene) -> None:
    """What happens later is taken as well; Ctrl-C ends it."""
    async with following(scene) as follower:
        await follower.has_looked()
        number = await scene.labelled()
        await follower.tells("issues.labeled: taken")
        assert await is_answered(scene, number)
    assert await follower.ended() == 0


async def test_what_github_has_trouble_with_is_waited_for(scene: Scene) -> None:
    """Each time it says in a line what happened, and when it goes on; then the webhooks are taken."""
    scene.github.faults.add(
        Fault(Kind.UNAVAILABLE, LIST, seconds=1),
        Fault(Kind.TOO_MANY_REQUESTS, LIST, seconds=1),
        Fault(Kind.CONNECTION_RESET, CONTENT, When(nth=2)),
    )
    number = await scene.labelled()
    async with following(scene) as follower:
        opened, labelled = (await follower.tells("issues.labeled: taken")).splitlines()
        assert await is_answered(scene, number)
    assert [opened, labelled] == [
        f"{scene.guids()[0]}  issues.opened: nothing to do",
        f"{scene.guids()[1]}  issues.labeled: taken",
    ]
    unavailable, limited, reset = follower.err.read_text().splitlines()
    assert unavailable.startswith("Once more in 1 s. GitHub has trouble: 503")
    assert limited.startswith("Once more in 1 s. GitHub's rate limit is reached")
    assert reset.startswith("Once more in 10 s. GitHub did not answer")


async def test_what_somebody_has_to_mend_ends_it(scene: Scene) -> None:
    """To go on asking would change nothing."""
    async with following(scene) as follower:
        await follower.has_looked()
        with scene.wrong_key():
            assert await follower.ended() == 1
    assert "private key" in follower.err.read_text()


async def test_an_outage_that_is_longer_than_the_look_back_loses_nothing(scene: Scene) -> None:
    """What came while Temporal was away is taken when it is back; what came before the look back never is."""
    port, temporal = free_port(), embedded_address(scene.settings.state_dir)
    async with scene.past(MINUTE):
        await scene.something_else()
    older = scene.guids()
    async with following(scene, "--since", "1s", TEMPORAL_ADDRESS=f"127.0.0.1:{port}") as follower:
        async with relayed(port, temporal):
            await follower.has_looked()
        number = await scene.labelled()
        await follower.tells("issues.labeled: 503")
        async with relayed(port, temporal):
            text = await follower.tells("issues.labeled: taken")
            assert await is_answered(scene, number)
    assert not any(guid in text for guid in older)
