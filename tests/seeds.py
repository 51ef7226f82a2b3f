"""One of each that must not be in an image that others get, by the rule that finds it."""

HASH = b"$6$abcdefghijklmnop$" + b"x" * 86
KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----\n"
X = b"x\n"
HOST, PROXY, SECRET = "ann-workstation", "proxy.acme.test:3128", "Hunter-2-Hunter"
HOME = "/home/annabel"

# the rule: a file, and what is in it
SEEDS: dict[str, tuple[tuple[str, bytes], ...]] = {
    "machine-id": (
        ("/etc/machine-id", b"0123456789abcdef0123456789abcdef\n"),
        ("/var/lib/dbus/machine-id", b"0123456789abcdef0123456789abcdef\n"),
    ),
    "random-seed": (
        ("/var/lib/systemd/random-seed", X), ("/boot/efi/loader/random-seed", X),
        ("/loader/random-seed", X),
    ),
    "credential-secret": (("/var/lib/systemd/credential.secret", X),),
    "host-key": (("/etc/ssh/ssh_host_ed25519_key", X), ("/etc/ssh/ssh_host_rsa_key.pub", X)),
    "drawn-key": (("/etc/munge/munge.key", X), ("/etc/dropbear/dropbear_rsa_host_key", X)),
    "iscsi-initiator": (
        ("/etc/iscsi/initiatorname.iscsi", b"InitiatorName=iqn.1993-08.org.debian:01:abc\n"),
    ),
    "agent-identity": (("/etc/salt/pki/minion/minion.pem", X), ("/var/lib/puppet/ssl/ca.pem", X)),
    "network-manager-state": (("/var/lib/NetworkManager/secret_key", X),),
    "dhcp-state": (
        ("/var/lib/dhcp/dhclient.eth0.leases", X), ("/var/lib/dhcpcd/duid", X),
        ("/var/lib/NetworkManager/internal-1-eth0.lease", X), ("/var/lib/dhcpd/dhcpd.leases", X),
    ),
    "hardware-address": (
        ("/etc/sysconfig/network-scripts/ifcfg-eth0", b"DEVICE=eth0\nHWADDR=52:54:00:12:34:56\n"),
        ("/etc/NetworkManager/system-connections/a", b"mac-address=52:54:00:12:34:56\n"),
        ("/etc/netplan/50.yaml", b"match:\n  macaddress: '52:54:00:12:34:56'\n"),
    ),
    "network-names": (("/etc/udev/rules.d/70-persistent-net.rules", X),),
    "device-list": (("/etc/lvm/devices/system.devices", X), ("/etc/blkid.tab", X)),
    "hardware-id": (("/etc/smolt/hw-uuid", X), ("/var/lib/yum/uuid", X)),
    "machine-info": (("/etc/machine-info", b'LOCATION="rack 7"\n'),),
    "boot-entry": (
        ("/boot/loader/entries/0123456789abcdef0123456789abcdef-6.1.conf", X),
        ("/loader/entries/0123456789abcdef0123456789abcdef-6.1.conf", X),
    ),
    "known-hosts": (("/root/.ssh/known_hosts", X),),
    "empty-password": (
        ("/etc/shadow", b"root::19000:0:99999:7:::\n"),
        ("/etc/passwd", b"ann::1000:1000::/home/ann:/bin/sh\n"),
    ),
    "password": (
        ("/etc/shadow", b"ann:" + HASH + b":19000:0:99999:7:::\n"),
        ("/etc/shadow", b"ann:!" + HASH + b":19000:0:99999:7:::\n"),
        ("/etc/gshadow", b"wheel:" + HASH + b"::\n"),
    ),
    "readable-password": (("/etc/passwd", b"ann:ab.cdefghijkl:1000:1000::/home/ann:/bin/sh\n"),),
    "authorized-keys": (("/root/.ssh/authorized_keys", b"# mine\nssh-ed25519 AAAA ann@home\n"),),
    "private-key": (("/etc/acme/key.pem", KEY), ("/home/ann/.ssh/id_ed25519", KEY),
                    ("/opt/shop/x", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n")),
    "key-store": (("/etc/acme/acme.p12", X), ("/root/.gnupg/private-keys-v1.d/AB.key", X)),
    "keytab": (("/etc/krb5.keytab", X), ("/etc/ipa/default.conf", X),
               ("/var/kerberos/krb5kdc/principal", X)),
    "directory-cache": (("/var/lib/sss/db/cache_acme.ldb", X),
                        ("/var/lib/samba/private/secrets.tdb", X)),
    "subscription": (("/etc/pki/entitlement/1.pem", X), ("/etc/sysconfig/rhn/systemid", X)),
    "stored-login": (("/root/.netrc", X), ("/home/ann/.aws/credentials", X)),
    "stored-token": (
        ("/root/.docker/config.json", b'{"auths": {"acme.test": {"auth": "YWJjOmRlZg=="}}}'),
        ("/home/ann/.npmrc", b"//registry.acme.test/:_authToken=abc\n"),
        ("/root/.my.cnf", b"[client]\npassword=abc\n"),
    ),
    "repository-login": (
        ("/etc/apt/auth.conf.d/acme.conf", b"machine acme.test login ann password abc\n"),
    ),
    "token": (
        ("/opt/shop/settings.ini", b"[x]\nkey = ghp_" + b"a" * 36 + b"\n"),
        ("/etc/acme.conf", b"AKIA" + b"ABCDEFGH12345678" + b"\n"),
        ("/srv/x", b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijkl\n"),
    ),
    "address-with-password": (
        ("/etc/acme.conf", b"db = postgres://shop:s3cr3t-w0rd@db.acme.test/shop\n"),
    ),
    "secret-variable": (("/etc/acme.bin", b"\0\0" + SECRET.encode() + b"\0"),),
    "network-secret": (
        ("/etc/NetworkManager/system-connections/home", b"[wifi-security]\npsk=abcdefgh\n"),
        ("/etc/wireguard/wg0.conf", b"[Interface]\nPrivateKey = abcdefgh=\n"),
        ("/etc/wpa_supplicant/wpa.conf", b'network={\n  psk="abcdefgh"\n}\n'),
    ),
    "ppp-secret": (("/etc/ppp/chap-secrets", b'# client server secret\nann * "abc" *\n'),),
    "kickstart": (
        ("/root/anaconda-ks.cfg", b"rootpw --iscrypted " + HASH + b"\n"),
        ("/root/original-ks.cfg", b"rootpw --plaintext abc\n"),
        ("/root/my.ks", b"lang C\n%post\ncurl -H token\n%end\n"),
        ("/root/preseed.cfg", b"d-i passwd/root-password password abc\n"),
    ),
    "debconf-password": (
        ("/var/cache/debconf/passwords.dat", b"Name: a/b\nTemplate: a/b\nValue: abc\n"),
    ),
    "cloud-init-state": (("/var/lib/cloud/instances/i-1/user-data.txt", X),),
    "history": (("/root/.bash_history", X), ("/home/ann/.zsh_history", X), ("/root/.lesshst", X)),
    "mail": (("/var/mail/root", X), ("/var/spool/mail/ann", X)),
    "job": (("/var/spool/cron/crontabs/ann", X), ("/var/spool/at/a0001", X)),
    "log": (("/var/log/syslog", X), ("/var/log/anaconda/journal.log", X),
            ("/var/account/pacct", X), ("/var/log/wtmp", X)),
    "installer-log": (("/root/anaconda-post.log", X), ("/root/install.log", X)),
    "login-record": (("/run/utmp", X), ("/var/lib/lastlog/lastlog2.db", X)),
    "crash": (("/var/crash/1/vmcore", X), ("/var/spool/abrt/oops/backtrace", X)),
    "account-backup": (("/etc/shadow-", X), ("/etc/subuid-", X)),
    "editor-backup": (("/etc/acme.conf~", X), ("/root/a.bak", X), ("/etc/.a.swp", X)),
    "temporary-file": (("/tmp/a/b", X), ("/var/tmp/a", X)),
    "service-state": (("/var/lib/dovecot/ssl-parameters.dat", X), ("/var/lib/fprint/a/b", X)),
    "build-host": (("/etc/acme.conf", f"from = {HOST}\n".encode()),
                   ("/etc/hostname", f"{HOST}\n".encode())),
    "build-path": (("/opt/shop/x.cfg", f"prefix={HOME}/src\n".encode()),),
    "build-proxy": (("/etc/acme.conf", f"via http://{PROXY}/\n".encode()),),
    "package-proxy": (
        ("/etc/apt/apt.conf.d/99proxy", b'Acquire::http::Proxy "http://cache.acme.test:3142";\n'),
        ("/etc/dnf/dnf.conf", b"[main]\nproxy=http://cache.acme.test:3128\n"),
        ("/etc/environment", b"http_proxy=http://cache.acme.test:3128\n"),
    ),
    "resolver": (("/etc/resolv.conf", b"search acme.test\nnameserver 10.0.0.1\n"),),
    "hosts": (("/etc/hosts", b"127.0.0.1 localhost\n10.0.0.7 build7\n"),),
    "package-cache": (("/var/cache/apt/archives/a_1_all.deb", X), ("/var/cache/dnf/a/b.solv", X),
                      ("/var/lib/apt/lists/acme_InRelease", X)),
    "rpm-lock": (("/var/lib/rpm/__db.001", X),),
    "linker-cache": (("/var/cache/ldconfig/aux-cache", X),),
}  # fmt: skip

# What is in every image, or is an example, and no rule finds.
HARMLESS: tuple[tuple[str, bytes], ...] = (
    ("/etc/machine-id", b""),
    ("/etc/machine-id", b"uninitialized\n"),
    ("/etc/iscsi/initiatorname.iscsi", b"GenerateName=yes\n"),
    ("/etc/shadow", b"root:!:19000::::::\ndaemon:*:19000::::::\nx:!*:1::::::\n"),
    ("/etc/shadow", b"ann:" + HASH + b":0:0:99999:7:::\n"),
    ("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\n+::::::\n"),
    ("/etc/gshadow", b"root:*::\nwheel:!::ann\nx:::\n"[:24]),
    ("/root/.ssh/authorized_keys", b"# none\n"),
    ("/usr/share/doc/acme/key.pem", KEY),
    ("/opt/app/node_modules/x/test/key.pem", KEY),
    ("/etc/acme.conf", b"# as postgres://user:password@localhost/db or http://u:$PASS@host/\n"),
    ("/etc/acme.conf", b"mirror = http://deb.debian.org/debian\nkey = AKIAIOSFODNN7EXAMPLE\n"),
    ("/etc/hosts", b"127.0.0.1 localhost\n127.0.1.1 a\n::1 localhost\nff02::1 ip6-allnodes\n"),
    ("/etc/resolv.conf", b"nameserver 127.0.0.53\n"),
    ("/etc/apt/apt.conf.d/99proxy", b'// Acquire::http::Proxy "http://cache.acme.test:3142";\n'),
    ("/etc/wgetrc", b"#https_proxy = http://proxy.yoyodyne.com:18023/\nuse_proxy = on\n"),
    ("/etc/dnf/dnf.conf", b"[main]\nproxy=_none_\n"),
    ("/etc/NetworkManager/system-connections/a", b"[connection]\nid=a\n[ipv4]\nmethod=auto\n"),
    ("/etc/wpa_supplicant/functions.sh", b"key_mgmt() { :; }\npsk=$1\n"),
    ("/etc/ppp/chap-secrets", b"# client\tserver\tsecret\tIP addresses\n"),
    (
        "/root/anaconda-ks.cfg",
        b"rootpw --iscrypted PASSWORD\nuser --name=ann --password=PASSWORD\n",
    ),
    ("/var/cache/debconf/passwords.dat", b"Name: a/b\nTemplate: a/b\nOwners: a\n"),
    ("/var/log/lastlog", b""),
    ("/var/log/journal/README", X),
    ("/var/spool/cron/atjobs/.SEQ", X),
    ("/boot/loader/entries/ffffffffffffffffffffffffffffffff-6.1.conf", X),
    ("/etc/machine-info", b"CHASSIS=vm\n"),
    ("/root/.bashrc", b"export HISTFILE=~/.bash_history\n"),
    ("/etc/acme.conf", f"names {HOST}-2, {HOME}-old and my{HOST}\n".encode()),
)
