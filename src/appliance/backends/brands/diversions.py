"""Debian and those that follow it: files of packages are diverted, and ours take their place.

What a package brings then goes beside, where updates change it; `dpkg --verify` looks there, too.
Facts: dpkg-divert(1), deb-origin(5), dpkg-vendor(1); base-files' own files; the Debian wiki,
Derivatives/Guidelines, asks to say what a system is made of.
"""

from appliance.backends.brands import texts
from appliance.backends.families import Family
from appliance.backends.families.marks import DIVERT
from appliance.backends.families.shell.accounts import write_file
from appliance.recipe.brand import Brand
from appliance.recipe.image import Image
from appliance.recipe.model import Note, Packages

ASIDE = ".distrib"  # what dpkg-divert itself puts behind the name
ORIGINS = "/etc/dpkg/origins"
DIVERTED = ("/usr/lib/os-release", "/etc/issue", "/etc/issue.net", "/etc/lsb-release")
# Moved out of sight, where the name no longer makes anything of them.
HIDDEN = ("/etc/update-motd.d/10-help-text", "/etc/update-motd.d/10-uname")
DIVERT_FUNCTION = f"""\
divert() {{
if [ -e "$1" ]; then
# without --rename, against which dpkg warns for files of essential packages
dpkg-divert --quiet --local --no-rename --add --divert "$1{ASIDE}" "$1"
mv "$1" "$1{ASIDE}"
fi
}}"""


class Diversions:
    """Diverts what base-files and others say of the distribution."""

    name = DIVERT

    def packages(
        self, packages: Packages, brand: Brand, family: Family
    ) -> tuple[Packages, tuple[Note, ...]]:
        """Return *packages* as they are: no package holds nothing but the name."""
        return packages, ()

    def script(self, brand: Brand, image: Image | None, family: Family) -> str:
        """Return the shell that diverts the files and writes those of the *brand*."""
        own = texts.os_release(brand, image, family.marks.like)
        pictures = f"{texts.PICTURES}/{family.marks.like[0]}-logo.png"
        parts = [
            "set -eu",
            DIVERT_FUNCTION,
            f"kept=$({texts.kept(texts.OS_RELEASE)})",
            f'for file in {" ".join((*DIVERTED, *HIDDEN, pictures))}; do divert "$file"; done',
            write_file(texts.OS_RELEASE, own),
            f'if [ -n "$kept" ]; then echo "$kept" >> {texts.OS_RELEASE}; fi',
            f"[ -e /etc/os-release ] || ln -s ..{texts.OS_RELEASE} /etc/os-release",
            texts.greeting(brand),
            texts.picture(brand),
            _in_place(pictures, brand),
            _lsb_release(brand),
            _origin(brand, family),
            texts.splash(brand),
        ]
        return "\n".join(part for part in parts if part) + "\n"


def _in_place(picture: str, brand: Brand) -> str:
    """Put the brand's picture where programs expect the distribution's, if it was there."""
    if not brand.logo:
        return ""
    own = f"{texts.picture_name(brand)}.png"
    return f"if [ -e {picture}{ASIDE} ]; then ln -s {own} {picture}; fi"


def _lsb_release(brand: Brand) -> str:
    """What old programs read, where the distribution has it."""
    version = brand.version or brand.name
    rows = {"ID": brand.id, "RELEASE": version, "DESCRIPTION": brand.title}
    said = "".join(f'DISTRIB_{word}="{value}"\n' for word, value in rows.items())
    quoted = said.replace("\\", "").replace("$", "").replace("`", "")
    return f"if [ -e /etc/lsb-release{ASIDE} ]; then\n{write_file('/etc/lsb-release', quoted)}\nfi"


def _origin(brand: Brand, family: Family) -> str:
    """Whose packages dpkg builds here, and whom they are derived from."""
    rows = {
        "Vendor": brand.name,
        "Vendor-URL": brand.home,
        "Bugs": brand.bugs,
        "Parent": family.marks.words[0],
    }
    text = "".join(f"{word}: {value}\n" for word, value in rows.items() if value)
    return f"{write_file(f'{ORIGINS}/{brand.id}', text)}\nln -sfn {brand.id} {ORIGINS}/default"
