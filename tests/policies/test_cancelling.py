"""What must not break off does not, however often somebody cancels; who did is heard."""

import asyncio

import pytest

from workflows.cancelling import unbroken


async def test_a_cancellation_is_heard_and_the_work_goes_on() -> None:
    """Each one is told once, and the result is the work's own."""
    done, heard = asyncio.Event(), list[str]()

    async def work() -> str:
        await done.wait()
        return "tidied up"

    whole = asyncio.create_task(unbroken(work(), lambda: heard.append("stop")))
    for _ in range(2):
        await asyncio.sleep(0)
        whole.cancel()
        await asyncio.sleep(0)
    done.set()
    assert (await whole, heard) == ("tidied up", ["stop", "stop"])


async def test_a_cancellation_that_comes_with_the_end_changes_nothing() -> None:
    """What is done is done."""
    done, heard = asyncio.Event(), list[str]()
    whole = asyncio.create_task(unbroken(done.wait(), lambda: heard.append("stop")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    done.set()
    await asyncio.sleep(0)
    whole.cancel()
    assert (await whole, heard) == (True, [])


async def test_what_fails_by_itself_fails() -> None:
    """An error of the work is no cancellation, and a cancellation of its own is passed on."""

    async def broken(error: BaseException) -> None:
        raise error

    with pytest.raises(ValueError, match="broken"):
        await unbroken(broken(ValueError("broken")), lambda: None)
    with pytest.raises(asyncio.CancelledError):
        await unbroken(broken(asyncio.CancelledError()), lambda: None)
