"""The process that turns SVG into PNG: texts in, pictures out, each after its length. Ends when its input does."""

import struct
import sys

LENGTH = struct.Struct(">I")


def serve(font: str, family: str) -> None:
    """Draw what comes over standard input; the length 0 answers what cannot be drawn."""
    # Loaded here alone: who asks this process knows only its module.
    import resvg_py

    source, target = sys.stdin.buffer, sys.stdout.buffer
    while header := source.read(LENGTH.size):
        svg = source.read(LENGTH.unpack(header)[0]).decode()
        try:
            png = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=[font], font_family=family)
        except ValueError:
            png = b""
        target.write(LENGTH.pack(len(png)) + png)
        target.flush()


if __name__ == "__main__":
    serve(*sys.argv[1:])
