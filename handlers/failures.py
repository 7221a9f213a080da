"""What may be logged of an unexpected error."""

import secrets


def new_error_id() -> str:
    """Return a short id that a person can pass on and that stands in the log."""
    return secrets.token_hex(4)


def where_it_failed(error: BaseException) -> dict[str, object]:
    """Return the kind of an error and the frames it came through; its message may quote a person, so it stays out."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return {"error": type(error).__name__, "frames": frames[-8:]}
