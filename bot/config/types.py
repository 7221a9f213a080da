"""What a setting may hold: the types of the config's values, each with what it refuses."""

import re
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from bot.members.names import PICTURE_FILE
from bot.purchases.money import MINOR_DIGITS

_DATABASE_URL = (
    '"sqlite:///" and the path of a file, or "postgresql://" and user@host/database, where other signs than letters,'
    " digits and -._~ in a password are percent-encoded, such as / as %2F and @ as %40"
)
_SERVER_URL = re.compile(
    r"postgres(ql)?://(?!.*%(?![0-9A-Fa-f]{2}))"
    r"([^\s/?#@:\[\]]*(:[^\s/?#@\[\]]*)?@)?[^\s#@]+"
)

Text = Annotated[str, Field(min_length=1, max_length=200)]
Bound = Annotated[int, Field(ge=-(10**9), le=10**9, strict=True)]
Points = Annotated[int, Field(ge=0, le=10**9, strict=True)]
Count = Annotated[int, Field(ge=1, le=10**6, strict=True)]
Language = Literal["en", "pl"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$", description="1 to 40 of a-z, 0-9 and -")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def weekday_number(day: Weekday) -> int:
    """Return the number of a day of the week; Monday is 0."""
    return get_args(Weekday).index(day)


def _known_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no known time zone") from error
    return name


def _identity(text: str) -> str:
    if not re.fullmatch(r"(telegram:[0-9]{1,20}|discord:[0-9]{1,20}|console:[a-z0-9_]{1,32})", text):
        raise ValueError("is no identity")
    return text


def _currency(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError("is no known currency")
    return code


def _clock_time(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("is no time of day")
    return text


def _http_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", text):
        raise ValueError("is no address")
    return text.rstrip("/")


def database_url(text: str) -> str:
    """Return the address of a database. Raises ValueError for what is none, or not clearly so, without showing it.

    A sign of a password that means something in addresses would make what follows it the server's name, which is shown.
    """
    if text.startswith("sqlite:///") and text != "sqlite:///":
        return text
    if not _SERVER_URL.fullmatch(text):
        raise ValueError(f"should be {_DATABASE_URL}")
    return text


def _number_as_text(given: object) -> object:
    return repr(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


def _multiplier(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) or float(text) > 100:
        raise ValueError("is no multiplier")
    return _shortest(text)


def _shortest(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return f"{int(whole)}.{fraction}".rstrip("0").rstrip(".") if fraction else str(int(whole))


def _at_least_one(multiplier: str) -> str:
    if float(multiplier) < 1:
        raise ValueError("is too little")
    return multiplier


def _rate(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text) or not float(text):
        raise ValueError("is no rate")
    return _shortest(text)


def _at_most_ten(multiplier: str) -> str:
    if float(multiplier) > 10:
        raise ValueError("is too much")
    return multiplier


def _no_blanks(secret: SecretStr) -> SecretStr:
    if re.search(r"\s", secret.get_secret_value()):
        raise ValueError("holds blanks")
    return secret


def _tag(text: str) -> str:
    if any(ord(character) >= 0x2190 for character in text) or text != text.strip():
        raise ValueError("is no tag")
    return text


# A description says what a value should be: error messages and docs/configuration.md end with it.
TimeOfDay = Annotated[str, AfterValidator(_clock_time), Field(description='a time of day such as "09:00"')]
Timezone = Annotated[str, AfterValidator(_known_timezone), Field(description='a time zone such as "Europe/Warsaw"')]
Currency = Annotated[
    str, AfterValidator(_currency), Field(description=f"one of the currency codes {', '.join(sorted(MINOR_DIGITS))}")
]
OwnerId = Annotated[str, AfterValidator(_identity), Field(description='"telegram:123456" or "discord:123456"')]
HttpAddress = Annotated[
    str, AfterValidator(_http_address), Field(description="an address that begins with http:// or https://")
]
DatabaseUrl = Annotated[str, AfterValidator(database_url), Field(description=_DATABASE_URL)]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$", description='an amount such as "49.90"')]
Color = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$", description='a colour such as "#1F5B4A"')]
_AnyMultiplier = Annotated[str, BeforeValidator(_number_as_text), AfterValidator(_multiplier)]
Multiplier = Annotated[
    _AnyMultiplier,
    AfterValidator(_at_least_one),
    Field(description="a number from 1 to 100 with at most 3 decimals, such as 1.25"),
]
BoostMultiplier = Annotated[
    _AnyMultiplier,
    AfterValidator(_at_least_one),
    AfterValidator(_at_most_ten),
    Field(description="a number from 1 to 10 with at most 3 decimals, such as 1.5"),
]
PictureFile = Annotated[
    str,
    Field(
        pattern=PICTURE_FILE,
        description='the name of a PNG or JPEG file in the folder of pictures, such as "mug.png", or "" for none',
    ),
]
PlatformId = Annotated[str, Field(pattern=r"^[0-9]{15,20}$", description='an id such as "1029384756102938475"')]
GroupId = Annotated[str, Field(pattern=r"^-[0-9]{1,20}$", description='the id of a group such as "-1001234567890"')]
SpaceAddress = Annotated[
    str,
    Field(
        pattern=r"^(telegram:-?[0-9]{1,20}|discord:[0-9]{1,20}|console:[a-z0-9_]{1,32})$",
        description='"telegram:-1001234567890" or "discord:123456"',
    ),
]
ChannelId = Annotated[
    str, Field(pattern=r"^[0-9]{1,20}$", description='the id of a channel such as "123456", or the number of a topic')
]
Tag = Annotated[
    str,
    AfterValidator(_tag),
    Field(min_length=1, max_length=16, description="1 to 16 characters without emoji"),
]
PartMultiplier = Annotated[
    _AnyMultiplier,
    AfterValidator(_at_most_ten),
    Field(description="a number from 0 to 10 with at most 3 decimals, such as 1.5; 0 brings nothing"),
]
Rate = Annotated[
    str,
    BeforeValidator(_number_as_text),
    AfterValidator(_rate),
    Field(description="a number above 0 with at most 6 decimals, such as 4.27"),
]
Secret = Annotated[SecretStr, AfterValidator(_no_blanks), Field(description="text without blanks, as it was given")]
ActionName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$", description="1 to 32 of a-z, 0-9, _ and -")]
# An empty value means that there is none, as an empty environment variable does.
OptionalSecret = Annotated[Secret | None, BeforeValidator(lambda given: None if given == "" else given)]
ShardId = Annotated[int, Field(ge=0, le=99_999, strict=True)]
WarnDays = Annotated[int, Field(ge=1, le=60, strict=True)]
Switch = Annotated[bool, Field(strict=True)]
