"""Transport compression of the gateway: none, zlib-stream, and zstd-stream where a zstd library is installed."""

import importlib
import zlib
from typing import Any, Protocol


class Encoder(Protocol):
    def encode(self, text: str) -> str | bytes: ...


class Plain:
    def encode(self, text: str) -> str:
        return text


class ZlibStream:
    """One deflate context for the whole connection; every message ends in a sync flush."""

    def __init__(self) -> None:
        self._context = zlib.compressobj()

    def encode(self, text: str) -> bytes:
        return self._context.compress(text.encode()) + self._context.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    def __init__(self) -> None:
        self._library: Any = importlib.import_module("zstandard")
        self._context: Any = self._library.ZstdCompressor().compressobj()

    def encode(self, text: str) -> bytes:
        compressed: bytes = self._context.compress(text.encode())
        flushed: bytes = self._context.flush(self._library.COMPRESSOBJ_FLUSH_BLOCK)
        return compressed + flushed


def encoder(name: str) -> Encoder:
    """Return the encoder a client asked for. Raises ValueError for one Discord does not know."""
    kinds: dict[str, type[Plain] | type[ZlibStream] | type[ZstdStream]] = {
        "": Plain,
        "zlib-stream": ZlibStream,
        "zstd-stream": ZstdStream,
    }
    if name not in kinds:
        raise ValueError(f"unknown transport compression {name!r}")
    return kinds[name]()
