"""Rules for what tells who built an image, where, and what happened there."""

import re
from collections.abc import Iterator

from appliance.backends.image_rules.by_line import by_line
from appliance.backends.image_rules.model import WARNING, Rule, Seen
from appliance.backends.image_rules.places import DATABASES, OWN, at_home

PROXY = re.compile(
    r"""(?ix)\b(?:acquire::\S*proxy\S*\s+["']?[a-z]|(?:https?|ftp|all)_proxy\s*=\s*["']?[a-z]
    |^\s*proxy\s*=\s*["']?[a-z])"""
)
NOTHING = re.compile(r"""(?i)[=\s]\s*["']?(?:_none_|none|direct|false|"")\b""")
SERVER = re.compile(r"^\s*nameserver\s+(?!127\.|::1\b)\S")
HOST = re.compile(r"^\s*(?!127\.|::1\b|f[ef][0-9a-f]{2}::|0\.0\.0\.0\b|#)[0-9a-fA-F.:]+\s+\S")
WORD = rb"[\w.-]"


def _host(seen: Seen) -> Iterator[str]:
    for host in seen.background.hosts:
        if _word(host, seen.content):
            yield f"it names {host[:64]}, the machine of the build"


def _path(seen: Seen) -> Iterator[str]:
    for path in seen.background.paths:
        if _word(path, seen.content):
            yield f"it names {path[:100]}, a directory of the machine of the build"


def _proxy(seen: Seen) -> Iterator[str]:
    for proxy in seen.background.proxies:
        if proxy.encode(errors="surrogateescape") in seen.content:
            yield "it names the proxy of the build"


def _word(word: str, content: bytes) -> bool:
    """Whether *word* stands in *content*, and is not a part of another one."""
    plain = word.encode(errors="surrogateescape")
    if plain not in content:
        return False
    return bool(re.search(rb"(?<!" + WORD + rb")" + re.escape(plain) + rb"(?![\w-])", content))


SYSPREP = "virt-sysprep(1)"
REMOVE = "remove it at the end of the last %post"
OURS = "found in images of our own"
RULES = (
    Rule("history", WARNING, "no shell or program remembers what was typed",
         "it tells what the builder did, passwords included",
         f"{SYSPREP}, bash-history, zsh-history", REMOVE,
         paths=at_home(".*history", ".lesshst", ".viminfo", ".wget-hsts", ".local/share/*/history",
                       ".recently-used*", ".local/state/bash/history")),
    Rule("mail", WARNING, "there is no mail", "it is somebody's", f"{SYSPREP}, mail-spool", REMOVE,
         paths=("/var/spool/mail/*", "/var/mail/*", "/root/mbox", "/root/dead.letter",
                "/var/spool/mqueue/*", "/var/spool/postfix/maildrop/*",
                "/var/spool/exim4/input/*")),
    Rule("job", WARNING, "no user has jobs that wait", "each copy would run them",
         f"{SYSPREP}, cron-spool", "a file in /etc/cron.d, or a timer, for what is meant",
         paths=("/var/spool/cron/**", "/var/spool/at/**", "/var/spool/atjobs/*",
                "/var/spool/atspool/*", "/var/spool/anacron/*"), unless=("/var/**/.SEQ",)),
    Rule("log", WARNING, "there are no logs", "they tell of the machine that wrote them",
         f"{SYSPREP}, logfiles, pacct-log", REMOVE,
         paths=("/var/log/**", "/var/account/pacct*", "/var/named/data/named.run",
                "/var/lib/logrotate.status", "/var/lib/logrotate/*status"),
         unless=("/var/log/**/README*", "/var/log/**/.gitignore")),
    Rule("installer-log", WARNING, "there are no logs of an installation",
         "they tell of the machine that wrote them", f"{SYSPREP}, logfiles", REMOVE,
         paths=("/root/install.log*", "/root/anaconda-*.log", "/root/ks-*.log",
                "/root/*-post*.log", "/root/post*.log", "/tmp/ks-script-*", "/ks-*.log")),
    Rule("login-record", WARNING, "nobody has logged in yet", "it tells who did, and from where",
         f"{SYSPREP}, utmp, logfiles, pam-data", REMOVE,
         paths=("/run/utmp", "/var/run/utmp", "/var/lib/lastlog/*", "/var/lib/wtmpdb/*",
                "/run/faillock/*", "/var/run/faillock/*", "/run/console/*")),
    Rule("crash", WARNING, "nothing is left of a crash", "it is the memory of a program",
         f"{SYSPREP}, crash-data, abrt-data", REMOVE,
         paths=("/var/crash/**", "/var/spool/abrt/**", "/var/tmp/abrt/**",
                "/var/lib/systemd/coredump/*", "/var/lib/systemd/pstore/**", "/core", "/root/core",
                "/var/lib/kdump/*core*")),
    Rule("account-backup", WARNING, "there are no older copies of the files of users",
         "they hold accounts and hashes that were removed", f"{SYSPREP}, passwd-backups", REMOVE,
         paths=tuple(f"/etc/{name}-" for name in
                     ("passwd", "shadow", "group", "gshadow", "subuid", "subgid"))),
    Rule("editor-backup", WARNING, "no editor has left older copies",
         "they hold what was removed", f"{SYSPREP}, backup-files", REMOVE,
         paths=tuple(f"{place}/**/{name}" for place in ("/etc", "/root", "/home", "/srv", "/opt")
                     for name in ("*~", "*.bak", ".*.sw[op]", "#*#")),
         unless=("/**/node_modules/**", "/**/site-packages/**")),
    Rule("temporary-file", WARNING, "nothing lies in /tmp and /var/tmp",
         "scripts forget there what they fetched", f"{SYSPREP}, tmp-files", REMOVE,
         paths=("/tmp/**", "/var/tmp/**")),
    Rule("service-state", WARNING, "no service has data of a machine that ran",
         "what is kept there is of that machine's users", f"{SYSPREP}, dovecot-data, logfiles",
         REMOVE,
         paths=("/var/lib/dovecot/*", "/var/lib/fprint/**", "/var/cache/gdm/**",
                "/var/lib/bluetooth/**", "/var/lib/upower/*")),
    Rule("build-host", WARNING, "no file names the machine of the build",
         "it tells how the builder's machines are called", f"{SYSPREP}, net-hostname",
         "network --hostname, or mend the script that wrote it",
         paths=OWN, unless=DATABASES, test=_host, text=True),
    Rule("build-path", WARNING, "no file names a directory of the machine of the build",
         "it tells who built, and leads nowhere", OURS, "mend the script that wrote it",
         paths=OWN, unless=DATABASES, test=_path, text=True),
    Rule("build-proxy", WARNING, "no file names the proxy of the build",
         "elsewhere nothing answers there", OURS, "mend the script that wrote it",
         paths=OWN, unless=DATABASES, test=_proxy, text=True),
    Rule("package-proxy", WARNING, "no setting sends the image through a proxy",
         "elsewhere nothing answers there: it cannot be updated", OURS,
         "appliance build takes the proxy of the environment; the image needs none",
         paths=("/etc/apt/apt.conf", "/etc/apt/apt.conf.d/*", "/etc/dnf/dnf.conf", "/etc/yum.conf",
                "/etc/yum.repos.d/*", "/etc/environment", "/etc/profile.d/*", "/etc/wgetrc",
                "/root/.curlrc", "/etc/environment.d/*"),
         test=by_line(PROXY, "names a proxy", harmless=NOTHING), text=True),
    Rule("resolver", WARNING, "no name server of the build's network is there",
         "elsewhere nothing answers there", "resolv.conf(5)",
         "network --nameserver says it where the network is configured",
         paths=("/etc/resolv.conf",), test=by_line(SERVER, "names a name server"), text=True),
    Rule("hosts", WARNING, "/etc/hosts names no machines but this one",
         "it tells of the builder's network", "hosts(5)", "take the line out, or allow it",
         paths=("/etc/hosts",), test=by_line(HOST, "names another machine"), text=True),
)  # fmt: skip
