"""What is sent by mail: codes that prove an address. To which addresses, for how long, how many of them."""

import re
from datetime import timedelta
from typing import Final

PLATFORM: Final = "mail"
"""What the outbox calls it. What waits there holds the address, and is emptied once it is sent or given up."""
CODE_LIVES: Final = timedelta(minutes=30)
MOST_A_DAY: Final = 3
"""So many mails to one address, and for one member, whoever asks: nobody can have a stranger flooded."""
DAY: Final = timedelta(days=1)
_DIGITS: Final = 6
# What every server takes and no header can be broken with.
_MAILABLE: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}"
)
_LONGEST: Final = 254


def mailable(text: str) -> str | None:
    """Return the address to write to, None where nothing is sent there."""
    address = text.strip()
    return address if len(address) <= _LONGEST and _MAILABLE.fullmatch(address) else None


def code_in(text: str) -> str | None:
    """Return the code somebody typed, with blanks or a dash in it or without; None if it is none."""
    digits = re.sub(r"[\s-]", "", text)
    return digits if len(digits) == _DIGITS and digits.isascii() and digits.isdigit() else None
