"""What people say to a processor while no loop is there to hear it: it holds for the next one."""

from dataclasses import replace
from datetime import datetime, timedelta

from workflows.commands import arguments
from workflows.failover import Lineup
from workflows.loop_controls import Preference, entry_of, flaw_of_preference, refusal
from workflows.loop_memory import LoopMemory
from workflows.model import ConsultationSpec, Instruction, LoopSpec, Steering

NEXT = "The next agent gets it."
PREFERRED = frozenset({"provider", "model"})


class Kept:
    """Commands in the order in which they came; `said` is all of it, for whoever takes the work over."""

    def __init__(self, said: tuple[Steering, ...]) -> None:
        self.said = said

    @property
    def pause(self) -> Steering | None:
        """The command that holds the work up before its next step."""
        return next((it for it in self.said if it.verb == "pause"), None)

    def keep(self, steering: Steering, offered: tuple[str, ...]) -> str | None:
        """Keep a command and say so; `None` when there is nothing to keep. Raises to refuse."""
        match steering.verb:
            case "pause" if self.pause:
                raise refusal("it is already paused")
            case "pause":
                text = f"Paused before the next step{f' for {steering.argument}' if steering.argument else ''}."
            case "resume" if self.pause:
                self.end_pause()
                return "Resumed."
            case "tell":
                text = NEXT
            case "provider" | "model":
                lineup = Lineup.of(self._providers(offered))
                if flaw := flaw_of_preference(LoopMemory(lineup=lineup), _preference(steering)):
                    raise refusal(flaw)
                text = NEXT
            case _:
                return None
        self.said += (steering,)
        return text

    def end_pause(self) -> None:
        """Go on."""
        self._drop("pause")

    def pause_left(self, now: datetime) -> timedelta | None:
        """How long the pause still lasts; `None` until somebody ends it."""
        pause = self.pause
        time = arguments.duration(pause.argument) if pause else None
        return max(datetime.fromisoformat(pause.at) + time - now, timedelta(0)) if pause and time else None

    def for_loop(self, spec: LoopSpec) -> LoopSpec:
        """Have a loop ask whom people prefer."""
        offered = spec.providers or spec.config.providers
        return replace(spec, providers=self._providers(offered)) if self._preferences else spec

    def for_consultation(self, spec: ConsultationSpec) -> ConsultationSpec:
        """Have a consultation ask whom people prefer."""
        return replace(spec, config=replace(spec.config, providers=self._providers(spec.config.providers)))

    def begun(self) -> LoopMemory:
        """Begin a loop with what it is to be told; the one after it is not told again."""
        told = tuple(Instruction(it.argument, author=it.by.login) for it in self.said if it.verb == "tell")
        self._drop("tell")
        return LoopMemory(instructions=told)

    @property
    def _preferences(self) -> tuple[Steering, ...]:
        return tuple(it for it in self.said if it.verb in PREFERRED)

    def _providers(self, offered: tuple[str, ...]) -> tuple[str, ...]:
        lineup = Lineup.of(offered)
        for steering in self._preferences:
            lineup = lineup.preferring(entry_of(LoopMemory(lineup=lineup), _preference(steering)))
        return tuple(it.provider for it in lineup.standings)

    def _drop(self, verb: str) -> None:
        self.said = tuple(it for it in self.said if it.verb != verb)


def _preference(steering: Steering) -> Preference:
    argument = steering.argument.strip()
    return Preference(model=argument) if steering.verb == "model" else Preference.of(argument)
