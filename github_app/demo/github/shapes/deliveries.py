"""JSON of the delivery log."""

import json

from github_app.demo.github.model import Delivery, Json
from github_app.demo.github.shapes.values import stamp


def item(it: Delivery) -> Json:
    """Write a delivery as the list carries it."""
    return {
        "id": it.id,
        "guid": it.guid,
        "delivered_at": stamp(it.delivered_at),
        "redelivery": it.redelivery,
        "duration": it.duration,
        "status": it.status,
        "status_code": it.status_code,
        "event": it.event,
        "action": it.action,
        "installation_id": it.installation_id,
        "repository_id": it.repository_id,
        "throttled_at": None,
    }


def full(it: Delivery, url: str) -> Json:
    """Write a delivery with what was sent and what was answered."""
    request = {"headers": dict(it.headers), "payload": json.loads(it.payload)}
    return item(it) | {"url": url, "request": request, "response": {"headers": {}, "payload": it.response}}
