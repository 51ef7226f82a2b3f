"""Files that compress what is written to them, on all cores."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.backends import compressors
from appliance.backends.bundle_formats.model import Packing
from appliance.backends.bundle_formats.tar import Opener, Stream


def by(suffix: str) -> Opener:
    """Return the function that opens a file to write to which the compressor called *suffix*
    compresses."""

    @contextmanager
    def opened(target: Path, manner: Packing) -> Iterator[Stream]:
        kind = compressors.find(suffix)
        with (
            target.open("wb") as file,
            compressors.Writer(kind, file, cores=manner.cores) as stream,
        ):
            yield stream

    return opened
