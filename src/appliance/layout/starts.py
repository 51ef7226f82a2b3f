"""Which firmware a disk can start under, as its first sectors say."""

import struct
from collections.abc import Iterator
from uuid import UUID

from appliance.filesystem_facts import BIOS_BOOT, EFI
from appliance.layout.place import TYPES
from appliance.units import SECTOR

HEAD = 34 * SECTOR  # bytes to look at: MBR, GPT header, 128 entries
CODE = 440  # bytes of boot code in an MBR
EFI_MBR, PROTECTIVE = int(TYPES["dos"][EFI], 16), 0xEE
EFI_GPT, BIOS_GPT = UUID(TYPES["gpt"][EFI]), UUID(TYPES["gpt"][BIOS_BOOT])
SIGNATURE, GPT = b"\x55\xaa", b"EFI PART"
MOST_ENTRIES = 128


def starts_under(head: bytes) -> tuple[str, ...]:
    """Return bios, uefi, both or none: bios where there is boot code in the MBR, uefi where there
    is an EFI system partition. *head* are the first HEAD bytes of the disk."""
    if head[510:512] != SIGNATURE:
        return ()
    kinds = set(_types(head))
    bios = ("bios",) if any(head[:CODE]) else ()
    return (*bios, *(("uefi",) if kinds & {EFI_MBR, EFI_GPT} else ()))


def _types(head: bytes) -> Iterator[int | UUID]:
    yield from (head[446 + 16 * number + 4] for number in range(4))
    if head[SECTOR : SECTOR + 8] != GPT:
        return
    count, length = struct.unpack_from("<II", head, SECTOR + 80)  # UEFI 2.10, 5.3.2
    for number in range(min(count, MOST_ENTRIES)):
        start = 2 * SECTOR + number * length
        if length >= 128 and start + 16 <= len(head):
            yield UUID(bytes_le=head[start : start + 16])
