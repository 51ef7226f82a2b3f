"""Rules for what opens doors: passwords, keys, tokens."""

import re
from collections.abc import Iterator

from appliance.backends.image_rules import authorized, passwords, tokens
from appliance.backends.image_rules.by_line import by_line
from appliance.backends.image_rules.model import ERROR, WARNING, Rule, Seen
from appliance.backends.image_rules.places import DATABASES, LIBRARIES, OWN, at_home

BLOCK = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----")
NETWORK = re.compile(
    r"""(?ix)^\s*(?:psk|wep-key\d|leap-password|password|private-?key(?:-password)?
    |preshared-?key|sae_password|key\d?|wpa_psk)\s*[=:]\s*["']?[^\s"'$;#]"""
)
PPP = re.compile(r"^\s*\S+\s+\S+\s+\S")
APT_LOGIN = re.compile(r"\bpassword\s+\S")
STORED = re.compile(
    r'"auth"\s*:\s*"[^"]|_(?:auth|authToken|password)\s*=\s*[^\s$]|^\s*password\s*[:=]\s*[^\s$<{]'
    r"|\b(?:client-key-data|token):\s*\S|aws_secret_access_key\s*=\s*\S"
)
DEBCONF = re.compile(r"^Value: *\S")


def _private_key(seen: Seen) -> Iterator[str]:
    if BLOCK.search(seen.content):
        yield "it holds a private key"


SYSPREP = "virt-sysprep(1)"
OTHERS = (*LIBRARIES, *DATABASES)
LATER = "make it at the first boot: [first-boot] of the product sheet"
RULES = (
    Rule("empty-password", ERROR, "nobody gets in without a password",
         "an empty field lets anybody in", "shadow(5); passwd(5)",
         "rootpw --lock, user --lock, or passwd -l",
         paths=("/etc/shadow", "/etc/passwd"), test=passwords.empty_passwords),
    Rule("password", WARNING, "there are no passwords but those that the kickstart sets",
         "who has one copy can find the password of all", "shadow(5)",
         "lock it, or have it changed at the first login: chage -d 0 USER",
         paths=("/etc/shadow", "/etc/gshadow"), test=passwords.passwords),
    Rule("readable-password", ERROR, "hashes of passwords are where root alone reads them",
         "every program can read /etc/passwd", "passwd(5)", "pwconv",
         paths=("/etc/passwd",), test=passwords.readable_passwords),
    Rule("authorized-keys", WARNING, "no keys let anybody in but those that the kickstart gives",
         "whoever has the other half can get into every copy", f"{SYSPREP}, ssh-userdir",
         "sshkey in the kickstart, --ssh-key, or cloud-init's when it starts",
         look=authorized.authorized_keys),
    Rule("private-key", ERROR, "there is no private key",
         "who has one copy can pass for every other, or for you",
         f"{SYSPREP}, ca-certificates; ssh-keygen(1)", LATER,
         paths=OWN, unless=OTHERS, test=_private_key, text=True),
    Rule("key-store", ERROR, "there is no store of private keys",
         "its password is next to it, or is guessed", "gpg(1), FILES; pkcs12(1)", LATER,
         paths=("/etc/**/*.p12", "/etc/**/*.pfx", "/opt/**/*.p12", "/opt/**/*.pfx",
                "/srv/**/*.p12", "/srv/**/*.pfx", "/etc/pki/CA/private/*",
                *at_home(".gnupg/private-keys-v1.d/*", ".gnupg/secring.gpg", "*.p12", "*.pfx")),
         unless=LIBRARIES),
    Rule("keytab", ERROR, "there are no keys of Kerberos, and no enrolment",
         "who has one copy is that host, for the whole realm",
         f"{SYSPREP}, kerberos-hostkeytab, kerberos-data, ipa-client", "enroll at the first boot",
         paths=("/etc/**/*.keytab", "/var/lib/**/*.keytab", "/var/kerberos/krb5kdc/principal*",
                "/var/kerberos/krb5kdc/.k5*", "/var/lib/krb5kdc/principal*", "/etc/krb5kdc/stash",
                "/etc/ipa/default.conf", "/etc/ipa/ca.crt", "/var/lib/ipa-client/**")),
    Rule("directory-cache", ERROR, "there is no cache of a directory of users",
         "it holds users and hashes of their passwords",
         f"{SYSPREP}, sssd-db-log, samba-db-log", "remove it at the end of the last %post",
         paths=("/var/lib/sss/db/*", "/var/lib/sss/secrets/*", "/var/lib/samba/private/*.tdb",
                "/var/lib/samba/private/*.keytab", "/var/lib/samba/winbindd_cache.tdb")),
    Rule("subscription", ERROR, "the machine is registered nowhere",
         "all copies would use the builder's subscription",
         f"{SYSPREP}, rh-subscription-manager, rhn-systemid", "register at the first boot",
         paths=("/etc/pki/consumer/*", "/etc/pki/entitlement/*", "/etc/sysconfig/rhn/systemid",
                "/etc/sysconfig/rhn/osad-auth.conf", "/var/lib/ubuntu-advantage/private/**",
                "/etc/zypp/credentials.d/*")),
    Rule("stored-login", ERROR, "no program has a login of the builder's",
         "whoever reads the file can log in there", "netrc(5); git-credential-store(1)",
         "remove it; give such to scripts as a secret variable",
         paths=at_home(".netrc", ".git-credentials", ".pgpass", ".aws/credentials", ".vault-token",
                       ".config/gh/hosts.yml", ".config/gcloud/*credentials*",
                       ".smbcredentials", ".fetchmailrc")),
    Rule("stored-token", ERROR, "no configuration of a program holds its login",
         "whoever reads the file can log in there", "npmrc(5); docker-login(1)",
         "remove it; give such to scripts as a secret variable",
         paths=at_home(".docker/config.json", ".npmrc", ".pypirc", ".my.cnf", ".kube/config",
                       ".config/containers/auth.json", ".config/pip/pip.conf"),
         test=by_line(STORED, "has a login", comments=True), text=True),
    Rule("repository-login", ERROR, "no repository is used with a login",
         "all copies, and whoever reads one, would use yours", "apt_auth.conf(5)",
         "a secret variable in the address, which the image does not get",
         paths=("/etc/apt/auth.conf", "/etc/apt/auth.conf.d/*"),
         test=by_line(APT_LOGIN, "has a login"), text=True),
    Rule("token", ERROR, "no text holds a token of a service",
         "whoever reads it can use the service as its owner", "each issuer's documentation", LATER,
         paths=OWN, unless=(*OTHERS, "/etc/chromium.d/apikeys"), test=tokens.tokens, text=True),
    Rule("address-with-password", ERROR, "no address has a password in it",
         "whoever reads it can log in there", "RFC 3986, 3.2.1", LATER,
         paths=OWN, unless=OTHERS, test=tokens.addresses, text=True),
    Rule("secret-variable", ERROR, "the value of no secret variable is in a file",
         "it was for the scripts of the build, and nobody else",
         "docs/how-to/variables.md", "have the script not write it, or allow the one file",
         paths=OWN, test=tokens.variables),
    Rule("network-secret", ERROR, "no password or key of a network is there",
         "whoever reads it gets into that network", f"{SYSPREP}, net-nmconn", LATER,
         paths=("/etc/NetworkManager/system-connections/*", "/etc/wpa_supplicant/*",
                "/etc/iwd/*", "/var/lib/iwd/*", "/etc/wireguard/*", "/etc/netplan/*",
                "/etc/systemd/network/**", "/etc/sysconfig/network-scripts/keys-*"),
         test=by_line(NETWORK, "has a password or a key"), text=True),
    Rule("ppp-secret", ERROR, "no password of a dial-up line or a VPN is there",
         "whoever reads it can dial in", "pppd(8), AUTHENTICATION", LATER,
         paths=("/etc/ppp/*-secrets", "/etc/ipsec.secrets", "/etc/ipsec.d/*.secrets"),
         test=by_line(PPP, "has a password"), text=True),
    Rule("kickstart", ERROR, "what the image was made of tells no passwords and no scripts",
         "a kickstart holds hashes, and every token that a script used", f"{SYSPREP}, logfiles",
         "leave the file as the build writes it; --keep-kickstart for the whole of it",
         paths=("/root/*.ks", "/root/*-ks.cfg", "/root/ks*.cfg", "/root/preseed*",
                "/var/log/installer/*cfg", "/etc/kickstart*", "/var/lib/cloud/seed/**/user-data"),
         test=passwords.kickstart, text=True),
    Rule("debconf-password", ERROR, "debconf keeps no answers that are passwords",
         "root alone should read them, and they are the same in all copies", "debconf(7)",
         "remove /var/cache/debconf/passwords.dat",
         paths=("/var/cache/debconf/passwords.dat*",),
         test=by_line(DEBCONF, "has an answer"), text=True),
    Rule("cloud-init-state", WARNING, "cloud-init has not run yet",
         "it would not run again, or with the user data of the build", "cloud-init(1), clean",
         "cloud-init clean --logs",
         paths=("/var/lib/cloud/instances/**", "/var/lib/cloud/instance/**",
                "/var/lib/cloud/data/**", "/var/lib/cloud/sem/*")),
)  # fmt: skip
