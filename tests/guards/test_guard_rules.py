"""Guards that people and the configuration change side by side: nobody undoes what the other has tightened."""

from dataclasses import replace

from guard_strategies import CHANGES, GUARDS
from hypothesis import given

from workflows.guard_rules import GuardRules
from workflows.guards import inspect, tighten
from workflows.model import Guards, StagedChange

STRICT = Guards(exclude=("secret/**",), allow_protected=("uv.lock",), max_changed_lines=100)
LOOSE = Guards(allow_protected=("uv.lock",), max_changed_lines=5000)


def test_what_people_tighten_before_the_configuration_is_known_holds() -> None:
    """They do not have to wait for it."""
    rules = GuardRules().tightened_by(Guards(exclude=("db/**",))).first_read(STRICT)
    assert set(rules.now.exclude) == {"db/**", "secret/**"}


def test_what_an_admin_puts_before_the_configuration_is_known_holds() -> None:
    """It takes its place."""
    assert GuardRules().replaced_by(LOOSE).first_read(STRICT).now == LOOSE


def test_a_configuration_that_is_read_again_may_loosen_itself() -> None:
    """What a person has added holds on, and only that, though they sent all fields as they were."""
    rules = GuardRules(STRICT)
    rules = rules.tightened_by(replace(rules.now, exclude=(*rules.now.exclude, "db/**"))).read_again(LOOSE)
    assert rules.now == replace(LOOSE, exclude=("db/**",))


def test_an_admins_loosening_lasts_until_the_configuration_is_read_again() -> None:
    """What the admin has tightened lasts longer."""
    rules = GuardRules(STRICT).replaced_by(replace(LOOSE, confirm=("db/**",)))
    assert rules.now == replace(LOOSE, confirm=("db/**",))
    assert rules.read_again(STRICT).now == replace(STRICT, confirm=("db/**",))


@given(GUARDS, GUARDS, GUARDS, GUARDS, CHANGES)
def test_tightening_tightens(
    configured: Guards, before: Guards, wanted: Guards, later: Guards, change: StagedChange
) -> None:
    """Nothing passes that the guards until then, or the wanted ones, would have stopped; a reading changes that not."""
    rules = GuardRules(configured).tightened_by(before)
    after = rules.tightened_by(wanted)
    assert stopped(after.now, change) >= stopped(tighten(rules.now, wanted), change)
    assert stopped(after.read_again(configured).now, change) == stopped(after.now, change)
    assert stopped(after.read_again(later).now, change) >= stopped(later, change)


def stopped(guards: Guards, change: StagedChange) -> set[str]:
    """Name what does not get into a commit by itself."""
    verdict = inspect(guards, change)
    return {*verdict.paths, *verdict.to_confirm}
