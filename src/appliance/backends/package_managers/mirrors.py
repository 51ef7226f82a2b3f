"""Lists of mirrors: metalinks (RFC 5854's elder, version 3.0, as MirrorManager writes them) and
mirrorlists."""

from appliance.backends.package_managers.xml_limits import decimal, parsed

METALINK = "{http://www.metalinker.org/}"
SCHEMES = ("http://", "https://", "file://")
LISTED = "/repodata/repomd.xml"


def parse_metalink(text: bytes) -> tuple[str, ...]:
    """The base addresses that a metalink of repomd.xml names, the most preferred first.

    Raises SourceError if it is not XML.
    """
    found: list[tuple[int, int, str]] = []
    for url in parsed(text, "the metalink").iter(f"{METALINK}url"):
        address, preference = (url.text or "").strip(), url.get("preference")
        if address.startswith(SCHEMES) and address.endswith(LISTED):
            found.append((-(decimal(preference) or 0), len(found), address.removesuffix(LISTED)))
    return tuple(dict.fromkeys(address for _, _, address in sorted(found)))


def parse_mirrorlist(text: str) -> tuple[str, ...]:
    """The base addresses of a mirrorlist, in its order; what begins with # is a comment."""
    lines = (line.strip().rstrip("/") for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line.startswith(SCHEMES)))
