"""Read the files that the user names: packed or not, of any format that is known here."""

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from appliance.backends import advisories
from appliance.backends.advisories import Advisory
from appliance.backends.compressors import zst
from appliance.errors import RequestError
from appliance.units import MIB, show

DAMAGED = (LookupError, TypeError, AttributeError, RecursionError)  # of another shape than it says
LARGEST = 1024 * MIB  # bytes of one file, unpacked; Debian's tracker has about 70 MiB


def _zstd(file: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", zst.library().ZstdDecompressor().stream_reader(file))


# The first bytes of what is packed, and who reads it.
UNPACKERS: MappingProxyType[bytes, Callable[[BinaryIO], BinaryIO]] = MappingProxyType(
    {
        b"\x1f\x8b": lambda file: cast("BinaryIO", gzip.GzipFile(fileobj=file)),
        b"\xfd7zXZ": lambda file: cast("BinaryIO", lzma.LZMAFile(file)),  # noqa: SIM115 it ends with the file
        b"BZh": lambda file: cast("BinaryIO", bz2.BZ2File(file)),
        b"\x28\xb5\x2f\xfd": _zstd,
    }
)


def read(path: Path, release: str, manager: str) -> list[Advisory]:
    """What the file *path* says of the release with the code name *release*, whose packages are
    those of the package *manager* deb or rpm.

    Raises RequestError, with the path, for what cannot be read or understood, or tells of packages
    of the other kind.
    """
    content = _content(path)
    kind = advisories.recognised(content[: advisories.HEAD])
    if kind is None:
        raise RequestError(
            f"{path} is no data about vulnerabilities that is known here",
            hint="; ".join(f"{kind.name}: {kind.publisher}" for kind in advisories.KNOWN.values()),
        )
    if kind.manager != manager:
        raise RequestError(
            f"{path}, read as {kind.name}, is about {kind.manager} packages; the appliance has "
            f"{manager} packages",
            hint="; ".join(
                f"{each.name}: {each.publisher}"
                for each in advisories.KNOWN.values()
                if each.manager == manager
            ),
        )
    try:
        return list(kind.read(content, release))
    except (ValueError, *DAMAGED) as error:
        raise RequestError(f"{path}, read as {kind.name}, {_said(error)}") from None


def _said(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {error}"
    told = isinstance(error, ValueError) and not isinstance(error, UnicodeDecodeError)
    return str(error) if told else "is damaged"


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(8)
            file.seek(0)
            kinds = [kind for start, kind in UNPACKERS.items() if head.startswith(start)]
            stream = kinds[0](file) if kinds else file
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001 each packer has errors of its own
        raise RequestError(f"cannot unpack {path}: {error}") from None
    if len(content) > LARGEST:
        raise RequestError(f"{path} is larger than {show(LARGEST)}: no data about vulnerabilities")
    return content
