"""Which agent runs next, given how the last run ended. Pure.

A provider here is an entry of the configuration, `name` or `name/model`: the next model is the next entry.
"""

from dataclasses import dataclass, field, replace

from workflows.model import Failure, Usage
from workflows.patience import SHORTEST_RESET, TRANSIENT_PAUSES, UNKNOWN_RESET

TRANSIENT_ATTEMPTS = len(TRANSIENT_PAUSES) + 1
UNKNOWN_RESET_SECONDS = UNKNOWN_RESET.time.total_seconds()
SHORTEST_RESET_SECONDS = SHORTEST_RESET.time.total_seconds()
REPAIRS = {
    Failure.AUTH_EXPIRED: "sign in again on the agent host (`aidp agents` shows how)",
    Failure.CONFIGURATION: "correct its set-up on the agent host (`aidp agents` shows what is missing)",
}
SEE_LOG = "see the agent's log"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one provider in this loop."""

    provider: str
    limited_until: float = 0.0
    """The provider's own limit ends then (seconds since the epoch); meanwhile the next one is asked."""
    paused_until: float = 0.0
    """A transient failure is waited out until then, before anybody else is asked."""
    out: str = ""
    """Why it is not to be asked again in this loop; empty while it is in."""
    repair: str = ""
    transient_failures: int = 0


@dataclass(frozen=True, slots=True)
class Lineup:
    """The providers in order of preference; the first one that is in and not limited is asked."""

    standings: tuple[Standing, ...] = field(default_factory=tuple[Standing, ...])

    @classmethod
    def of(cls, providers: tuple[str, ...]) -> "Lineup":
        """Line up providers nobody has tried yet."""
        return cls(tuple(Standing(provider) for provider in providers))

    @property
    def names(self) -> tuple[str, ...]:
        """The agents among them, whatever the model."""
        return tuple(dict.fromkeys(_name(standing.provider) for standing in self.standings))

    def preferring(self, provider: str) -> "Lineup":
        """Put a provider first, with whatever it has failed at forgiven but its own limit; it may be a new model."""
        wanted = [it for it in self.standings if provider in {it.provider, _name(it.provider)}]
        forgiven = [Standing(it.provider, it.limited_until) for it in wanted]
        others = [it for it in self.standings if it not in wanted]
        return Lineup((*(forgiven or [Standing(provider)]), *others))

    def choose(self, now: float) -> "Choice":
        """Choose who runs next, how long to wait for that, or nobody."""
        candidates = [standing for standing in self.standings if not standing.out]
        if not candidates:
            return Nobody(self._why_nobody())
        first = min(candidates, key=lambda standing: max(standing.limited_until, now))  # stable: preference decides
        free_at = max(first.limited_until, first.paused_until)
        return Ask(first.provider) if free_at <= now else Wait(free_at, first.provider)

    def succeeded(self, provider: str) -> "Lineup":
        """Forget the transient failures of a provider that answered."""
        return self._update(provider, transient_failures=0)

    def failed(self, provider: str, failure: "FailedRun", now: float) -> "Lineup":
        """Note how a provider's run failed."""
        match failure.kind:
            case Failure.RATE_LIMITED | Failure.QUOTA_EXHAUSTED:
                return self._update(provider, limited_until=now + _reset(failure))
            case Failure.TRANSIENT | Failure.TIMEOUT:
                return self._after_transient(provider, failure, now)
            case _:
                return self._update(provider, out=failure.message, repair=REPAIRS.get(failure.kind, SEE_LOG))

    def escalated(self, provider: str) -> "Lineup":
        """Let the next one try, since this one makes no progress; unless there is no next one."""
        others = [it for it in self.standings if not it.out and it.provider != provider]
        return self._update(provider, out="made no progress", repair=SEE_LOG) if others else self

    def _after_transient(self, provider: str, failure: "FailedRun", now: float) -> "Lineup":
        failures = self._standing(provider).transient_failures + 1
        if failures >= TRANSIENT_ATTEMPTS:
            return self._update(provider, out=f"{failure.message} ({failures} times)", repair="try again later")
        pause = TRANSIENT_PAUSES[failures - 1] if failure.retry_after is None else failure.retry_after
        return self._update(provider, transient_failures=failures, paused_until=now + pause)

    def _standing(self, provider: str) -> Standing:
        return next(standing for standing in self.standings if standing.provider == provider)

    def _update(self, provider: str, **changes: str | float) -> "Lineup":
        changed = replace(self._standing(provider), **changes)  # pyright: ignore[reportArgumentType]
        return Lineup(tuple(changed if old.provider == provider else old for old in self.standings))

    def _why_nobody(self) -> tuple[str, str]:
        reasons = "; ".join(f"{standing.provider}: {standing.out}" for standing in self.standings)
        repairs = "; ".join(f"{standing.provider}: {standing.repair}" for standing in self.standings)
        return reasons or "no provider is configured", repairs or "set `AIDP_AGENTS` for the worker"


def _reset(failure: "FailedRun") -> float:
    if failure.retry_after is None:
        return UNKNOWN_RESET_SECONDS
    return max(failure.retry_after, SHORTEST_RESET_SECONDS)


def _name(provider: str) -> str:
    return provider.partition("/")[0]


@dataclass(frozen=True, slots=True)
class FailedRun:
    """How an agent run failed."""

    kind: Failure
    message: str
    retry_after: float | None = None
    seconds: float = 0.0
    """How long the agent ran before it failed."""
    usage: Usage = field(default_factory=Usage)
    model: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Run this provider now."""

    provider: str


@dataclass(frozen=True, slots=True)
class Wait:
    """This provider runs next, but not before a time."""

    until: float
    provider: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """No provider is left."""

    why: tuple[str, str]
    """The reasons, and what would repair them."""


Choice = Ask | Wait | Nobody
