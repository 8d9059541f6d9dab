"""Payloads as no GitHub would send them, the same ones in every run."""

import copy
import random
from collections.abc import Iterator
from typing import Any, cast

NOTHING: tuple[object, ...] = (None, "", 0, list[object](), dict[str, object]())
WRONG = (*NOTHING, True, False, -1, 1.5, 2**53, 2**70, "\0", "\u202e", "x" * 5000, [None], {"id": "1"})
MOST_CHANGES = 6

Json = dict[str, Any]


def for_us(payload: Json) -> Json:
    """Make an example concern us: our label, our command, an installation of ours, a person who sent it."""
    ours = copy.deepcopy(payload) | {"installation": {"id": 7, "node_id": "I_7"}}
    for noun, values in (
        ("label", {"name": "aidp-build"}),
        ("comment", {"body": "/aidp status"}),
        ("requested_action", {"identifier": "pause"}),
        ("sender", {"type": "User"}),
    ):
        if isinstance(payload.get(noun), dict):
            ours[noun] |= values
    return ours


def mutated(payload: Json, seed: str) -> Json:
    """Remove some fields, and give others values of another type."""
    dice, broken = random.Random(seed), copy.deepcopy(payload)  # noqa: S311  # dice, no secret
    for _ in range(dice.randint(1, MOST_CHANGES)):
        places = list(_places(broken))
        if places:
            _break(dice, *dice.choice(places))
    return broken


def _break(dice: random.Random, parent: Json, key: str) -> None:
    if dice.random() < 0.5:
        del parent[key]
    else:
        parent[key] = dice.choice(WRONG)


def _places(value: object, depth: int = 0) -> Iterator[tuple[Json, str]]:
    """Find the fields; the upper ones, which somebody may read, come up as often as all those below."""
    if not isinstance(value, dict):
        return
    fields = cast("Json", value)
    for key, below in fields.items():
        yield from [(fields, key)] * (8 if depth < 2 else 1)
        yield from _places(below, depth + 1)
