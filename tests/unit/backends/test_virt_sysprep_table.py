"""virt-sysprep's operations: each is one of our rules, or there is a reason; what it removes is
found."""

from pathlib import Path

import pytest

from appliance.backends.image_rules import Background, every_rule, judge
from file_trees import WrittenTree
from seeds import KEY, SEEDS

TABLE = Path(__file__).parents[3] / "docs/explanation/virt-sysprep.md"
# One of the files that each operation removes, or changes (guestfs-tools 1.48.2, sysprep/); empty
# where it removes none, or what it removes is the author's.
REMOVED = {
    "abrt-data": "/var/spool/abrt/ccpp-1/backtrace",
    "backup-files": "/etc/acme.conf~",
    "bash-history": "/home/ann/.bash_history",
    "blkid-tab": "/etc/blkid/blkid.tab",
    "ca-certificates": "/etc/pki/CA/private/ca.key",
    "crash-data": "/var/crash/127.0.0.1/vmcore",
    "cron-spool": "/var/spool/cron/root",
    "customize": "",
    "dhcp-client-state": "/var/lib/dhclient/dhclient.leases",
    "dhcp-server-state": "/var/lib/dhcpd/dhcpd.leases",
    "dovecot-data": "/var/lib/dovecot/instances",
    "firewall-rules": "",
    "flag-reconfiguration": "",
    "fs-uuids": "",
    "ipa-client": "/var/lib/ipa-client/sysrestore/sysrestore.state",
    "kerberos-data": "/var/kerberos/krb5kdc/principal",
    "kerberos-hostkeytab": "/etc/krb5.keytab",
    "logfiles": "/var/log/messages",
    "lvm-system-devices": "/etc/lvm/devices/system.devices",
    "lvm-uuids": "",
    "machine-id": "/etc/machine-id",
    "mail-spool": "/var/spool/mail/root",
    "net-hostname": "",
    "net-hwaddr": "/etc/sysconfig/network-scripts/ifcfg-eth0",
    "net-nmconn": "/etc/NetworkManager/system-connections/home",
    "pacct-log": "/var/account/pacct",
    "package-manager-cache": "/var/cache/dnf/fedora.solv",
    "pam-data": "/var/run/faillock/ann",
    "passwd-backups": "/etc/gshadow-",
    "puppet-data-log": "/var/lib/puppet/ssl/certs/ca.pem",
    "rh-subscription-manager": "/etc/pki/consumer/key.pem",
    "rhn-systemid": "/etc/sysconfig/rhn/systemid",
    "rpm-db": "/var/lib/rpm/__db.001",
    "samba-db-log": "/var/lib/samba/private/secrets.tdb",
    "script": "",
    "smolt-uuid": "/etc/smolt/hw-uuid",
    "ssh-hostkeys": "/etc/ssh/ssh_host_rsa_key",
    "ssh-userdir": "/root/.ssh/id_rsa",
    "sssd-db-log": "/var/lib/sss/db/cache_default.ldb",
    "tmp-files": "/var/tmp/dracut.x",
    "udev-persistent-net": "/etc/udev/rules.d/70-persistent-net.rules",
    "user-account": "",
    "utmp": "/var/run/utmp",
    "yum-uuid": "/var/lib/yum/uuid",
    "zsh-history": "/root/.zsh_history",
}
OPERATIONS = 45
WRITTEN = {path: text for files in SEEDS.values() for path, text in files}


def rows() -> dict[str, tuple[set[str], str]]:
    """The rules that each row of the table names, and what else it says."""
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {
        name.strip("`"): ({rule.strip("` ") for rule in rules.split(",")} - {"none"}, why)
        for name, rules, why in cells
    }


def test_every_operation_has_a_row_with_rules_that_exist_or_a_reason() -> None:
    names = {rule.name for rule in every_rule()}
    assert sorted(rows()) == sorted(REMOVED)
    assert len(REMOVED) == OPERATIONS
    assert f"it has {OPERATIONS}\n" in TABLE.read_text()
    for rules, why in rows().values():
        assert rules <= names
        assert rules or why


@pytest.mark.parametrize(("name", "path"), [item for item in REMOVED.items() if item[1]])
def test_what_an_operation_removes_is_found(name: str, path: str) -> None:
    text = WRITTEN.get(path, KEY)
    judgement = judge(WrittenTree({path: text}), every_rule(), Background())
    assert {each.rule for each in judgement.findings} & rows()[name][0]
