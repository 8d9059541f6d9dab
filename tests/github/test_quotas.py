"""What GitHub leaves us of an hour's calls."""

import pytest

from activities.github.quotas import rest_quota, scarcest
from workflows.model.reconciling import Quota

ANSWER = {
    "x-ratelimit-resource": "core",
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4999",
    "x-ratelimit-reset": "1767225600",
}
PLENTY, LITTLE = Quota(15000, 9000, "later"), Quota(5000, 700, "soon")


def test_an_answer_says_what_is_left() -> None:
    """The time is one that can be compared with others."""
    assert rest_quota(ANSWER) == Quota(5000, 4999, "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize("answer", [{}, ANSWER | {"x-ratelimit-resource": "search"}])
def test_what_is_not_counted_so_says_nothing(answer: dict[str, str]) -> None:
    """A GitHub of one's own may have no limits, and some calls are counted apart."""
    assert rest_quota(answer) is None


@pytest.mark.parametrize(
    ("quotas", "chosen"), [((PLENTY, LITTLE), LITTLE), ((PLENTY, None), PLENTY), ((Quota(), None), None), ((), None)]
)
def test_the_scarcer_one_counts(quotas: tuple[Quota | None, ...], chosen: Quota | None) -> None:
    """By the share that is left, whatever the limit is."""
    assert scarcest(*quotas) == chosen
