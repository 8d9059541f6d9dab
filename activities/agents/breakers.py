"""The breakers of this host's providers: small files that all its workers share and that outlive them.

A file lock, not the file, says that a half-open breaker's one run is under way: the kernel lets go of it when the
worker dies, so no breaker stays shut because somebody never reported.
"""

import fcntl
import json
import logging
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from activities.agents.provider import AgentError
from workflows.breaker import Breaker, BreakerState
from workflows.model import Failure
from workflows.patience import BREAKER_TRIAL

TRIAL_SECONDS = BREAKER_TRIAL.time.total_seconds()
LEFT_ALONE = "{provider} has failed {failures} times in a row and is left alone for now. Wait, or name another one."
ON_TRIAL = "{provider} has been failing; one run is trying it now. Wait for that, or name another one."

logger = logging.getLogger(__name__)


class Breakers:
    """One breaker per provider, in a folder."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock

    @contextmanager
    def guarding(self, provider: str) -> Generator[None]:
        """Let a run through and learn from how it ends; raises `AgentError` when it is not let through."""
        trial = self._admit(provider)
        try:
            yield
        except AgentError as error:
            self._learn(provider, error.failure)
            raise
        else:
            self._learn(provider, None)
        finally:
            if trial:
                trial.close()

    def _admit(self, provider: str) -> IO[str] | None:
        """Pass, with the one permission to try if the breaker is half-open."""
        with self._locked(provider):
            breaker, now = self._read(provider), self._clock()
            match breaker.state(now):
                case BreakerState.CLOSED:
                    return None
                case BreakerState.OPEN:
                    text = LEFT_ALONE.format(provider=provider, failures=breaker.failures)
                    raise AgentError(Failure.RATE_LIMITED, text, max(breaker.seconds_left(now), 1))
                case BreakerState.HALF_OPEN:
                    return self._try(provider)

    def _try(self, provider: str) -> IO[str]:
        trial = (self._folder / f"{provider}.trial").open("w")
        try:
            fcntl.flock(trial, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            trial.close()
            raise AgentError(Failure.RATE_LIMITED, ON_TRIAL.format(provider=provider), TRIAL_SECONDS) from None
        return trial

    def _learn(self, provider: str, failure: Failure | None) -> None:
        with self._locked(provider):
            before = self._read(provider)
            after = before.after_failure(failure, self._clock()) if failure else before.after_success()
            if after != before:
                self._write(provider, after)

    @contextmanager
    def _locked(self, provider: str) -> Generator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{provider}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self, provider: str) -> Breaker:
        file = self._folder / f"{provider}.json"
        try:
            return TypeAdapter(Breaker).validate_json(file.read_bytes())
        except FileNotFoundError:
            return Breaker()
        except ValidationError:
            logger.warning("%s can not be read; the breaker of %s starts closed", file, provider)
            return Breaker()

    def _write(self, provider: str, breaker: Breaker) -> None:
        file = self._folder / f"{provider}.json"
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(breaker)))
        new.replace(file)
