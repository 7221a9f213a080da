"""Reading the answers to questions, typed or from a pipe; secrets are not shown."""

import getpass
import sys
from collections.abc import Callable


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
