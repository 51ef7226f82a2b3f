"""The .xz format, written on all cores: one stream of blocks of a fixed size.

Blocks know nothing of each other, so the bytes do not depend on how many were made at once, and
readers may unpack them at once or a single one. Facts: "The .xz File Format", version 1.2.1
(tukaani.org/xz/xz-file-format.txt); the section numbers below are its own.
"""

import lzma
import os
import struct
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from appliance.errors import HostError
from appliance.units import MIB

# Measured with the AOS and with 350 MB of programs and texts in a disk of 2 GB, on two cores:
# preset 1 takes 0.24 times as long as `xz -6` on as many, for 1.07 and 1.14 times its size,
# preset 2 takes 0.31 times as long for 1.06 and 1.12, preset 3 twice that. Larger blocks save
# half a per cent, and leave cores without work at the end. What is compressed already (a kernel,
# its modules) takes the longest to search, and becomes no smaller than with preset 0.
PRESET, HASTY_PRESET = 1, 0
BLOCK = 8 * MIB
DICTIONARY = MIB  # the preset's own, stated because each block states it; the hasty one has less
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": PRESET, "dict_size": DICTIONARY}]
HASTY_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": HASTY_PRESET}]
SAMPLE = 509  # one byte of so many is looked at; a prime, for what has a period
DENSE = 6 / 256  # the chance that two bytes are the same is 1/256 in noise, and above 0.03 in code

STREAM_MAGIC, FOOTER_MAGIC = b"\xfd7zXZ\0", b"YZ"  # 2.1.1.1, 2.1.2.4
STREAM_FLAGS = b"\0\1"  # 2.1.1.2: each block ends with a CRC32
BLOCK_FLAGS = 0xC0  # 3.1.2: one filter; both sizes are stated, so that threads can unpack
LZMA2 = bytes((0x21, 1, 2 * (DICTIONARY.bit_length() - 1) - 24))  # 5.3.1: id, one byte, dictionary
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Block:
    """One finished block. *unpadded* and *size* are what the index says of it, in bytes."""

    data: bytes
    unpadded: int
    size: int


def compress(source: Path, target: Path, *, cores: int, told: Told) -> None:
    """Write *target*, an .xz file that holds the bytes of *source*.

    Holes of *source* are not read; a block of zeros is compressed once, however many there are.
    Whatever its size, it takes about 50 MiB of memory a core. *told* hears, as the work goes on,
    how many bytes of how many are done. Raises HostError if *source* is cut off meanwhile, OSError
    if a disk is full.
    """
    records = []
    with source.open("rb") as file, target.open("wb") as stream:
        total, done = os.fstat(file.fileno()).st_size, 0
        stream.write(STREAM_MAGIC + _checked(STREAM_FLAGS))
        pool = ThreadPoolExecutor(cores)
        try:
            for block in _in_order(_pieces(file.fileno(), total, source), pool, window=2 * cores):
                stream.write(block.data)
                records.append((block.unpadded, block.size))
                done += block.size
                told(done, total)
        finally:
            pool.shutdown(cancel_futures=True)
        index = _index(records)
        size = _checked(struct.pack("<I", len(index) // 4 - 1) + STREAM_FLAGS, before=True)
        stream.write(index + size + FOOTER_MAGIC)


def size(file: Path) -> int:
    """The bytes that are packed in *file*, which compress() wrote: the index before its end says
    them (sections 2.1.2 and 4)."""
    with file.open("rb") as stream:
        stream.seek(-12, os.SEEK_END)
        back = (struct.unpack("<4xI4x", stream.read(12))[0] + 1) * 4
        stream.seek(-12 - back, os.SEEK_END)
        numbers = _numbers(stream.read(back)[1:])
    count = next(numbers)
    return sum(list(islice(numbers, 2 * count))[1::2])  # of each block: in the file, unpacked


def _numbers(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte <= 0x7F:
            yield value
            value = shift = 0


def _in_order(pieces: Iterator[bytes | None], pool: Executor, *, window: int) -> Iterator[Block]:
    """Yield the finished block of each piece; never are more than *window* in memory."""
    zeros = pool.submit(_block, bytes(BLOCK))
    waiting: deque[Future[Block]] = deque()
    busy = 0
    for piece in pieces:
        waiting.append(zeros if piece is None else pool.submit(_block, piece))
        busy += piece is not None
        while waiting and (busy >= window or waiting[0].done()):
            first = waiting.popleft()
            busy -= first is not zeros
            yield first.result()
    for rest in waiting:
        yield rest.result()


def _pieces(file: int, total: int, name: Path) -> Iterator[bytes | None]:
    """Cut an open file of *total* bytes; None stands for a whole BLOCK of zeros."""
    zeros = bytes(BLOCK)
    data = _seek(file, 0, os.SEEK_DATA, total)
    for start in range(0, total, BLOCK):
        end = min(start + BLOCK, total)
        piece = None
        if data < end or end - start < BLOCK:
            piece = bytearray(end - start)
            data = _fill(file, piece, start, data=data, total=total)
        if os.fstat(file).st_size < end:
            raise HostError(f"{name} was cut off while it was read")
        yield None if piece is None or piece == zeros else bytes(piece)


def _fill(file: int, piece: bytearray, start: int, *, data: int, total: int) -> int:
    """Read what is no hole of *piece*, which begins at the byte *start*; the first is at *data*.

    Returns where the next data is behind the piece, *total* if there is none.
    """
    end = start + len(piece)
    with memoryview(piece) as view:
        while data < end:
            stop = min(_seek(file, data, os.SEEK_HOLE, total), end)
            got = os.preadv(file, [view[data - start : stop - start]], data)
            if not got:
                return total
            data = _seek(file, data + got, os.SEEK_DATA, total)
    return data


def _seek(file: int, start: int, kind: int, total: int) -> int:
    try:
        return os.lseek(file, start, kind)
    except OSError:  # there is nothing of that kind up to the end
        return total


def _block(piece: bytes) -> Block:
    """Section 3: header, LZMA2 data, padding, check."""
    filters = HASTY_FILTERS if _is_dense(piece) else FILTERS
    packed = lzma.compress(piece, format=lzma.FORMAT_RAW, filters=filters)
    says = bytes((BLOCK_FLAGS,)) + _number(len(packed)) + _number(len(piece)) + LZMA2
    words = len(_padded(bytes(1) + says)) // 4  # 3.1.1: without the CRC32 that follows
    header = _checked(_padded(bytes((words,)) + says))
    check = struct.pack("<I", zlib.crc32(piece))
    unpadded = len(header) + len(packed) + len(check)
    return Block(header + _padded(packed) + check, unpadded, len(piece))


def _is_dense(piece: bytes) -> bool:
    """Whether it looks compressed already: hardly any byte is more frequent than the others."""
    sample = piece[::SAMPLE]
    return sum(count**2 for count in Counter(sample).values()) < DENSE * len(sample) ** 2


def _index(records: list[tuple[int, int]]) -> bytes:
    """Section 4: the sizes of every block."""
    numbers = b"".join(_number(unpadded) + _number(size) for unpadded, size in records)
    return _checked(_padded(bytes(1) + _number(len(records)) + numbers))


def _number(value: int) -> bytes:
    """Section 1.2: seven bits a byte, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _checked(data: bytes, *, before: bool = False) -> bytes:
    """Put the CRC32 behind *data*, or before it."""
    crc = struct.pack("<I", zlib.crc32(data))
    return crc + data if before else data + crc
