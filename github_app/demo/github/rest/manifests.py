"""REST: the code that a new App's owner came back with becomes the App, and its credentials are told once."""

import re
from datetime import timedelta

from github_app.demo.github.model import AppManifest, AppRegistration
from github_app.demo.github.rest.gate import ANYONE, Answer, Ask, Endpoint
from github_app.demo.github.shapes import accounts
from github_app.demo.github.world import World, not_found

CODE_LIFE = timedelta(hours=1)


async def convert_manifest(ask: Ask) -> Answer:
    """Register the App; from now on it is the one this GitHub serves."""
    manifest = ask.world.manifests.pop(ask.params["code"], None)
    if not manifest or manifest.at + CODE_LIFE <= ask.world.now():
        raise not_found()
    app = _registered(ask.world, manifest)
    ask.world.register(app)
    told = {"client_secret": "", "webhook_secret": app.webhook_secret, "pem": app.private_key_pem}
    return Answer(201, accounts.app(ask.world, app) | told)


def _registered(world: World, manifest: AppManifest) -> AppRegistration:
    return AppRegistration(
        id=world.next_id(),
        slug=re.sub(r"[^a-z0-9]+", "-", manifest.name.lower()).strip("-"),
        name=manifest.name,
        webhook_url=manifest.webhook_url,
        permissions=manifest.permissions,
        events=manifest.events,
    )


ENDPOINTS = (Endpoint("POST", "/app-manifests/{code}/conversions", convert_manifest, (ANYONE,)),)
