"""What copyright files say, as expressions of SPDX, which a library reads."""

import pytest
from license_expression import get_spdx_licensing

from appliance.backends.package_managers.deb_copyright import expression, licence_of

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("GPL-2+", "GPL-2.0-or-later"),
        ("GPL-2", "GPL-2.0-only"),
        ("lgpl-2.1+", "LGPL-2.1-or-later"),
        ("AGPL-3.0+", "AGPL-3.0-or-later"),
        ("Expat", "MIT"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl"),
        ("GPL-2+ and Expat", "GPL-2.0-or-later AND MIT"),
        ("GPL-2+ or Artistic, and MIT", "(GPL-2.0-or-later OR Artistic-1.0-Perl) AND MIT"),
        ("MIT, Zlib, and ISC", "MIT AND Zlib AND ISC"),
        ("GPL-3+ with GCC exception", "GPL-3.0-or-later WITH GCC-exception-3.1"),
        ("Apache-2.0 with LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("GPL-2+ with Odd exception", "LicenseRef-GPL-2-or-later-with-Odd-exception"),
        ("public-domain", "LicenseRef-public-domain"),
        ("\x1b[31m", "LicenseRef-31m"),
        ("()", "LicenseRef-unnamed"),
        ("", ""),
        ("and", ""),
    ],
)
def test_a_licence_is_said_in_the_words_of_spdx(said: str, means: str) -> None:
    assert expression(said) == means
    if means:
        assert get_spdx_licensing().parse(means) is not None


def test_a_file_says_the_licences_of_all_its_paragraphs_once() -> None:
    text = (
        f"{FORMAT}License: Zlib\n\nFiles: *\nLicense: GPL-2+ or Artistic\n text\n\n"
        "Files: debian/*\nLicense: Zlib\n\nLicense: Beerware\n A text of its own.\n"
    )
    assert licence_of(text) == "(GPL-2.0-or-later OR Artistic-1.0-Perl) AND Zlib"


@pytest.mark.parametrize(
    "text", ["", "This package is free.\nLicense: GPL-2\n", "Format: 1\n\nFiles: *\nLicense: MIT\n"]
)
def test_nothing_is_guessed_from_prose(text: str) -> None:
    assert licence_of(text) == ""
