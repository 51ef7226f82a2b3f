"""Whose an archive is stands in its Release file; what that may be beside which family."""

import pytest

from appliance.backends.families.apt import AptFamily
from appliance.backends.families.apt_sources import AptSource
from appliance.backends.families.debian import DEBIAN
from appliance.backends.families.kali import KALI
from appliance.backends.families.origins import refuse_others
from appliance.backends.families.ubuntu import UBUNTU
from appliance.errors import SourceError

OWN = AptSource("debian", "http://a.example/d", "trixie", ("main",), "/k.gpg", known=True)
LINE = AptSource("x", "http://x.example/d", "acme", ("main",), "/k.gpg")


def release(origin: str) -> str:
    return f"Origin: {origin}\nLabel: x\nSuite: stable\n" if origin else "Suite: stable\n"


@pytest.mark.parametrize(
    ("family", "codename", "sources", "origins"),
    [
        (DEBIAN, "trixie", (OWN,), ("Debian",)),
        (DEBIAN, "trixie", (OWN, LINE), ("Debian", "Acme")),
        (DEBIAN, "trixie", (LINE,), ("Acme",)),  # the suite or --releasever said the release
        (DEBIAN, "sid", (LINE,), ("Debian",)),
        (DEBIAN, "acme", (LINE, LINE), ("Acme", "Debian")),
        (UBUNTU, "noble", (OWN, LINE), ("Ubuntu", "")),
        (KALI, "rolling", (OWN,), ("Kali",)),
    ],
)
def test_strangers_may_stand_beside_the_family(
    family: AptFamily, codename: str, sources: tuple[AptSource, ...], origins: tuple[str, ...]
) -> None:
    refuse_others(family, codename, sources, [release(origin) for origin in origins])


@pytest.mark.parametrize(
    ("family", "codename", "sources", "origins", "says", "hint"),
    [
        (
            DEBIAN, "trixie", (OWN,), ("Ubuntu",),
            "http://a.example/d trixie is not Debian's: it says that it is 'Ubuntu'", "--mirror",
        ),
        (
            DEBIAN, "plucky", (LINE,), ("Ubuntu",),
            "http://x.example/d acme is Ubuntu's, by its Origin; this image would be one of Debian",
            "--releasever noble or --releasever questing, and no repository of Debian",
        ),
        (DEBIAN, "trixie", (OWN, LINE), ("Debian", "Kali"), "acme is Kali Linux's", "rolling"),
        (
            DEBIAN, "acme", (LINE,), ("Devuan",),
            "http://x.example/d acme is Devuan's, which is not made here: its init is not systemd",
            "repo --name=debian-trixie",
        ),
        (
            DEBIAN, "acme", (LINE,), ("Acme",),
            "nothing says which distribution http://x.example/d acme is made for: "
            "it says that it is 'Acme'",
            "--releasever with the release that it is like: bookworm, trixie",
        ),
        (DEBIAN, "stable", (LINE,), ("Acme",), "nothing says which distribution", "trixie"),
        (DEBIAN, "acme", (LINE,), ("",), "it does not say whose it is", "noble, questing"),
    ],
)  # fmt: skip
def test_another_distribution_is_refused_by_its_name(
    family: AptFamily,
    codename: str,
    sources: tuple[AptSource, ...],
    origins: tuple[str, ...],
    says: str,
    hint: str,
) -> None:
    with pytest.raises(SourceError) as refused:
        refuse_others(family, codename, sources, [release(origin) for origin in origins])
    assert says in refused.value.problem
    assert hint in refused.value.hint
