"""Red Hat Enterprise Linux. Its servers want the certificate of a subscription."""

from appliance.backends.families.marks import of_enterprise_linux
from appliance.backends.families.rpm import RpmFamily
from appliance.backends.families.rpm_release import KnownRepository, RpmRelease

MIRROR = "https://cdn.redhat.com/content/dist"


def _repositories(major: str) -> tuple[KnownRepository, ...]:
    paths = {name: f"rhel{major}/$releasever/$basearch/{name}/os" for name in NAMES}
    return tuple(
        KnownRepository(f"rhel-{major}-{name}", path, url=f"{MIRROR}/{path}", entitled=True)
        for name, path in paths.items()
    )


NAMES = ("baseos", "appstream")
RHEL = RpmFamily(
    name="rhel",
    title="Red Hat Enterprise Linux",
    releases=(
        RpmRelease(
            "9",
            "9",
            _repositories("9"),
            ("redhat/RPM-GPG-KEY-redhat9-release",),
            database="var/lib/rpm",
        ),
        # the second file holds post-quantum keys too, which older programs cannot read
        RpmRelease(
            "10",
            "10",
            _repositories("10"),
            (
                "redhat/RPM-GPG-KEY-redhat10-release-without-PQC",
                "redhat/RPM-GPG-KEY-redhat10-release",
            ),
        ),
    ),
    words=("rhel", "redhat"),
    servers=r"https://cdn\.redhat\.com/content/dist/rhel",
    mirror=MIRROR,
    vmware_systems=("rhel9_64Guest", "rhel8_64Guest", "rhel7_64Guest"),
    marks=of_enterprise_linux(
        "rhel",
        "Red Hat",
        "https://www.redhat.com/en/about/trademark-guidelines-and-policies",
        "what is handed on to others must be without its names and pictures",
        words=("Red Hat", "RHEL"),
    ),
)
