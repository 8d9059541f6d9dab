"""Runs are priced by what is known of them, and none is free for being unknown."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.budget import Basis, Cost, cost, spent_by, spent_in_vain
from workflows.model import AgentResult, Claim, Spent, Usage
from workflows.prices import HIGHEST, PRICES, Price, price_of

counts = st.one_of(st.none(), st.integers(min_value=-10, max_value=10**12))
usages = st.builds(Usage, counts, counts, st.one_of(st.none(), st.floats(max_value=1e9)))


@pytest.mark.parametrize(
    ("name", "price"),
    [
        ("opus", Price(5, 25)),
        ("claude-opus-4-5-20251101", Price(5, 25)),
        ("claude-opus-4-1-20250805", Price(15, 75)),
        ("claude-3-opus-latest", Price(15, 75)),
        ("anthropic/claude-sonnet-4.5", Price(3, 15)),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", Price(3, 15)),
        ("claude-sonnet-5[1m]", Price(3, 15)),
        ("gpt-5-codex", Price(1.25, 10)),
        ("openai/gpt-5.4-mini-2026-03-17", Price(0.75, 4.5)),
        ("GPT-5.3-Codex-high", Price(1.75, 14)),
        ("google/gemini-3.1-pro-preview", Price(2, 12)),
    ],
)
def test_models_are_found_by_the_names_that_agents_give_them(name: str, price: Price) -> None:
    """Aliases, dates, gateways and efforts do not hide a model, and the longest family wins."""
    assert price_of(name) == price


@pytest.mark.parametrize("name", ["", "gpt-5.4-pro", "gpt-5.9", "claude-opus-4-8-fast", "opusculum", "qwen3-coder"])
def test_other_products_do_not_pass_for_a_cheaper_relative(name: str) -> None:
    """A name that only resembles a listed one has no price."""
    assert price_of(name) is None


def test_no_listed_model_is_dearer_than_an_unlisted_one() -> None:
    """What is assumed of unknown models is the highest price there is."""
    assert all(price.input <= HIGHEST.input and price.output <= HIGHEST.output for _, price in PRICES)


@pytest.mark.parametrize(
    ("usage", "model", "expected"),
    [
        (Usage(10, 10, 1.25), "opus", Cost(1.25, Basis.REPORTED)),
        (Usage(200_000, 10_000), "opus", Cost(1.25, Basis.LISTED)),
        (Usage(200_000, 10_000, 0.0), "opus", Cost(1.25, Basis.LISTED)),
        (Usage(200_000, 10_000), "llama", Cost(7.8, Basis.ASSUMED)),
        (Usage(200_000, None), "opus", Cost(1.0, Basis.UNKNOWN)),
        (Usage(0, 0, 0.0), "opus", Cost(0.0, Basis.UNKNOWN)),
        (Usage(cost_usd=math.nan), "opus", Cost(0.0, Basis.UNKNOWN)),
        (Usage(1, 1), "haiku", Cost(0.000006, Basis.LISTED)),
        (Usage(cost_usd=1e-9), "", Cost(0.000001, Basis.REPORTED)),
    ],
)
def test_the_best_known_cost_counts(usage: Usage, model: str, expected: Cost) -> None:
    """The bill, else the price list, else the highest price; a zero is no bill, and a little is not nothing."""
    assert cost(usage, model) == expected


@given(usages, st.sampled_from(["", "opus", "llama"]))
def test_no_run_is_free(usage: Usage, model: str) -> None:
    """Whatever an agent claims, its run either costs something or counts as unpriced."""
    spent = spent_by(AgentResult("agent", Claim.CONTINUE, "", usage, model))
    assert spent.usd > 0 or spent.unpriced_runs == 1
    assert spent.tokens > 0 or spent.uncounted_runs == 1
    assert spent.iterations == 1


def test_a_run_in_vain_counts_unless_it_was_refused_at_once() -> None:
    """An agent that worked for a while before it failed cost something; one that could not start did not."""
    assert spent_in_vain(1800) == Spent(seconds=1800, uncounted_runs=1, unpriced_runs=1)
    assert spent_in_vain(2.5) == Spent(seconds=2.5)


def test_what_a_failed_run_has_used_counts() -> None:
    """However short it was: the bill, else its tokens at the price of its model."""
    assert spent_in_vain(2.5, Usage(1000, 100, 0.25)) == Spent(seconds=2.5, tokens=1100, usd=0.25)
    assert spent_in_vain(2.5, Usage(1000, 100), "opus") == Spent(seconds=2.5, tokens=1100, usd=0.0075)
    assert spent_in_vain(2.5, Usage(cost_usd=0.25)) == Spent(seconds=2.5, usd=0.25, uncounted_runs=1)
