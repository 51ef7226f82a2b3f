"""/etc/default/grub: the one place where an image says how GRUB starts it, as the distributions'
own programs and everybody's `sed` lines expect it. grub.cfg is made of it: when the image is made,
when a script calls update-grub or grub2-mkconfig, and after the last script.

The distribution's own grub-mkconfig cannot run in a sandbox: it asks for the device of a filesystem
that is not there yet.

Facts: the GRUB manual, "Simple configuration handling"; grub-mkconfig(8); update-grub(8).
"""

import re
import shlex
from collections.abc import Iterable, Mapping

PLACE = "/etc/default/grub"
SPECIAL = re.compile(r'(["\\$`])')  # inside double quotes (POSIX shell, 2.2.3)
MADE_OF = f"# Made of {PLACE}: "


def quoted(text: str) -> str:
    """Return *text* in double quotes for the shell, which is how people look for it."""
    return '"' + SPECIAL.sub(r"\\\1", text) + '"'


def filled(text: str) -> str:
    """Return *text* for a here-document of the shell in which $ARGUMENTS and $TIMEOUT are filled
    in, and nothing else is."""
    escaped = re.sub(r"([\\$`])", r"\\\1", text)
    return re.sub(r"\\\$(ARGUMENTS|TIMEOUT)\b", r"$\1", escaped)


def program(config: str, *, place: str, mode: str, also: str = "") -> str:
    """Return the program that makes a grub.cfg of /etc/default/grub, as grub-mkconfig's.

    *config* is the text of the grub.cfg, with $ARGUMENTS and $TIMEOUT; *place* is where update-grub
    writes it, *mode* its permissions; *also* is shell that does what else depends on $ARGUMENTS.
    With --if-changed nothing happens unless grub.cfg is ours and was made of something else: what
    an author has written into it stays.
    """
    return f"""\
#!/bin/sh
# Made by appliance-tools: grub.cfg, of what {PLACE} says.
out=/dev/stdout changed=
case ${{0##*/}} in update-grub*) out={place} ;; esac
while [ "$#" -gt 0 ]; do
case $1 in
--if-changed) out={place} changed=only ;;
-o | --output) out=$2; shift ;;
-o*) out=${{1#-o}} ;;
--output=*) out=${{1#--output=}} ;;
esac
shift
done
GRUB_TIMEOUT=5 GRUB_CMDLINE_LINUX= GRUB_CMDLINE_LINUX_DEFAULT=
for file in {PLACE} {PLACE}.d/*.cfg; do
if [ -r "$file" ]; then . "$file"; fi
done
set -eu
ARGUMENTS="$GRUB_CMDLINE_LINUX${{GRUB_CMDLINE_LINUX_DEFAULT:+ $GRUB_CMDLINE_LINUX_DEFAULT}}"
TIMEOUT=$GRUB_TIMEOUT
made="{MADE_OF}$TIMEOUT $ARGUMENTS"
if [ "$changed" ]; then
before=$(grep -s '^{MADE_OF}' {place} || :)
if [ -z "$before" ] || [ "$before" = "$made" ]; then exit 0; fi
fi
cat > "$out" << END
$made
{filled(config)}END
if [ "$out" != /dev/stdout ]; then chmod {mode} "$out"; fi
{also}"""


def made(text: str, words: Iterable[str] = ()) -> str:
    """Return shell that runs the program *text* once, from a file that goes away."""
    path = "/tmp/update-grub"
    run = shlex.join(("sh", path, *words))
    return f"printf %s {shlex.quote(text)} > {path}\n{run}\nrm -f {path}"


def again(programs: Mapping[str, str]) -> str:
    """Return shell that makes grub.cfg again by one of *programs*, if there is one and what it is
    made of has changed."""
    text = next(iter(programs.values()), "")
    return f"set -eu\n{made(text, ('--if-changed',))}\n" if text else ""
