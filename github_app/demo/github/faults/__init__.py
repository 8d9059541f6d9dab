"""What goes wrong at GitHub, on demand and by seed.

`LocalGitHub.faults` takes `Fault`s, `POST /_local/faults` a `FaultPlan` as JSON, for example
`{"seed": 7, "faults": [{"kind": "bad_gateway", "where": {"method": "POST", "path": "/comments$"},
"when": {"nth": 2, "count": 1}, "after_commit": true}]}`. What each kind imitates, in GitHub's own words:

Answers to the App. `after_commit` lets the request be carried out and loses only the answer.

* `server_error` 500, `bad_gateway` 502: "Server Error". "If GitHub takes more than 10 seconds to process an API
  request, GitHub will terminate the request and you will receive a timeout response and a 'Server Error' message."
  With `seconds`, they come that late, and so does what is carried out.
* `unavailable` 503: "No server is currently available to service your request." With `seconds`, a `Retry-After`.
* `secondary_limit` 403, `too_many_requests` 429: "You have exceeded a secondary rate limit." With `seconds`: "if the
  `retry-after` response header is present, you should not retry your request until after that many seconds has
  elapsed". Without: "wait for at least one minute before retrying".
* `primary_limit` 403, `x-ratelimit-remaining: 0`: "you should not make another request until after the time specified
  by the `x-ratelimit-reset` header", which is `seconds` from now. GraphQL says the same with 200 and an error of the
  type `RATE_LIMITED`.
* `timeout`: silence until the caller gives up, or for `seconds`. `connection_reset`: the connection is reset.
  `truncated`: the connection ends in the middle of the body.
* `not_found_yet`: what a matching `POST` creates answers 404 for `times` calls, or for `seconds`.
* `stale_read`: a matching `GET` is answered from before the last change. Git's own objects are always up to date.
* `push_unseen`: git has taken a push, and the API does not know it yet. A matching `GET` of pull requests shows the
  heads from before it, a `POST` that opens one is refused: 422, the `head` is `invalid`.
* `token_expired` 401: "Bad credentials", for whoever shows any.
* `clock_skew`: the JWT is judged, and `Date` told, by a clock that is `seconds` ahead, or behind if negative:
  "'Expiration time' claim ('exp') is too far in the future".

Webhooks. "GitHub does not automatically redeliver failed webhook deliveries", and order is not promised.

* `delivery_lost`: never sent, and not in the log of deliveries.
* `delivery_failed`: in the log as failed, with `status`, or 0 for "failed to connect to host".
* `delivery_duplicated`: delivered `times` more, under the same GUID; `delivery_redelivered`: the same as redeliveries.
* `delivery_delayed`: delivered `seconds` later; others overtake it.
* `deliveries_reordered`: `times` deliveries are held back together, for `seconds` at most, and go out shuffled.

`Limits` refuses content beyond GitHub's secondary limit: "in general, no more than 80 content-generating requests per
minute and no more than 500 content-generating requests per hour are allowed".
"""

from github_app.demo.github.faults.bad_day import bad_day
from github_app.demo.github.faults.injection import Faults, Injected
from github_app.demo.github.faults.oracle import creates_content, most_writes, violations
from github_app.demo.github.faults.plan import Fault, FaultPlan, FaultPlanError, Kind, Limits, When, Where, read_plan

__all__ = [
    "Fault",
    "FaultPlan",
    "FaultPlanError",
    "Faults",
    "Injected",
    "Kind",
    "Limits",
    "When",
    "Where",
    "bad_day",
    "creates_content",
    "most_writes",
    "read_plan",
    "violations",
]
