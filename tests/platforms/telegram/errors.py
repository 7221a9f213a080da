"""What the platform answers when it refuses a call: codes and wording."""

from typing import Any

Json = dict[str, Any]

PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class ApiError(Exception):
    """A refusal. `violation` says that a correct bot could never have caused it."""

    def __init__(
        self,
        code: int,
        detail: str = "",
        *,
        parameters: Json | None = None,
        violation: bool = False,
        verbatim: bool = False,
    ) -> None:
        prefix = PREFIXES.get(code, "Error")
        self.code = code
        self.description = detail if verbatim else f"{prefix}: {detail}" if detail else prefix
        self.parameters = parameters
        self.violation = violation
        super().__init__(self.description)

    def body(self) -> Json:
        """The JSON body of the answer."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters is not None:
            body["parameters"] = self.parameters
        return body


def bad_request(detail: str) -> ApiError:
    """A 400 that depends on the state of the chats: a correct bot may meet it."""
    return ApiError(400, detail)


def invalid(detail: str) -> ApiError:
    """A 400 for content that no correct bot sends."""
    return ApiError(400, detail, violation=True)


def forbidden(detail: str) -> ApiError:
    """A 403."""
    return ApiError(403, detail)


def too_many_requests(retry_after_s: int) -> ApiError:
    """A 429 that asks to wait `retry_after_s`."""
    return ApiError(429, f"retry after {retry_after_s}", parameters={"retry_after": retry_after_s})
