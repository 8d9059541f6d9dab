"""Stands in for the `claude` program of the demo: it answers as the real one does when its account is rate limited.

So the demo shows how another provider takes over. A program of its own; it imports nothing of aidp.
"""

import json
import sys

ANSWER = {
    "type": "result",
    "subtype": "success",
    "is_error": True,
    "api_error_status": 429,
    "terminal_reason": "api_error",
    "result": "API Error: Request rejected (429) · This request would exceed your rate limit",
    "num_turns": 1,
}


def main() -> None:
    """Refuse."""
    sys.stdin.read()
    print(json.dumps(ANSWER))
    sys.exit(1)


if __name__ == "__main__":
    main()
