"""What an App asks of a check run: its output, its remarks, its buttons; within GitHub's limits."""

from collections.abc import Mapping
from typing import Any

from github_app.demo.github.model import Json
from github_app.demo.github.world import RefusedError

MOST_ACTIONS, MOST_ANNOTATIONS = 3, 50
LONGEST = {"label": 20, "identifier": 20, "description": 40}
NEEDED = ("path", "start_line", "end_line", "annotation_level", "message")
LEVELS = ("notice", "warning", "failure")
LONGEST_TEXT = 65_535


def read(body: Json) -> Json:
    """Read these parts of a request; GitHub refuses what is too much."""
    found: Json = {}
    if "actions" in body:
        found["actions"] = _actions(body["actions"])
    if output := body.get("output"):
        found["output"] = {name: _text(output, name) for name in ("title", "summary", "text") if output.get(name)}
        if "summary" not in found["output"]:
            raise _invalid("summary wasn't supplied.")
        if "annotations" in output:
            found["annotations"] = _annotations(output["annotations"])
    return found


def _text(output: Mapping[str, Any], name: str) -> str:
    if len(output[name]) > LONGEST_TEXT:
        raise _invalid(f"{name} exceeds a maximum bytesize of {LONGEST_TEXT}")
    return output[name]


def _actions(actions: list[dict[str, str]]) -> tuple[dict[str, str], ...]:
    if len(actions) > MOST_ACTIONS:
        raise _invalid(f"No more than {MOST_ACTIONS} items are allowed; {len(actions)} were supplied.")
    for action in actions:
        for name, most in LONGEST.items():
            if not action.get(name) or len(action[name]) > most:
                raise _invalid(
                    f"{name} is too long (maximum is {most} characters)"
                    if action.get(name)
                    else f"{name} wasn't supplied."
                )
    return tuple(actions)


def _annotations(given: list[Json]) -> tuple[Json, ...]:
    if len(given) > MOST_ANNOTATIONS:
        raise _invalid(f"No more than {MOST_ANNOTATIONS} items are allowed; {len(given)} were supplied.")
    for annotation in given:
        missing = [name for name in NEEDED if not annotation.get(name)]
        if missing:
            raise _invalid(f"{', '.join(missing)} weren't supplied.")
        if annotation["annotation_level"] not in LEVELS:
            raise _invalid(f"{annotation['annotation_level']} is not a member of {list(LEVELS)}.")
    return tuple(given)


def _invalid(reason: str) -> RefusedError:
    return RefusedError(422, f"Invalid request.\n\n{reason}")
