"""Fedora Linux. Its packages are signed, its metadata is not: metalinks vouch for it."""

from appliance.backends.families.marks import GENERIC, PIXMAPS, Marks
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import KnownRepository, RpmRelease
from appliance.layout.complete import StorageDefaults
from appliance.units import GIB

METALINK = "https://mirrors.fedoraproject.org/metalink?arch=$basearch&repo="
RELEASE = KnownRepository(
    "fedora",
    "releases/$releasever/Everything/$basearch/os",
    metalink=f"{METALINK}fedora-$releasever",
    signed_metadata=False,
)
UPDATES = KnownRepository(
    "updates",
    "updates/$releasever/Everything/$basearch",
    metalink=f"{METALINK}updates-released-f$releasever",
    signed_metadata=False,
)
RAWHIDE = KnownRepository(
    "rawhide",
    "development/rawhide/Everything/$basearch/os",
    metalink=f"{METALINK}rawhide",
    signed_metadata=False,
)
KEYS = "https://fedoraproject.org/fedora.gpg"  # of all releases
NEXT = 45  # the release that rawhide becomes


def _key(name: str) -> str:
    return f"fedora/RPM-GPG-KEY-fedora-{name}-primary"


FEDORA = RpmFamily(
    name="fedora",
    title="Fedora Linux",
    releases=(
        *(
            RpmRelease(number, number, (RELEASE, UPDATES), (_key(number),), KEYS)
            for number in ("42", "43", "44")
        ),
        # around a branching its packages are signed by the release before or after
        RpmRelease(
            "rawhide",
            str(NEXT),
            (RAWHIDE,),
            tuple(map(_key, ("rawhide", str(NEXT), str(NEXT + 1), str(NEXT - 1)))),
            KEYS,
        ),
    ),
    words=("fedora", "fedoraproject"),
    servers=r"https?://(mirrors|dl|download)\.fedoraproject\.org/(?!.*epel)",
    moved=36,
    sqlite=33,
    storage=StorageDefaults("fedora", scheme="btrfs", boot_size=2 * GIB),
    mirror="https://dl.fedoraproject.org/pub/fedora/linux",
    vmware_systems=("fedora64Guest",),
    marks=Marks(
        GENERIC,
        "the Fedora project and Red Hat",
        "https://docs.fedoraproject.org/en-US/legal/trademarks/",
        "unmodified packages of Fedora, and nothing else, may be together under its name; with "
        "anything else it is a remix, which has a mark of its own and none of the others",
        ("Fedora", "Red Hat"),
        ("fedora",),
        release_packages=("fedora-release*",),
        logo_packages=("fedora-logos*", "fedora-workstation-backgrounds", "f*-backgrounds*"),
        generic_release="generic-release",
        generic_logos="generic-logos",
        remix_logos="fedora-remix-logos",
        provides=("fedora-release", "fedora-release-common", "fedora-release-identity"),
        requires=("fedora-repos",),
        pictures=(f"{PIXMAPS}/fedora-*", "/usr/share/fedora-logos/**"),
    ),
)
