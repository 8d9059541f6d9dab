"""How the command line speaks to the person in front of it: on stderr, so that stdout is for what programs read."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

TO_MEND = 2
"""Exit status when the operator has something to mend first."""
WIDTH_WITHOUT_TERMINAL = 200
"""In a pipe, nothing is to be cut off."""

Say = Callable[[str, str], None]
"""Shows a part of the system and where it is."""

screen = Console(stderr=True, highlight=False)


def say(part: str, where: str) -> None:
    """Show a part of the system."""
    screen.print(f"  [bold]{part:<10}[/] {escape(where)}", soft_wrap=True)


def console() -> Console:
    """Return what answers are shown with, on stdout."""
    found = Console(highlight=False)
    return found if found.is_terminal else Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)


def fail(message: str) -> NoReturn:
    """Tell the operator what to mend, and leave."""
    screen.print(message, markup=False, soft_wrap=True, style="red")
    raise typer.Exit(TO_MEND)


def leave(ending: SystemExit) -> NoReturn:
    """End the process, its exit status as usual, without taking the interpreter apart.

    Temporal's SDK has threads of its own, and one that comes back to an interpreter that is half gone aborts the
    process: now and then, and more often on a busy machine.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads any more
            stream.flush()
    os._exit(ending.code if isinstance(ending.code, int) else bool(ending.code))
