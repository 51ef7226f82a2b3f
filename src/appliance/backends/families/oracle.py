"""Oracle Linux, with the kernel of RHEL (the other one is in repositories of its own)."""

from appliance.backends.families.marks import of_enterprise_linux
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import KnownRepository, RpmRelease

MIRROR = "https://yum.oracle.com/repo/OracleLinux"
PATHS = {
    "baseos": "OL$releasever/baseos/latest/$basearch",
    "appstream": "OL$releasever/appstream/$basearch",
}
REPOSITORIES = tuple(
    KnownRepository(name, path, url=f"{MIRROR}/{path}") for name, path in PATHS.items()
)

ORACLE = RpmFamily(
    name="oracle",
    title="Oracle Linux",
    releases=(
        RpmRelease(
            "9",
            "9",
            REPOSITORIES,
            ("oraclelinux/RPM-GPG-KEY-oracle-ol9",),
            "https://yum.oracle.com/RPM-GPG-KEY-oracle-ol9",
            database="var/lib/rpm",
        ),
        RpmRelease(
            "10",
            "10",
            REPOSITORIES,
            ("oraclelinux/RPM-GPG-KEY-oracle-ol10",),
            "https://yum.oracle.com/RPM-GPG-KEY-oracle-ol10",
        ),
    ),
    words=("oracle", "oraclelinux"),
    servers=r"https?://yum\.oracle\.com/repo/OracleLinux/",
    mirror=MIRROR,
    vmware_systems=("oracleLinux9_64Guest", "oracleLinux8_64Guest", "oracleLinux7_64Guest"),
    marks=of_enterprise_linux(
        "ol",
        "Oracle",
        "https://www.oracle.com/legal/trademarks.html",
        "its name may say what something is made of or works with, and must not be part of the "
        "name of a product of others",
        words=("Oracle Linux", "Red Hat"),
    ),
)
