"""AlmaLinux OS: its releases, repositories and keys."""

from appliance.backends.families.marks import of_enterprise_linux
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import KnownRepository, RpmRelease

MIRROR = "https://repo.almalinux.org/almalinux"
REPOSITORIES = tuple(
    KnownRepository(
        name.lower(),
        f"$releasever/{name}/$basearch/os",
        mirrorlist=f"https://mirrors.almalinux.org/mirrorlist/$releasever/{name.lower()}",
    )
    for name in ("BaseOS", "AppStream")
)

ALMALINUX = RpmFamily(
    name="almalinux",
    title="AlmaLinux OS",
    releases=(
        RpmRelease(
            "9",
            "9",
            REPOSITORIES,
            ("alma/RPM-GPG-KEY-AlmaLinux-9",),
            f"{MIRROR}/RPM-GPG-KEY-AlmaLinux-9",
            database="var/lib/rpm",
        ),
        RpmRelease(
            "10",
            "10",
            REPOSITORIES,
            ("alma/RPM-GPG-KEY-AlmaLinux-10",),
            f"{MIRROR}/RPM-GPG-KEY-AlmaLinux-10",
        ),
    ),
    words=("alma", "almalinux"),
    servers=r"https?://(mirrors|repo)\.almalinux\.org/(almalinux|mirrorlist)/",
    mirror=MIRROR,
    vmware_systems=("almalinux_64Guest", "centos8_64Guest", "centos7_64Guest"),
    marks=of_enterprise_linux(
        "almalinux",
        "the AlmaLinux OS Foundation",
        "https://almalinux.org/p/the-almalinux-os-trademark-usage-policy/",
        "its name may stay on unmodified copies; what is changed needs another, and may say that "
        "it is made of it",
        words=("AlmaLinux", "Red Hat"),
        repos="almalinux-repos",
    ),
)
