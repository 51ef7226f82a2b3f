"""The release package of a brand for RPM families, as its files and the spec that rpmbuild reads.

It takes the place of the distribution's: dnf finds $releasever in it, and other packages find what
they require. Facts: rpm-spec(5); dnf's list of packages whose version is $releasever;
redhat-release and fedora-release, and what packages require of them; systemd.preset(5): without
any preset file, every service of every package would be enabled.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.backends.brands import texts
from appliance.backends.brands.plain_picture import plain_png
from appliance.backends.families.rpm import RpmFamily
from appliance.recipe.brand import Brand
from appliance.recipe.image import Image

LICENCE = "MIT"
PRESETS = "/usr/lib/systemd/system-preset"
# What a server of these families starts by itself, if its package is there.
STARTED = (
    "auditd.service", "chronyd.service", "crond.service", "dbus.socket", "dbus-broker.service",
    "firewalld.service", "fstrim.timer", "getty@.service", "irqbalance.service",
    "NetworkManager.service", "NetworkManager-dispatcher.service", "qemu-guest-agent.service",
    "remote-fs.target", "reboot.target", "rsyslog.service", "sshd.service", "sshd-keygen@.service",
    "sshd-keygen.target", "systemd-homed.service", "systemd-network-generator.service",
    "systemd-oomd.service", "systemd-pstore.service", "systemd-resolved.service",
    "systemd-timesyncd.service", "vmtoolsd.service",
)  # fmt: skip
PIXMAPS = texts.PICTURES
SHOWN = ("system-logo-white.png", "poweredby.png", "system-noindex-logo.png")
LOGO_CAPABILITIES = ("system-logos", "system-logos-httpd", "system-logos(httpd-logo-ng)")
OTHER = re.compile(r"[^A-Za-z0-9._+~^]+")


@dataclass(frozen=True)
class ReleasePackage:
    """The release package of a *brand* for the *release* (a number) of a *family*; *image* is what
    the image calls itself."""

    brand: Brand
    family: RpmFamily
    release: str
    image: Image | None = None

    @property
    def name(self) -> str:
        """What the package is called, unless the brand says it."""
        return self.brand.release_package or f"{self.brand.id}-release"

    @property
    def build(self) -> str:
        """Its Release: the brand's own version; Version is that of the distribution, since dnf
        takes it for $releasever."""
        return OTHER.sub("_", self.brand.version).strip("_") or "1"

    @property
    def file_name(self) -> str:
        """What rpmbuild calls the file."""
        return f"{self.name}-{self.release}-{self.build}.noarch.rpm"

    def files(self) -> Mapping[str, bytes]:
        """The files of the package, by their absolute paths."""
        brand = self.brand
        line = f"{brand.name} release {brand.version or self.release}\n"
        said = {
            texts.OS_RELEASE: self._os_release(),
            f"/etc/{brand.id}-release": line,
            "/etc/system-release-cpe": f"cpe:/o:{brand.id}:{brand.id}:{self.release}\n",
            "/etc/issue": texts.issue(brand),
            "/etc/issue.net": texts.banner(brand),
            f"/usr/lib/motd.d/{brand.id}": texts.motd(brand),
            f"{PRESETS}/90-default.preset": "".join(f"enable {unit}\n" for unit in STARTED),
            f"{PRESETS}/99-default-disable.preset": "disable *\n",
            f"/etc/dnf/protected.d/{self.name}.conf": f"{self.name}\n",
            "/usr/lib/rpm/macros.d/macros.dist": self._macros(),
        }
        if brand.banner:
            said["/etc/ssh/sshd_config.d/20-brand.conf"] = "Banner /etc/issue.net\n"
        return {**{path: text.encode() for path, text in said.items()}, **self._pictures()}

    def links(self) -> Mapping[str, str]:
        """The links of the package: where they are, and where they lead."""
        own = f"{self.brand.id}-release"
        return {
            "/etc/os-release": f"..{texts.OS_RELEASE}",
            "/etc/system-release": own,
            "/etc/redhat-release": own,
        } | ({"/etc/fedora-release": own} if self._is_fedora else {})

    def spec(self) -> str:
        """The text of the spec file; its sources are the files and links, in a directory `tree`."""
        brand = self.brand
        tags = {
            "Name": self.name,
            "Version": self.release,
            "Release": self.build,
            "Summary": f"Release files of {brand.name}",
            "License": LICENCE,
            "Vendor": brand.vendor,
            "URL": brand.home,
            "BuildArch": "noarch",
            "AutoReqProv": "no",
        }
        rows = [f"{tag}: {_plain(text)}" for tag, text in tags.items() if text]
        rows += [f"Provides: {each}" for each in self._provides()]
        rows += [f"Conflicts: {each}" for each in self._conflicts()]
        rows += [f"Requires: {each}" for each in self.family.marks.requires]
        listed = "\n".join(self._listed())
        return (
            "\n".join(rows)
            + f"\n\n%description\nWhat says that a system is {_plain(brand.title)}.\n\n"
            + "%install\ncp -a %{_sourcedir}/tree/. %{buildroot}/\n\n"
            + f"%files\n{listed}\n"
        )

    @property
    def _is_fedora(self) -> bool:
        return self.family.marks.like == ("fedora",)

    @property
    def _dist(self) -> str:
        return f"{'fc' if self._is_fedora else 'el'}{self.release}"

    def _os_release(self) -> str:
        platform = f"{'f' if self._is_fedora else 'el'}{self.release}"
        own = texts.os_release(self.brand, self.image, self.family.marks.like)
        pictured = (
            ""
            if self.brand.logo or self.family.marks.generic_logos
            else (f"LOGO={self.brand.id}-logo\n")
        )
        return f'{own}{pictured}VERSION_ID="{self.release}"\nPLATFORM_ID="platform:{platform}"\n'

    def _macros(self) -> str:
        kind = "fedora" if self._is_fedora else "rhel"
        return f"%dist .{self._dist}\n%{kind} {self.release}\n%{self._dist} 1\n"

    def _pictures(self) -> Mapping[str, bytes]:
        """The picture, in every place where programs expect the distribution's, unless another
        package has those."""
        logo, marks = self.brand.logo, self.family.marks
        drawn = (
            base64.b64decode(logo.base64)
            if logo
            else plain_png(*texts.rgb(self.brand.background or "#000000"))
        )
        names = () if marks.generic_logos else SHOWN
        own = (f"{self.brand.id}-logo.png",) if logo or names else ()
        return {f"{PIXMAPS}/{name}": drawn for name in (*own, *names)}

    def _provides(self) -> list[str]:
        whole = f"{self.release}-{self.build}"
        marks = self.family.marks
        platform = f"{'f' if self._is_fedora else 'el'}{self.release}"
        return [
            f"system-release = {whole}",
            f"system-release({self.release})",
            f"system-release(releasever) = {self.release}",
            f"base-module(platform:{platform})",
            *(f"{name} = {whole}" for name in marks.provides if name != self.name),
            *(() if marks.generic_logos else LOGO_CAPABILITIES),
        ]

    def _conflicts(self) -> list[str]:
        marks = self.family.marks
        names = (*marks.release_packages, *marks.provides)
        plain = (name for name in names if "*" not in name and name != self.name)
        return list(dict.fromkeys(plain))

    def _listed(self) -> list[str]:
        """The lines of %files: configuration that an administrator may change stays then."""
        changed = ("/etc/issue", "/etc/issue.net", "/etc/ssh/sshd_config.d/20-brand.conf")
        return [
            f"{'%config(noreplace) ' if path in changed else ''}%attr(0644, root, root) {path}"
            for path in self.files()
        ] + list(self.links())


def _plain(text: str) -> str:
    """A text in which rpmbuild expands nothing."""
    return " ".join(text.replace("%", "%%").split())
