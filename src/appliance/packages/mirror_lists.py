"""Find the base addresses of a repository that only a metalink or a mirrorlist tells of."""

import re
from dataclasses import replace

from appliance.backends.package_managers.mirrors import parse_metalink, parse_mirrorlist
from appliance.errors import SourceError
from appliance.host import download
from appliance.host.download import RemoteAccess

LIMIT = 4 * 1024 * 1024  # bytes of a list of mirrors
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def reached(access: RemoteAccess) -> RemoteAccess:
    """*access* with its base addresses, the best mirror first; asks the network if need be.

    Raises SourceError if the list cannot be had, or holds nothing that we can use.
    """
    if access.urls:
        return access
    address = access.metalink or access.mirrorlist
    text = download.text(replace(access, urls=(address,)), "", limit=LIMIT)
    if text is None:
        raise SourceError(f"{address} is not there", hint="look at the address")
    urls = (
        parse_metalink(text) if access.metalink else parse_mirrorlist(text.decode(errors="replace"))
    )
    if not urls:
        raise SourceError(f"{address} names no mirror that we could use")
    return replace(access, urls=tuple(_filled(url, access).rstrip("/") for url in urls))


def _filled(url: str, access: RemoteAccess) -> str:
    values = dict(access.variables)
    return VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), url)
