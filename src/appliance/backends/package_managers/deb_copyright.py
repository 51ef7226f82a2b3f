"""The licence of a Debian package, in SPDX's words: its copyright file, if a program can read it.

Facts: Debian's copyright-format 1.0 (7.2 lists the short names), SPDX 2.3 annex D (expressions).
Nothing is guessed: a file that is only prose says no licence.
"""

import re
from collections.abc import Iterator

LONGEST = 1 << 20  # characters of a copyright file that are looked at
MOST_PARAGRAPHS = 10_000
FORMAT = re.compile(r"^format(?:-specification)?:.*(?:copyright-format|dep-?5)", re.I | re.M)
FIELD = re.compile(r"^license:[ \t]*(.*)$", re.I | re.M)
GNU = re.compile(r"(A|L)?GPL-?v?(\d)(?:\.(\d))?(?:\.0)?(\+|-or-later)?", re.I)
NOT_OF_A_NAME = re.compile(r"[^A-Za-z0-9.-]+")
OWN = "LicenseRef-"  # what SPDX puts before a licence that is not in its list
# Short names of the format that SPDX has another word for, in small letters.
KNOWN = {
    "artistic": "Artistic-1.0-Perl",
    "artistic-1": "Artistic-1.0-Perl",
    "artistic-2": "Artistic-2.0",
    "apache-2": "Apache-2.0",
    "boost-1.0": "BSL-1.0",
    "bsl-1": "BSL-1.0",
    "bsd-2": "BSD-2-Clause",
    "bsd-3": "BSD-3-Clause",
    "bsd-4": "BSD-4-Clause",
    "cc0": "CC0-1.0",
    "expat": "MIT",
    "gfdl-niv-1.2+": "GFDL-1.2-no-invariants-or-later",
    "gfdl-niv-1.3+": "GFDL-1.3-no-invariants-or-later",
    "gfdl-1.2+": "GFDL-1.2-or-later",
    "gfdl-1.3+": "GFDL-1.3-or-later",
    "perl": "(Artistic-1.0-Perl OR GPL-1.0-or-later)",
    "psf-2": "PSF-2.0",
    "zlib/libpng": "Zlib",
}
# Names that are the same in both, but for capital letters.
SAME = (
    "0BSD", "Apache-1.1", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause",
    "BSD-4-Clause", "BSD-4-Clause-UC", "BSL-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0",
    "CC-BY-SA-4.0", "CC0-1.0", "CDDL-1.0", "CPL-1.0", "curl", "EPL-1.0", "EPL-2.0", "FSFAP",
    "FSFUL", "FSFULLR", "FTL", "HPND", "ICU", "IJG", "ISC", "MIT", "MPL-1.1", "MPL-2.0", "NCSA",
    "OFL-1.1", "OpenSSL", "PostgreSQL", "PSF-2.0", "Python-2.0", "Sleepycat", "SSLeay", "TCL",
    "Unlicense", "Vim", "W3C", "WTFPL", "X11", "Zlib", "ZPL-2.1",
)  # fmt: skip
# What a licence may be `with`, without the word exception.
EXCEPTIONS = {
    "autoconf": "Autoconf-exception-3.0",
    "bison": "Bison-exception-2.2",
    "classpath": "Classpath-exception-2.0",
    "font": "Font-exception-2.0",
    "gcc": "GCC-exception-3.1",
    "libtool": "Libtool-exception",
    "linux-syscall-note": "Linux-syscall-note",
    "llvm": "LLVM-exception",
}
NAMES = {name.lower(): name for name in SAME} | KNOWN


def licence_of(text: str) -> str:
    """The licence of everything that the copyright file *text* speaks of, as one expression of
    SPDX; empty if it is not in a form that programs read."""
    text = text[:LONGEST]
    if not FORMAT.search(text.partition("\n\n")[0]):
        return ""
    found = dict.fromkeys(expression(synopsis) for synopsis in _synopses(text))
    named = sorted(each for each in found if each)
    if len(named) == 1:
        return named[0]
    return " AND ".join(f"({each})" if " OR " in each else each for each in named)


def _synopses(text: str) -> Iterator[str]:
    """The short form of the licence of each paragraph about files, and of the whole."""
    paragraphs = re.split(r"\n[ \t]*\n", text)[:MOST_PARAGRAPHS]
    for number, paragraph in enumerate(paragraphs):
        if number == 0 or re.search(r"^files:", paragraph, re.I | re.M):
            yield from (found[1].strip() for found in FIELD.finditer(paragraph))


def expression(synopsis: str) -> str:
    """A licence as the format writes it, `GPL-2+ or Artistic, and MIT`, as SPDX writes it. A comma
    binds less than `and` and `or` do."""
    whole, joiner = "", "AND"
    for part in synopsis.split(","):
        first, _, rest = part.strip().partition(" ")
        led = first.lower() in ("and", "or")
        joiner = first.upper() if led else joiner
        own = _joined(rest.strip() if led else part.strip())
        if own:
            whole = f"{_grouped(whole)} {joiner} {_grouped(own)}" if whole else own
    return whole


def _grouped(text: str) -> str:
    return f"({text})" if " OR " in text and not text.startswith("(") else text


def _joined(part: str) -> str:
    """*part*, in which there is no comma."""
    words = [word for word in re.split(r"\s+(and|or)\s+", part, flags=re.I) if word.strip()]
    return " ".join(
        word.upper() if number % 2 else name for number, word in enumerate(words)
        if (name := _name(word))
    )  # fmt: skip


def _name(word: str) -> str:
    """What SPDX calls one licence: by its list, or by our own name for one that is not there."""
    plain, _, more = word.strip().partition(" with ")
    known = _in_list(plain)
    if known and not more:
        return known
    exception = EXCEPTIONS.get(re.sub("[ -]exception$", "", more.lower()))
    if known and exception and not known.startswith("("):
        return f"{known} WITH {exception}"
    text = word.strip().replace("+", "-or-later")
    return OWN + (NOT_OF_A_NAME.sub("-", text).strip("-") or "unnamed")


def _in_list(word: str) -> str:
    gnu = GNU.fullmatch(word)
    if gnu:
        kind, major, minor, later = gnu.groups()
        number = f"{major}.{minor or 0}"
        return f"{(kind or '').upper()}GPL-{number}-{'or-later' if later else 'only'}"
    return NAMES.get(word.lower(), "")
