"""How the partition of a growing filesystem is made as large as the disk allows, at every boot.
Shell text, run in the image's own sandbox: systemd-repart does it where the image has it and the
table is a GPT, else a service of ours with sfdisk.

Facts: systemd-repart(8), repart.d(5), sfdisk(8), partx(8), systemd-growfs(8).
"""

import shlex

from appliance.backends.families.shell.accounts import write_file
from appliance.layout.growing import Growth

DEFINITIONS = "/etc/repart.d"
PROGRAM = "/usr/lib/appliance-tools/grow-partition"
SERVICE = "grow-partition.service"
SHELL = """\
#!/bin/sh
# Made by appliance-tools: gives the partition of the filesystem at $1 what is free behind it.
set -eu
source=$(findmnt -n -v -o SOURCE --target "$1")
name=$(basename "$(readlink -f "$source")")
place=$(readlink -f "/sys/class/block/$name")
number=$(cat "$place/partition")
disk=$(basename "$(dirname "$place")")
end=$(($(cat "$place/start") + $(cat "$place/size")))
if [ $(($(cat "/sys/class/block/$disk/size") - end)) -le 4096 ]; then exit 0; fi
if [ "$(lsblk -d -n -o PTTYPE "/dev/$disk")" = gpt ]; then
sfdisk --relocate gpt-bak-std "/dev/$disk" || :
fi
echo ', +' | sfdisk --no-reread --no-tell-kernel -N "$number" "/dev/$disk"
partx --update --nr "$number" "/dev/$disk"
"""


def growing_script(growth: Growth) -> str:
    """Return shell that tells whatever program of the image does it which partition is to grow."""
    repart = "\n".join(
        write_file(f"{DEFINITIONS}/{number:02}-appliance.conf", f"[Partition]\nType={kind}\n")
        for number, kind in enumerate(growth.types, start=50)
    )
    nobody = f"{growth.mount_point} does not grow: the image has no systemd-repart and no sfdisk"
    able = "command -v systemd-repart > /dev/null" if growth.table == "gpt" else "false"
    return f"""\
set -eu
if {able}; then
{repart}
elif command -v sfdisk > /dev/null; then
{write_file(PROGRAM, SHELL, "755")}
{write_file(f"/etc/systemd/system/{SERVICE}", unit(growth.mount_point))}
systemctl enable {SERVICE}
else
echo 'appliance-note: {nobody}'
fi
"""


def unit(mount_point: str) -> str:
    """Return the systemd service that grows the partition before the filesystem at *mount_point*
    grows."""
    path = mount_point.strip("/").replace("-", "\\x2d").replace("/", "-")
    filesystem = f"systemd-growfs@{path}.service" if path else "systemd-growfs-root.service"
    return f"""\
[Unit]
Description=Grow the partition of {mount_point}
DefaultDependencies=no
RequiresMountsFor={mount_point}
After=systemd-remount-fs.service
Before={filesystem} shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={PROGRAM} {shlex.quote(mount_point)}

[Install]
WantedBy=local-fs.target
"""
