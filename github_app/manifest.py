"""The App's manifest: what it is called, may do and hears of, as `manifest.yml` says it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PLACES = (Path(__file__).with_name("manifest.yml"), Path(__file__).parents[1] / "manifest.yml")
"""In the installed package, and in a checkout."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What GitHub's "create an App from a manifest" takes."""

    fields: dict[str, Any]

    @property
    def name(self) -> str:
        """The App's name; GitHub makes its slug of it."""
        return str(self.fields["name"])

    @property
    def permissions(self) -> dict[str, str]:
        """What the App may do."""
        return dict(self.fields["default_permissions"])

    @property
    def events(self) -> tuple[str, ...]:
        """What the App hears of."""
        return tuple(self.fields["default_events"])

    def at(self, webhook_url: str) -> dict[str, Any]:
        """Fill in where the webhooks go."""
        return {**self.fields, "hook_attributes": {"url": webhook_url, "active": True}}


def manifest() -> Manifest:
    """Read the manifest that belongs to this version."""
    place = next(place for place in PLACES if place.exists())
    return Manifest(yaml.safe_load(place.read_text()))
