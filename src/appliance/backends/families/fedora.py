"""Fedora Linux."""

from appliance.backends.families.rpm import KnownRepository, RpmFamily, RpmRelease

METALINK = "https://mirrors.fedoraproject.org/metalink?arch=$basearch&repo="
KEYS = ("fedora/RPM-GPG-KEY-fedora-$releasever-primary",)

FEDORA = RpmFamily(
    name="fedora",
    title="Fedora Linux",
    releases=tuple(RpmRelease(number, number) for number in ("43", "44")),
    repositories=(
        KnownRepository("fedora", metalink=f"{METALINK}fedora-$releasever", keys=KEYS),
        KnownRepository("updates", metalink=f"{METALINK}updates-released-f$releasever", keys=KEYS),
    ),
    words=("fedora",),
)
