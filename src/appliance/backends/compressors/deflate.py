"""The one library for everything that we compress by deflate: zlib-ng.

Python's own zlib is whatever a distribution put there, and its bytes differ with it. ISA-L (isal)
is five times as fast as zlib-ng, but its bytes depend on the instructions that a CPU has; so did
those of zlib-ng before 2.2, which hashed with them. Measured with 22 MB of programs, texts, zeros
and noise, in pieces of 64 KiB, on an AMD EPYC and on it under `qemu-x86_64 -cpu` qemu64, Nehalem,
Haswell and max: isal 1.9.1 gave two different results at level 1 and three at level 3, zlib-ng
2.1.5 two at level 6; zlib-ng 2.2.5 and 2.3.3 one each at the levels that were tried, 3 and 6.

Level 6 takes 0.38 times as long as zlib's 6 on one core, for 1.025 times its size; level 3 takes
0.28 times as long for 1.04.
"""

from types import ModuleType

from appliance.errors import HostError

OLDEST = (2, 2)
LEVEL = 6
TOOL = "zlib-ng"  # in the table of host/probe.py: its version counts


def library() -> ModuleType:
    """Return the module zlib_ng.zlib_ng, which has what Python's zlib has.

    Raises HostError if it is not there, or so old that its bytes depend on the CPU.
    """
    try:
        from zlib_ng import zlib_ng  # here: most commands do without
    except ImportError as error:
        raise HostError(
            f"Python's zlib-ng cannot be used: {error}",
            hint="install python3-zlib-ng, or: pip install zlib-ng",
        ) from error
    version = str(zlib_ng.ZLIBNG_RUNTIME_VERSION)
    if tuple(int(number) for number in version.split(".")[:2]) < OLDEST:
        raise HostError(
            f"zlib-ng {version} packs differently on different CPUs",
            hint="zlib-ng 2.2 or later, or: pip install 'zlib-ng>=1.0'",
        )
    return zlib_ng
