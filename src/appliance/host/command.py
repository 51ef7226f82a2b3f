"""Run a program. The only place where a process is started."""

import os
import shlex
import shutil
import subprocess  # noqa: TID251
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from appliance.errors import CommandError, HostError
from appliance.units import SECTOR

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
INHERITED = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
TOO_LARGE = "File too large"  # what programs say for EFBIG
LAST_WORDS = 15  # lines of a failed tool's output that the user sees; the log has all


def run(
    argv: Sequence[str | Path],
    *,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] = lambda line: None,
    directory: Path | None = None,
    name: str = "",
) -> str:
    """Run *argv* to its end; return what it printed, passing each line to *on_line*.

    The program's environment is ENVIRONMENT, the INHERITED variables for proxies, and what *env*
    adds: no other variable of the caller's reaches it. *stdin* is the text that it reads from its
    standard input. *name* is what an error calls the program, where that is not its first word.

    Raises HostError if the program is not installed, CommandError if it exits non-zero.
    """
    words = tuple(str(word) for word in argv)
    on_line(f"$ {shlex.join(words)}")
    printed: list[str] = []
    with _process(words, stdin, env, directory) as process:
        for line in process.stdout or ():
            printed.append(line)
            on_line(line.rstrip("\n"))
    if process.returncode:
        tail = tuple(line.rstrip("\n") for line in deque(printed, LAST_WORDS))
        raise refusal(name or words[0], process.returncode, tail)
    return "".join(printed)


def limited(argv: Sequence[str | Path], seconds: int) -> list[str | Path]:
    """Return *argv* for run(), as a program that is ended after *seconds*: CommandError, then.

    Raises HostError if the program is not installed.
    """
    _check_installed(str(argv[0]))
    return ["timeout", str(seconds), *argv]


def capped(argv: Sequence[str | Path], size: int) -> list[str | Path]:
    """Return *argv* for run(), as a program that writes no file of more than *size* bytes: what
    goes beyond fails, as TOO_LARGE in the program's words.

    Raises HostError if the program is not installed.
    """
    _check_installed(str(argv[0]))
    words = 'trap "" XFSZ; ulimit -f "$0"; exec "$@"'  # in blocks of 512 bytes (POSIX)
    return ["sh", "-c", words, str(size // SECTOR), *argv]


def refusal(name: str, status: int, tail: tuple[str, ...]) -> CommandError:
    """Return the error for a program that ended with *status* (negative: killed by that signal)
    after it had printed the lines *tail*."""
    how = f"was killed by signal {-status}" if status < 0 else f"stopped with status {status}"
    said = "; its last words:" if tail else " and printed nothing"
    return CommandError(f"{Path(name).name} {how}{said}", tail=tail)


@contextmanager
def in_memory(text: str) -> Iterator[IO[str]]:
    """Lend an open file that holds *text* and is on no disk, since the text may be a secret; it
    is read from its start."""
    with os.fdopen(
        os.memfd_create("text"), "w+", encoding="utf-8", errors="surrogateescape"
    ) as file:
        file.write(text)
        file.seek(0)
        yield file


@contextmanager
def _process(
    words: tuple[str, ...],
    stdin: str,
    env: Mapping[str, str] | None,
    directory: Path | None,
) -> Iterator["subprocess.Popen[str]"]:
    with in_memory(stdin) as questions:  # a file, not a pipe: tools may stop listening
        process = start(words, stdin=questions, env=env, directory=directory)
    try:
        with process:
            yield process
    except BaseException:
        process.kill()
        process.wait()
        raise


def start(
    argv: Sequence[str | Path],
    *,
    stdin: IO[str] | int | None = None,
    stderr: IO[bytes] | int = subprocess.STDOUT,
    env: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> "subprocess.Popen[str]":
    """Start a program and return at once; whoever calls this must wait for it.

    Raises HostError if the program is not installed.
    """
    words = [str(word) for word in argv]
    _check_installed(words[0])
    proxies = {key: os.environ[key] for key in INHERITED if key in os.environ}
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL if stdin is None else stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**ENVIRONMENT, **proxies, **(env or {})},
        cwd=directory,
        text=True,
        errors="replace",
    )


def _check_installed(program: str) -> None:
    """Raise HostError if *program* is not found where run() looks."""
    if not shutil.which(program, path=ENVIRONMENT["PATH"]):
        raise HostError(f"{program} is not installed", hint="appliance doctor")


def interactive(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    lent: Sequence[IO[str]] = (),
) -> int:
    """Run *argv* on the user's own terminal; return its exit status. It has the files *lent* open,
    too, under the numbers that they have here."""
    kept = {key: os.environ[key] for key in ("TERM", "HOME") if key in os.environ}
    words = [str(word) for word in argv]
    numbers = [file.fileno() for file in lent]
    return subprocess.call(words, env={**ENVIRONMENT, **kept, **(env or {})}, pass_fds=numbers)
