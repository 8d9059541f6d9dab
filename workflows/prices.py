"""What models cost, for agents that tell their tokens but not their bill. Pure.

List prices for usual contexts, without the discount for cached input: an estimate that errs on the high side.
"""

import re
from dataclasses import dataclass
from typing import Final

PRICES_OF: Final = "2026-10"
"""When the prices below were current."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float


Prices = tuple[tuple[str, Price], ...]
"""Model families and their prices; of several families that fit a name, the longest one does."""

PRICES: Prices = (
    ("fable", Price(10, 50)),
    ("mythos", Price(10, 50)),
    ("opus", Price(5, 25)),
    ("opus-4-1", Price(15, 75)),
    ("3-opus", Price(15, 75)),
    ("sonnet", Price(3, 15)),
    ("haiku", Price(1, 5)),
    ("gpt-4.1", Price(2, 8)),
    ("gpt-5", Price(1.25, 10)),
    ("gpt-5-mini", Price(0.25, 2)),
    ("gpt-5.1", Price(1.25, 10)),
    ("gpt-5.2", Price(1.75, 14)),
    ("gpt-5.3", Price(1.75, 14)),
    ("gpt-5.4", Price(2.5, 15)),
    ("gpt-5.4-mini", Price(0.75, 4.5)),
    ("gpt-5.4-nano", Price(0.2, 1.25)),
    ("gpt-5.5", Price(5, 30)),
    ("gpt-5.6-sol", Price(5, 30)),
    ("gpt-5.6-terra", Price(2, 12)),
    ("gpt-5.6-luna", Price(0.2, 1.2)),
    ("gpt-6-astra", Price(10, 50)),
    ("gpt-6-sol", Price(2, 10)),
    ("gpt-6-luna", Price(0.1, 0.5)),
    ("gpt-6.1-sol", Price(2, 10)),
    ("gemini-2.5-pro", Price(1.25, 10)),
    ("gemini-2.5-flash", Price(0.3, 2.5)),
    ("gemini-3-pro", Price(2, 12)),
    ("gemini-3.1-pro", Price(2, 12)),
    ("gemini-3.5-flash", Price(1.5, 9)),
    ("gemini-3.6-flash", Price(1.5, 7.5)),
    ("gemini-3.7-flash", Price(1.5, 7.5)),
    ("gemini-3.8-flash", Price(1.5, 7.5)),
    ("grok-4.5", Price(2, 6)),
    ("grok-4.6", Price(2, 6)),
    ("kimi-k2.7-code", Price(0.95, 4)),
    ("kimi-k3", Price(3, 15)),
)
HIGHEST: Final = Price(30, 180)
"""For models nobody listed: as dear as any, because a guess that is too low lets a budget run over."""

VARIANT: Final = r"(?:[-@:](?:v?\d+(?:\.\d+)?|codex|chat|latest|preview|thinking|low|medium|high|xhigh))*(?:\[1m\])?"
"""What may follow a family's name without changing its price; `-pro` and `-fast` are other products."""


def price_of(model: str, prices: Prices = PRICES) -> Price | None:
    """Find the price of a model by any of the names that CLIs and gateways give it."""
    name = model.casefold()
    fitting = [(family, price) for family, price in prices if _fits(family, name)]
    return max(fitting, key=lambda known: len(known[0]))[1] if fitting else None


def _fits(family: str, name: str) -> bool:
    return bool(re.search(rf"(?:^|[^a-z0-9]){re.escape(family)}{VARIANT}$", name))
