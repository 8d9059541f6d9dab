"""Which question of a plan somebody answers."""

import re

from workflows.loop_controls import refusal

NO_QUESTION = "The plan has no question {number}; it has {count}."
NO_ANSWER = "Say what the answer to question {number} is: `/aidp answer {number} …`"
NUMBERED = re.compile(r"#?(\d{1,4})(?:[.:)](?!\d)\s*|\s+|$)(.*)", re.DOTALL)
"""`2 UTC`, `2. UTC`, `#2: UTC`, but neither `2.5 hours` nor `12:30`."""


def addressed(text: str, count: int) -> tuple[int, str]:
    """Read which of so many questions is answered, 0 for all of them, and how; raises to refuse one that is not there.

    With a single question a number that begins the text is part of the answer, unless it is the question's own.
    """
    numbered = NUMBERED.fullmatch(text)
    number = int(numbered[1]) if numbered else 0
    if not numbered or (count == 1 and (number != 1 or not numbered[2])):
        return 0, text
    if not 0 < number <= count:
        raise refusal(NO_QUESTION.format(number=number, count=count))
    if not numbered[2]:
        raise refusal(NO_ANSWER.format(number=number))
    return number, numbered[2].strip()
