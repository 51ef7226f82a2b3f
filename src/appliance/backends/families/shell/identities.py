"""What packages draw while they are installed and each machine must have of its own: keys, names of
hosts. It is removed before the author's scripts run, and made again at the first boot.

A row for each, with where the fact is from. What belongs here was found by installing the packages
twice and comparing.
"""

import shlex
from dataclasses import dataclass

from appliance.backends.families.shell.accounts import write_file

PROGRAM = "/usr/lib/appliance/identities"
UNIT = "/etc/systemd/system/appliance-identities.service"
TARGET = "sysinit.target"


@dataclass(frozen=True)
class Identity:
    """Something that two machines must not share.

    *paths*: its files, or globs of them.
    *again*: the shell that makes it again if the first of its files is missing; empty: the
        package's own service does, or the package's program when it needs it.
    *source*: who makes it, and how.
    *instead*: what the first file is to hold until then; empty: it is removed.
    """

    paths: tuple[str, ...]
    again: str
    source: str
    instead: str = ""


SNAKEOIL = ("/etc/ssl/private/ssl-cert-snakeoil.key", "/etc/ssl/certs/ssl-cert-snakeoil.pem")
IDENTITIES = (
    Identity(
        ("/etc/iscsi/initiatorname.iscsi",),
        "",
        "open-iscsi.postinst draws it by iscsi-iname(8); startup-checks.sh of Debian's "
        "iscsid.service does so where the file says GenerateName=yes, iscsi-init.service of "
        "Fedora where it names none",
        "GenerateName=yes\n",
    ),
    Identity(
        ("/etc/nvme/hostnqn", "/etc/nvme/hostid"),
        "nvme gen-hostnqn > /etc/nvme/hostnqn\n"
        "sed -n 's/.*:uuid:\\([0-9a-fA-F-]*\\)$/\\1/p' /etc/nvme/hostnqn > /etc/nvme/hostid",
        "nvme-cli.postinst; nvme-gen-hostnqn(1)",
    ),
    Identity(
        SNAKEOIL,
        "make-ssl-cert generate-default-snakeoil --force-overwrite",
        "ssl-cert.postinst; make-ssl-cert(8)",
    ),
    Identity(
        ("/etc/bind/rndc.key",),
        "rndc-confgen -a\nchown bind:bind /etc/bind/rndc.key\nchmod 640 /etc/bind/rndc.key",
        "bind9.postinst; rndc-confgen(8). Fedora's named-setup-rndc.service makes /etc/rndc.key",
    ),
    Identity(("/etc/rndc.key",), "", "bind.spec; named-setup-rndc.service"),
    Identity(
        ("/var/lib/dkms/mok.key", "/var/lib/dkms/mok.pub"),
        "",
        "dkms(8), SIGNING: made when a module is built and it is not there",
    ),
    Identity(
        ("/etc/dropbear/dropbear_*_host_key", "/etc/dropbear/dropbear_*_host_key.pub"),
        "for kind in rsa ecdsa ed25519; do\n"
        "dropbearkey -t $kind -f /etc/dropbear/dropbear_${kind}_host_key > /dev/null\ndone",
        "dropbear.postinst; dropbearkey(1), which writes FILE.pub too, as of 2025.89",
    ),
    Identity(
        ("/etc/munge/munge.key",),
        "( umask 377; head -c 1024 /dev/urandom > /etc/munge/munge.key )\n"
        "chown munge:munge /etc/munge/munge.key",
        "munge.postinst; munged(8), --key-file",
    ),
    Identity(
        ("/etc/unbound/unbound_*.key", "/etc/unbound/unbound_*.pem"),
        "unbound-control-setup > /dev/null",
        "unbound.postinst; unbound-control(8), SETUP",
    ),
    Identity(
        ("/etc/xrdp/rsakeys.ini",),
        "( umask 77; xrdp-keygen xrdp auto > /dev/null )\nchown xrdp /etc/xrdp/rsakeys.ini",
        "xrdp.postinst; xrdp-keygen(8)",
    ),
)


def forgotten() -> str:
    """Return shell that removes what packages have drawn, and has the image make it again when it
    boots for the first time."""
    return "\n".join(
        (
            "made=",
            *map(_forget, IDENTITIES),
            'if [ "$made" ] && command -v systemctl > /dev/null; then',
            f"mkdir -p {PROGRAM.rpartition('/')[0]}",
            f"printf '#!/bin/sh\\n{NOTE_IN_PROGRAM}%s' \"$made\" > {PROGRAM}",
            f"chmod 755 {PROGRAM}",
            write_file(UNIT, SERVICE),
            f"systemctl enable {UNIT.rpartition('/')[2]}",
            "fi",
        )
    )


NOTE_IN_PROGRAM = (
    "# Made by appliance-tools: what each machine has of its own, if it is missing.\\n"
)
SERVICE = f"""\
[Unit]
Description=Make the keys and names that each machine has of its own
DefaultDependencies=no
RequiresMountsFor=/etc /var/lib
After=local-fs.target systemd-random-seed.service systemd-sysusers.service
Before={TARGET} shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={PROGRAM}

[Install]
WantedBy={TARGET}
"""


def _forget(item: Identity) -> str:
    first = item.paths[0]
    lines = [f"for file in {' '.join(item.paths)}; do", 'if [ -e "$file" ]; then', 'rm -f "$file"']
    if item.instead:
        lines.append(f"printf %s {shlex.quote(item.instead)} > {first}\nchmod 600 {first}")
    if item.again:
        script = f"if ! ls {first} > /dev/null 2>&1; then\n{item.again}\nfi\n"
        lines.append(
            f"case $made in *{shlex.quote(first)}*) ;; *) made=$made{shlex.quote(script)} ;; esac"
        )
    return "\n".join((*lines, "fi", "done"))
