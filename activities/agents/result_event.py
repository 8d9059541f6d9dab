"""Reads the `result` event with which claude ends its output, and the CLIs that took over its format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from activities.agents.events import busiest, count_at, entries_at, events, last, list_at, number_at, text_at, total
from activities.process import Finished
from workflows.model import Usage

SYNTHETIC = "<synthetic>"


@dataclass(frozen=True, slots=True)
class ResultEvent:
    """How a run ended, in the CLI's own words."""

    text: str
    error: str
    """Empty if the CLI reports none."""
    status: int | None
    """HTTP status of the model API, if that is where the error came from."""
    terminal_reason: str
    denied: tuple[str, ...]
    """Tools the agent wanted and did not get."""
    model: str
    usage: Usage = field(default_factory=Usage)

    @classmethod
    def of(cls, said: list[Mapping[str, object]]) -> Self | None:
        """Read the last `result` event, if there is one."""
        result = last(said, "result")
        if result is None:
            return None
        return cls(
            text=text_at(result, "result"),
            error=_error(result),
            status=count_at(result, "api_error_status"),
            terminal_reason=text_at(result, "terminal_reason"),
            denied=tuple(text_at(denial, "tool_name") for denial in list_at(result, "permission_denials")),
            model=_model(said, result),
            usage=_usage(result),
        )


def usage_in(finished: Finished) -> Usage:
    """Read the usage in the `result` event, whatever else it says."""
    result = ResultEvent.of(events(finished.stdout))
    return result.usage if result else Usage()


def model_in(finished: Finished) -> str:
    """Read the model, also of a run that was stopped before its result."""
    said = events(finished.stdout)
    return _model(said, last(said, "result"))


def _error(result: Mapping[str, object]) -> str:
    """Name the error unless both signs agree that there is none: claude calls an API error a `success`."""
    subtype = text_at(result, "subtype")
    if subtype == "success" and result.get("is_error") is False:
        return ""
    listed = "; ".join(error for error in list_at(result, "errors") if isinstance(error, str))
    return text_at(result, "error", "message") or listed or text_at(result, "result") or subtype or "no reason given"


def _model(said: list[Mapping[str, object]], result: Mapping[str, object] | None) -> str:
    """Find the model in the bill or, without one, in the answers; before any, at the start of the run."""
    billed = ((name, count_at(used, "outputTokens")) for name, used in entries_at(result, "modelUsage").items())
    started = next((text_at(event, "model") for event in said if event.get("subtype") == "init"), "")
    return busiest(billed) or busiest(map(_answered, said)) or started


def _answered(event: Mapping[str, object]) -> tuple[str, int | None]:
    """Tell whose answer an event is; no model is behind those that the CLI makes up to report an error."""
    model = text_at(event, "message", "model")
    return "" if model == SYNTHETIC else model, count_at(event, "message", "usage", "output_tokens")


def _usage(result: Mapping[str, object]) -> Usage:
    """Count cached input as input: it is read, and paid for."""
    read = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return Usage(
        input_tokens=total(count_at(result, "usage", name) for name in read),
        output_tokens=count_at(result, "usage", "output_tokens"),
        cost_usd=number_at(result, "total_cost_usd"),
    )
