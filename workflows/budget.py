"""What work may still spend: limits, what counts against them, and how near they are. Pure.

Nothing is free for being unknown. Tokens without a bill count by the price list, tokens of an unlisted model at the
highest price, and a run that tells neither counts as one part of the limit of as many as iterations are allowed: it
is used up when they are.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from workflows.model import AgentResult, Budget, Limits, RepoConfig, Spent, Totals, Usage
from workflows.prices import HIGHEST, PRICES, Prices, price_of

NEAR = 0.8
SMALLEST = 0.000001
"""A limit below what we count by is none left."""
RUNS_CAP = 50
"""How many runs that tell nothing use up a limit beside which no iterations are limited."""
REFUSED_SECONDS = 30.0
"""An agent that failed sooner and tells no usage was refused by its model, which costs nothing to speak of."""
NOTHING_TOLD = Usage()

Number = TypeVar("Number", int, float)


class Basis(StrEnum):
    """How a cost is known."""

    REPORTED = "reported"
    """The agent told it."""
    LISTED = "listed"
    """From its tokens and the price list."""
    ASSUMED = "assumed"
    """From its tokens, at the highest price: the model is not on the list."""
    UNKNOWN = "unknown"
    """The agent did not tell all of its tokens; what it told is priced, the run counts on top."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an agent run cost."""

    usd: float
    basis: Basis


class Scope(StrEnum):
    """What a limit holds for, in words."""

    RUN = "this run's"
    ISSUE = "this issue's"
    DAY = "this repository's daily"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the limit that is used the most is used."""

    fraction: float = 0.0
    limit: str = ""
    """The limit in words: "$5.00", "10 iterations"; empty when nothing is limited."""
    scope: Scope = Scope.RUN
    estimated: bool = False
    """Whether some of it was told by no agent but counted by our rules."""

    @property
    def near(self) -> bool:
        """Whether people should be told."""
        return self.fraction >= NEAR

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left."""
        return self.fraction >= 1

    def __str__(self) -> str:
        """Tell people: "82 % of this run's $5.00"."""
        if not self.limit:
            return "no limit is set"
        return (
            f"{math.floor(self.fraction * 100)} % of {self.scope} {self.limit}{', partly estimated' * self.estimated}"
        )


# --- what a run costs -------------------------------------------------------------------------------------------------


def cost(usage: Usage, model: str, prices: Prices = PRICES) -> Cost:
    """Price a run. A zero counts as not told: it is what a CLI says that knows no price or counts no tokens."""
    if _told(usage.cost_usd):
        return Cost(_millionths(usage.cost_usd or 0), Basis.REPORTED)
    listed = price_of(model, prices)
    price = listed or HIGHEST
    usd = (_tokens(usage.input_tokens) * price.input + _tokens(usage.output_tokens) * price.output) / 1_000_000
    if not _all_counted(usage):
        return Cost(_millionths(usd), Basis.UNKNOWN)
    return Cost(_millionths(usd), Basis.LISTED if listed else Basis.ASSUMED)


def spent_by(answer: AgentResult, prices: Prices = PRICES) -> Spent:
    """Count an iteration by its agent's answer."""
    return replace(_spent(answer.seconds, answer.usage, answer.model, prices), iterations=1)


def spent_in_vain(seconds: float, usage: Usage = NOTHING_TOLD, model: str = "", prices: Prices = PRICES) -> Spent:
    """Count an agent run that failed after so many seconds: no iteration, but what it used, told or not."""
    if seconds < REFUSED_SECONDS and not any(map(_told, (usage.input_tokens, usage.output_tokens, usage.cost_usd))):
        return Spent(seconds=round(seconds, 3))
    return _spent(seconds, usage, model, prices)


def _spent(seconds: float, usage: Usage, model: str, prices: Prices) -> Spent:
    price = cost(usage, model, prices)
    return Spent(
        seconds=round(seconds, 3),
        tokens=_tokens(usage.input_tokens) + _tokens(usage.output_tokens),
        usd=price.usd,
        uncounted_runs=int(not _all_counted(usage)),
        unpriced_runs=int(price.basis is Basis.UNKNOWN),
        assumed_runs=int(price.basis is Basis.ASSUMED),
    )


# --- limits -----------------------------------------------------------------------------------------------------------


def stricter(one: Limits, other: Limits) -> Limits:
    """Take the lower limit of each kind."""
    return Limits(
        iterations=_lower(one.iterations, other.iterations),
        minutes=_lower(one.minutes, other.minutes),
        tokens=_lower(one.tokens, other.tokens),
        usd=_lower(one.usd, other.usd),
    )


def stricter_budget(one: Budget, other: Budget) -> Budget:
    """Take the lower limits in each scope: the operator's or the repository's."""
    return Budget(
        run=stricter(one.run, other.run), issue=stricter(one.issue, other.issue), day=stricter(one.day, other.day)
    )


def raised(limits: Limits, by: Limits) -> Limits:
    """Allow so much more; what was not limited still is not."""
    return Limits(
        iterations=_more(limits.iterations, by.iterations),
        minutes=_more(limits.minutes, by.minutes),
        tokens=_more(limits.tokens, by.tokens),
        usd=_more(limits.usd, by.usd),
    )


def raised_config(config: RepoConfig, by: Limits) -> RepoConfig:
    """Raise every limit there is in a configuration; iterations are limited always."""
    budget = config.budget
    return replace(
        config,
        budget=Budget(raised(budget.run, by), raised(budget.issue, by), raised(budget.day, by)),
        max_iterations=config.max_iterations + (by.iterations or 0),
    )


def together(one: Limits, other: Limits) -> Limits:
    """Add up what was allowed at different times."""
    return Limits(
        iterations=_sum(one.iterations, other.iterations),
        minutes=_sum(one.minutes, other.minutes),
        tokens=_sum(one.tokens, other.tokens),
        usd=_sum(one.usd, other.usd),
    )


# --- where the work stands --------------------------------------------------------------------------------------------


def standing(limits: Limits, spent: Spent, scope: Scope = Scope.RUN, runs: int = RUNS_CAP) -> Standing:
    """Find the limit that is used the most; so many `runs` that tell nothing use one up."""
    return _most_used(_standings(limits, spent, scope, runs))


def tightest(budget: Budget, run: Spent, totals: Totals, runs: int = RUNS_CAP) -> Standing:
    """Find the limit of any scope that is used the most; so many `runs` may the work itself take."""
    return _most_used(
        (
            standing(budget.run, run, Scope.RUN, runs),
            standing(budget.issue, totals.issue, Scope.ISSUE),
            standing(budget.day, totals.day, Scope.DAY),
        )
    )


def _standings(limits: Limits, spent: Spent, scope: Scope, runs: int) -> Iterator[Standing]:
    parts = max(min(limits.iterations or runs, runs), 1)
    if (usd := limits.usd) is not None:
        guessed = bool(spent.unpriced_runs or spent.assumed_runs)
        yield Standing(_used(spent.usd, usd) + spent.unpriced_runs / parts, f"${usd:,.2f}", scope, guessed)
    if (tokens := limits.tokens) is not None:
        used = _used(spent.tokens, tokens) + spent.uncounted_runs / parts
        yield Standing(used, f"{tokens:,} tokens", scope, bool(spent.uncounted_runs))
    if (minutes := limits.minutes) is not None:
        yield Standing(_used(spent.seconds / 60, minutes), f"{minutes:g} minutes", scope)
    if (iterations := limits.iterations) is not None:
        yield Standing(_used(spent.iterations, iterations), f"{iterations} iterations", scope)


def _most_used(standings: Iterable[Standing]) -> Standing:
    return max(standings, key=lambda each: each.fraction, default=Standing())


def _used(spent: float, limit: float) -> float:
    return spent / limit if limit >= SMALLEST else 1.0


def _told(number: float | None) -> bool:
    return number is not None and math.isfinite(number) and number > 0


def _all_counted(usage: Usage) -> bool:
    return _told(usage.input_tokens) and _told(usage.output_tokens)


def _tokens(number: int | None) -> int:
    return max(number or 0, 0)


def _millionths(usd: float) -> float:
    """Round up to what a sum keeps, so that nothing becomes free by being small."""
    return math.ceil(usd * 1_000_000) / 1_000_000


def _lower(one: Number | None, other: Number | None) -> Number | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)


def _more(limit: Number | None, by: Number | None) -> Number | None:
    return limit if limit is None or by is None else limit + by


def _sum(one: Number | None, other: Number | None) -> Number | None:
    return one + other if one is not None and other is not None else one if other is None else other
