"""apt's own files, read the way apt reads them."""

from appliance.backends.families.apt_sources import (
    HostSource,
    checks_validity,
    origin_of,
    parse_list,
    parse_sources,
)

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def test_a_deb822_file_gives_every_uri_with_every_suite() -> None:
    text = f"""\
Types: deb deb-src
# a remark inside
URIs: http://one.example/debian/ http://two.example/debian
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: {KEYRING}

# a remark between

Types: deb
URIs: http://one.example/debian-security
Suites: bookworm-security
Components: main
"""
    assert parse_sources(text) == (
        *(
            HostSource(f"http://{host}.example/debian", suite, ("main", "contrib"), KEYRING)
            for host in ("one", "two")
            for suite in ("bookworm", "bookworm-updates")
        ),
        HostSource("http://one.example/debian-security", "bookworm-security", ("main",)),
    )


def test_stanzas_that_give_no_packages_are_left_out() -> None:
    stanza = "Types: {}\nURIs: http://a.example/d\nSuites: {}\nComponents: main\nEnabled: {}\n"
    assert parse_sources(stanza.format("deb", "trixie", "no")) == ()
    assert parse_sources(stanza.format("deb-src", "trixie", "yes")) == ()
    assert parse_sources(stanza.format("deb", "./", "yes")) == ()
    assert len(parse_sources(stanza.format("deb", "trixie", "yes"))) == 1


def test_a_key_inside_the_file_is_not_taken_for_a_path() -> None:
    text = """\
Types: deb
URIs: http://a.example/d
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
"""
    assert parse_sources(text) == (HostSource("http://a.example/d", "trixie", ("main",)),)


def test_one_line_files() -> None:
    text = f"""\
# deb http://off.example/debian trixie main
deb http://a.example/debian/ trixie main contrib # the nearest
deb [ arch=amd64 signed-by={KEYRING} ] http://b.example/debian trixie-updates main
deb-src http://a.example/debian trixie main
deb http://flat.example/debian ./
deb http://short.example/debian trixie
nonsense
"""
    assert parse_list(text) == (
        HostSource("http://a.example/debian", "trixie", ("main", "contrib")),
        HostSource("http://b.example/debian", "trixie-updates", ("main",), KEYRING),
    )


def test_a_release_file_says_whose_it_is() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nLabel: Debian\n"
    assert origin_of(signed) == "Debian"
    assert origin_of("Label: x\nSuite: Origin: y\n") == ""


def test_the_host_decides_whether_release_files_expire() -> None:
    assert checks_validity('APT "";\nAcquire "";\n')
    assert checks_validity('Acquire::Check-Valid-Until "true";\n')
    assert not checks_validity('Acquire::Check-Valid-Until "false";\n')
    assert not checks_validity('Acquire::Check-Date "no";\n')
