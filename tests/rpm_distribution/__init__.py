"""A distribution of the Fedora kind, made here of Debian's packages or of this host's programs.

No mirror of such a distribution is within reach of every machine that tests, one of Debian's is.
So a closure of Debian packages becomes "Testing Linux": signed repositories from which dnf
installs a system that looks to an image builder like Fedora, and that boots.

    make.py          the command line: `python -m rpm_distribution.make` in tests/
    world.py         what is made: repositories and keys, and the cache of them
    core.py tiny.py  the two sizes: one that boots, one that is installed in a second
    debian.py        which Debian packages there are, fetched with apt
    deb_file.py      reads one of them
    convert.py       makes RPM packages of it, after names.py, relations.py, places.py,
                     additions.py, scriptlets.py, kernel.py, grub.py
    system.py odd.py packages that only we have: what makes a distribution, and what tests need
    rpm_file.py      writes a package; rpm_header.py the part that says what is in it
    repository.py    makes a repository of packages; comps.py its groups
    keys.py          who signs
"""
