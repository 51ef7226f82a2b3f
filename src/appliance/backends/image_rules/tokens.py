"""What tokens look like, and addresses with a password, wherever they stand."""

import re
from collections.abc import Iterator

from appliance.backends.image_rules.by_line import LONGEST_LINE
from appliance.backends.image_rules.model import Seen

# Each issuer's own prefix, so that nothing else is taken for one. Facts: GitHub, "Supported secret
# scanning patterns"; the issuers' documentation.
TOKENS = {
    "AWS": r"(?:AKIA|ASIA)[0-9A-Z]{16}(?<!EXAMPLE)",
    "GitHub": r"gh[opsur]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,}",
    "GitLab": r"gl(?:pat|dt|rt|cbt|ptt)-[\w-]{20}",
    "Slack": r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    "Google": r"AIza[\w-]{35}|ya29\.[\w-]{20,}",
    "Stripe": r"[rs]k_live_[0-9A-Za-z]{20,}",
    "npm": r"npm_[A-Za-z0-9]{36}",
    "PyPI": r"pypi-AgE[\w-]{50,}",
    "Vault": r"hv[sb]\.[\w-]{24,}",
    "Docker": r"dckr_pat_[\w-]{20,}",
    "SendGrid": r"SG\.[\w-]{22}\.[\w-]{43}",
    "Hugging Face": r"hf_[A-Za-z0-9]{34}",
    "DigitalOcean": r"do[opr]_v1_[a-f0-9]{64}",
    "a JSON web token": r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
}
TOKEN = re.compile(
    "|".join(f"(?P<t{n}>(?<![\\w/+-])(?:{p}))" for n, p in enumerate(TOKENS.values()))
)
ISSUERS = tuple(TOKENS)
# One of these is in every token: whether they are in a file is known a hundred times sooner.
MARKS = tuple(
    b"AKIA ASIA ghp_ gho_ ghs_ ghu_ ghr_ github_pat_ glpat- gldt- glrt- glcbt- glptt- xoxa- xoxb- "
    b"xoxe- xoxo- xoxp- xoxr- xoxs- AIza ya29. k_live_ npm_ pypi-AgE hvs. hvb. dckr_pat_ SG. hf_ "
    b"doo_v1_ dop_v1_ dor_v1_ eyJ".split()
)
ADDRESS = re.compile(
    r"(?<![\w+.-])([a-z][a-z0-9+.-]{1,20})://([^\s:/@'\"<>]*):([^\s/@'\"<>]+)@([\w.\[-]+)"
)
# What manuals write where a password is to stand, and what programs fill in.
PLACEHOLDER = re.compile(
    r"(?ix)(?:your|my|the|some)?[_-]?(?:user)?"
    r"(?:pass(?:word|wd|phrase|w)?|pwd|pw|secret|token|credentials?|key|foo|bar|x+|\*+|\.+)"
    r"|[$%{<\[(].*|.*[}>\])]|\\.*"
)
EXAMPLE = re.compile(
    r"(?i)(?:.*\.)?(?:example(?:\.\w+)?|host(?:name)?|server|proxy|domain)(?:\.\w+)?"
)


def tokens(seen: Seen) -> Iterator[str]:
    """Say which issuers' tokens are in a text."""
    if not any(mark in seen.content for mark in MARKS):
        return
    for number, line in seen.lines():
        for found in TOKEN.finditer(line[:LONGEST_LINE]):
            issuer = ISSUERS[int(str(found.lastgroup)[1:])]
            yield f"line {number} holds a token ({issuer})"
            return


def addresses(seen: Seen) -> Iterator[str]:
    """Say which addresses with a password are in a text; not what is written as an example."""
    if b"@" not in seen.content or b"://" not in seen.content:
        return
    for number, line in seen.lines():
        for found in ADDRESS.finditer(line[:LONGEST_LINE]):
            if not PLACEHOLDER.fullmatch(found[3]) and not EXAMPLE.fullmatch(found[4]):
                yield f"line {number} has an address of {found[4][:60]} with a password"
                return


def variables(seen: Seen) -> Iterator[str]:
    """Say which secrets of the build stand in a file: texts that only its scripts were to know."""
    for name, value in seen.background.secrets.items():
        told = value.encode(errors="surrogateescape").strip()
        if len(told) >= SHORTEST and told in seen.content:
            yield f"it holds the value of {name}"


SHORTEST = 6  # bytes: a shorter secret is found everywhere
