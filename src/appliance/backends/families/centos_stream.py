"""CentOS Stream: what the next minor release of RHEL is made from."""

from appliance.backends.families.marks import of_enterprise_linux
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import KnownRepository, RpmRelease

KEYS = "https://www.centos.org/keys"
METALINK = "https://mirrors.centos.org/metalink?arch=$basearch&repo=centos"
REPOSITORIES = tuple(
    KnownRepository(
        name.lower(),
        f"$releasever-stream/{name}/$basearch/os",
        metalink=f"{METALINK}-{name.lower()}-$releasever-stream",
        signed_metadata=True,
    )
    for name in ("BaseOS", "AppStream")
)

CENTOS_STREAM = RpmFamily(
    name="centos-stream",
    title="CentOS Stream",
    releases=(
        RpmRelease(
            "9",
            "9",
            REPOSITORIES,
            ("centos/RPM-GPG-KEY-CentOS-Official",),
            f"{KEYS}/RPM-GPG-KEY-CentOS-Official",
            database="var/lib/rpm",
        ),
        RpmRelease(
            "10",
            "10",
            REPOSITORIES,
            ("centos/RPM-GPG-KEY-CentOS-Official-SHA256",),
            f"{KEYS}/RPM-GPG-KEY-CentOS-Official-SHA256",
        ),
    ),
    words=("centos",),
    servers=r"https?://(mirrors\.centos\.org|mirror\.stream\.centos\.org)/(?!.*(SIGs|-extras-))",
    mirror="https://mirror.stream.centos.org",
    vmware_systems=("centos9_64Guest", "centos8_64Guest", "centos7_64Guest"),
    marks=of_enterprise_linux(
        "centos",
        "the CentOS project and Red Hat",
        "https://www.centos.org/legal/trademarks/",
        "its name belongs to what the project itself hands out; others may say that theirs is made "
        "of it",
        words=("CentOS", "Red Hat"),
        repos="centos-stream-repos",
    ),
)
