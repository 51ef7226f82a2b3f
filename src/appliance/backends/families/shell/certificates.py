"""Where the certificates of a kickstart are in the image, and what makes the system trust them.

Facts: update-ca-trust(8), update-ca-certificates(8); Anaconda writes all but anchors before the
first package as well, since scripts of packages may want them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.backends.families.shell.accounts import write_file
from appliance.recipe.settings import Certificate, Settings

EARLY = ("/etc/", "/opt/", "/srv/", "/usr/", "/var/")  # no link of any package leads elsewhere


@dataclass(frozen=True)
class Anchors:
    """Where a distribution's own program looks for anchors, whose names end with *suffix*."""

    directory: str
    suffix: str
    program: str


RPM_ANCHORS = Anchors("/etc/pki/ca-trust/source/anchors", "", "update-ca-trust extract")
DEBIAN_ANCHORS = Anchors("/usr/local/share/ca-certificates", ".crt", "update-ca-certificates")
ANCHOR = "%certificate --type=anchor"
PACKAGE = "ca-certificates"  # in either family it brings the program


def needed_packages(settings: Settings) -> set[str]:
    """Return the packages that make a system trust the recipe's anchors."""
    return {PACKAGE for item in settings.certificates if item.kind == "anchor"}


def seeds(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return the certificates that are there before the first package, as paths in the root and
    texts."""
    return tuple(
        (f"{item.directory}/{item.name}".lstrip("/"), item.text)
        for item in settings.certificates
        if not item.kind and f"{item.directory}/".startswith(EARLY)
    )


def certificates(items: Sequence[Certificate], anchors: Anchors) -> str:
    """Return shell that writes the certificates, again if a package's script has removed them, and
    has the system trust the anchors."""
    parts = [write_file(_place(item, anchors), item.text) for item in items]
    if any(item.kind == "anchor" for item in items):
        parts.append(f"""\
if command -v {anchors.program.split()[0]} > /dev/null; then
{anchors.program}
else
echo '%certificate --type=anchor: the image has no {anchors.program.split()[0]}' >&2
exit 1
fi""")
    return "\n".join(parts)


def _place(item: Certificate, anchors: Anchors) -> str:
    if item.kind != "anchor":
        return f"{item.directory}/{item.name}"
    name = item.name.removesuffix(".pem") if anchors.suffix else item.name
    return f"{anchors.directory}/{name.removesuffix(anchors.suffix)}{anchors.suffix}"
