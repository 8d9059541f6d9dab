"""Asking an agent about the code: it reads, answers as data, and changes nothing."""

from dataclasses import replace

from workflows import steps
from workflows.agent_desk import AgentDesk
from workflows.loop_memory import LoopMemory
from workflows.model import (
    AgentTask,
    Answer,
    AnswerRequest,
    Ending,
    Instruction,
    Outcome,
    Question,
    QuestionRequest,
    Workspace,
)

MAX_ANSWERS = 3
"""An agent that cannot put its answer into form is shown its mistake this often."""
UNUSABLE = "no usable answer came in {attempts} attempts: {flaw}"
ADVICE = "Ask again with a hint, or choose another agent."


class Inquirer:
    """Puts questions to whichever agent can answer."""

    def __init__(self, memory: LoopMemory, desk: AgentDesk) -> None:
        self._memory = memory
        self._desk = desk
        self.told: tuple[Instruction, ...] = ()
        """Instructions in the last prompt."""

    async def ask(self, workspace: Workspace, question: Question) -> Answer | Outcome:
        """Ask until an answer has the right form; an outcome means that there is none to be had."""
        flaw = ""
        for _ in range(MAX_ANSWERS):
            result = await self._attempt(workspace, question, flaw)
            if isinstance(result, Outcome) or not result.flaw:
                return result
            flaw = result.flaw
        return Outcome(Ending.GAVE_UP, UNUSABLE.format(attempts=MAX_ANSWERS, flaw=flaw), ADVICE)

    async def _attempt(self, workspace: Workspace, question: Question, flaw: str) -> Answer | Outcome:
        memory = self._memory
        memory.asked += 1
        task = AgentTask(workspace, memory.asked, prompt="", provider="", read_only=True)
        request = QuestionRequest(workspace, memory.asked, question, flaw=flaw)
        result = await self._desk.hand_out(task, lambda told: self._write(request, told))
        if isinstance(result, Outcome):
            return result
        await steps.reset_workspace(workspace)  # it was only to look
        return await steps.read_answer(AnswerRequest(workspace, question, result.answer))

    async def _write(self, request: QuestionRequest, told: tuple[Instruction, ...]) -> str:
        self.told = told
        return await steps.write_question(replace(request, instructions=tuple(it.text for it in told)))
