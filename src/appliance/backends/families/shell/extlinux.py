"""How an image starts by extlinux, or by a U-Boot that reads its configuration. Shell text, run in
the image's own sandbox.

Facts: the Syslinux wiki (Config, EXTLINUX); U-Boot's doc/README.distro; what Fedora's ARM images
hold.
"""

import shlex

from appliance.backends.boot_loaders.look import PLAIN_LOOK
from appliance.backends.families.model import BootSetup
from appliance.backends.families.shell import grub_defaults

PLACE = "/boot/extlinux"
# Where distributions keep the modules that its menu is made of.
MODULES = ("/usr/share/syslinux", "/usr/lib/syslinux/modules/bios")
MENU = ("menu.c32", "libutil.c32", "libcom32.c32", "ldlinux.c32")


def extlinux_script(boot: BootSetup) -> str:
    """Write extlinux.conf, a label for each kernel, the newest first; a board's device trees are
    found beside them. The menu's modules are there for PCs.

    To be run after the initramfs are made.
    """
    plain, title = boot.look == PLAIN_LOOK, _plain(boot.look.title)
    menu = shlex.quote(f"menu title {'Boot Options.' if plain else title}")
    label = grub_defaults.quoted(title)[1:-1]
    path, words = shlex.quote(boot.path), shlex.quote(boot.command_line)
    return f"""\
set -eu
mkdir -p {PLACE}
for place in {" ".join(MODULES)}; do
for name in {" ".join(MENU)}; do
if [ -e "$place/$name" ]; then cp "$place/$name" {PLACE}/; fi
done
done
path={path}
{{
echo '# Made by appliance-tools.'
if [ -e {PLACE}/menu.c32 ]; then echo 'ui menu.c32'; fi
echo 'menu autoboot Starting in # seconds. Press any key to interrupt.'
echo {menu}
echo 'timeout {boot.timeout * 10}'
echo 'serial 0 115200'
for kernel in $(ls -r /boot/vmlinuz-* | sort -rV); do
version=${{kernel#/boot/vmlinuz-}}
echo
echo "label linux-$version"
echo "  menu label {label} $version"
echo "  kernel $path/vmlinuz-$version"
for name in "initrd.img-$version" "initramfs-$version.img"; do
if [ -e "/boot/$name" ]; then echo "  initrd $path/$name"; fi
done
if [ -d "/boot/dtb-$version" ]; then echo "  fdtdir $path/dtb-$version/"; fi
echo "  append "{words}
done
}} > {PLACE}/extlinux.conf
"""


def _plain(title: str) -> str:
    """A title without what Syslinux takes for a hotkey (^)."""
    return title.replace("^", "")
