"""Rocky Linux: its releases, repositories and keys."""

from appliance.backends.families.marks import of_enterprise_linux
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import KnownRepository, RpmRelease

MIRROR = "https://dl.rockylinux.org/pub/rocky"
MIRRORLIST = "https://mirrors.rockylinux.org/mirrorlist?arch=$basearch&repo="
REPOSITORIES = tuple(
    KnownRepository(
        name.lower(),
        f"$releasever/{name}/$basearch/os",
        mirrorlist=f"{MIRRORLIST}{name}-$releasever",
    )
    for name in ("BaseOS", "AppStream")
)

ROCKY = RpmFamily(
    name="rocky",
    title="Rocky Linux",
    releases=(
        RpmRelease(
            "9",
            "9",
            REPOSITORIES,
            ("rocky/RPM-GPG-KEY-Rocky-9",),
            f"{MIRROR}/RPM-GPG-KEY-Rocky-9",
            database="var/lib/rpm",
        ),
        RpmRelease(
            "10",
            "10",
            REPOSITORIES,
            ("rocky/RPM-GPG-KEY-Rocky-10",),
            f"{MIRROR}/RPM-GPG-KEY-Rocky-10",
        ),
    ),
    words=("rocky", "rockylinux"),
    servers=r"https?://(mirrors\.rockylinux\.org/mirrorlist|dl\.rockylinux\.org/pub/rocky/)",
    mirror=MIRROR,
    vmware_systems=("rockylinux_64Guest", "centos8_64Guest", "centos7_64Guest"),
    marks=of_enterprise_linux(
        "rocky",
        "the Rocky Enterprise Software Foundation",
        "https://rockylinux.org/legal/trademarks",
        "its name may stay on unmodified copies; what is changed needs another, and may say that "
        "it is made of it",
        words=("Rocky Linux", "Red Hat"),
        repos="rocky-repos",
    ),
)
