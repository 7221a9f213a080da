"""Reading what a person types or a pipe brings: the demo's lines, and the answers to questions."""

import asyncio
import getpass
import sys
from collections.abc import Awaitable, Callable

from prompt_toolkit import PromptSession


def line_reader() -> Callable[[], Awaitable[str | None]]:
    """Return what reads the next line, None at the end: with editing and history in a terminal."""
    if not sys.stdin.isatty():
        return _piped
    session: PromptSession[str] = PromptSession("> ")

    async def typed() -> str | None:
        try:
            return await session.prompt_async()
        except (EOFError, KeyboardInterrupt):
            return None

    return typed


async def _piped() -> str | None:
    return await asyncio.to_thread(sys.stdin.readline) or None


def answer_reader(write: Callable[[str], None]) -> Callable[[str, bool], str]:
    """Return what asks a question, hides what is typed if told to, and reads the answer. It raises EOFError."""
    if sys.stdin.isatty():
        return lambda question, is_secret: getpass.getpass(question) if is_secret else input(question)

    def answer(question: str, is_secret: bool) -> str:
        write(question)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line

    return answer
