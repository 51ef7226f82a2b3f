"""A picture for whoever has none: programs of a distribution expect one at certain places."""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SIZE = 16  # pixels each way


def plain_png(red: int, green: int, blue: int) -> bytes:
    """Return a PNG of one colour (RFC 2083), the same bytes each time."""
    row = b"\0" + bytes((red, green, blue)) * SIZE  # no filter; 8 bits a channel
    head = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(row * SIZE, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
