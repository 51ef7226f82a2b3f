"""One kickstart with everything that repositories and packages can be told, read whole."""

from pathlib import Path

from appliance.recipe.model import Packages, Repository
from appliance.recipe.reading.load import load

KICKSTART = Path(__file__).parents[2] / "data/ks/everything-fedora-packages.ks"


def test_every_repository_is_what_its_line_says() -> None:
    url, updates, local, vendor, fast = load(KICKSTART).repositories
    assert url == Repository(
        "url",
        "",
        url.where,
        metalink="https://mirrors.invalid/metalink?repo=fedora-$releasever&arch=$basearch",
        proxy="http://joe:battery-staple@proxy.invalid:3128",
        ca_certificate="/etc/pki/ca.pem",
    )
    assert updates == Repository(
        "updates",
        "",
        updates.where,
        mirrorlist="https://mirrors.invalid/list?repo=updates-${releasever}&arch=${basearch}",
        cost=500,
        installed=True,
    )
    assert local == Repository(
        "local",
        "file:///srv/rpms/$releasever/$arch/",
        local.where,
        included=("kernel*", "grub2-*.x86_64"),
        excluded=("kernel-debug*",),
    )
    assert vendor == Repository(
        "vendor",
        "https://vendor.invalid/el$releasever/os",
        vendor.where,
        verified=False,
        client_certificate="/etc/pki/client.pem",
        client_key="/etc/pki/client.key",
    )
    assert (fast.metalink, fast.proxy) == (
        "https://mirrors.invalid/fast",
        "http://proxy.invalid:3128",
    )
    assert [item.where.line for item in (url, updates, local, vendor, fast)] == [2, 3, 4, 5, 6]


def test_all_sections_of_packages_make_one_choice() -> None:
    packages = load(KICKSTART).packages
    assert packages == Packages(
        names=packages.names,
        groups=packages.groups,
        excluded=packages.excluded,
        core=False,
        documentation=False,
        languages=("en", "cs"),
        weak_dependencies=False,
        ignore_missing=True,
        ignore_broken=True,
        multilib=True,
        environment=packages.environment,
        excluded_groups=packages.excluded_groups,
    )
    assert packages.environment is not None
    assert packages.environment.name == "Fedora Server Edition"
    assert [(group.name, group.level) for group in packages.groups] == [
        ("web-server", "mandatory"),
        ("C Development Tools and Libraries", "optional"),
    ]
    assert [group.name for group in packages.excluded_groups] == [
        *("guest-agents", "core", "headless-management")
    ]
    assert [wanted.name for wanted in packages.names] == [
        *("kernel", "glibc.i686", "bash-5.2.37-1.fc44", "1:openssl-libs-3*", "openssl >= 3.2"),
        *("libstdc++", "/usr/bin/perl", "perl(Digest::SHA)", "*-firmware", "vim-enhanced", "nano"),
    ]
    assert [wanted.name for wanted in packages.excluded] == ["iwl*-firmware"]


def test_what_has_no_effect_is_noted_once_and_the_secret_is_not_kept() -> None:
    recipe = load(KICKSTART)
    assert [note.text for note in recipe.notes] == [
        "repo --ignoregroups: for composing installation trees only",
        "%packages --retries: downloads wait and try again as they see fit",
        "%packages --timeout: downloads wait and try again as they see fit",
        f"@^Fedora Server Edition replaces @^minimal-environment of {KICKSTART}:13",
    ]
    assert "battery-staple" not in recipe.source
    assert "joe:PASSWORD@proxy.invalid:3128" in recipe.source
