"""Starting `appliance` as people do, and seeing what it leaves on the machine."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import waiting
from mirror import Mirror

SOURCE = Path(__file__).parents[1] / "src"
Said = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Who builds: the words before a command, and the Python with all that we import."""

    name: str
    before: tuple[str, ...]
    python: str
    path: str
    home: Path

    @property
    def is_root(self) -> bool:
        return not self.before


def root() -> Person:
    """Ourselves."""
    path = os.pathsep.join((str(SOURCE), *(item for item in sys.path if "packages" in item)))
    return Person("root", (), sys.executable, path, Path.home())


@dataclass(frozen=True)
class Finished:
    """What came of a command; *events* if it was asked for them."""

    status: int
    out: str
    err: str

    @property
    def events(self) -> list[Said]:
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]

    def gives(self, kind: str) -> list[str]:
        """The results that the events of a *kind* are about."""
        return [event["gives"] for event in self.events if event["event"] == kind]

    @property
    def said(self) -> str:
        """Everything that a tool or the build itself had to say."""
        told = {"ToolSaid": "line", "Noted": "text", "Warned": "text"}
        lines = [event[told[kind]] for event in self.events if (kind := event["event"]) in told]
        return "\n".join([*lines, self.err])


@dataclass
class Yard:
    """A directory to build in, and who builds there from which mirror."""

    place: Path
    person: Person
    mirror: Mirror
    keyring: Path
    store: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mark = f"mark-{os.getpid()}-{time.monotonic_ns()}"

    @property
    def output(self) -> Path:
        return self.place / "out"

    def recipe(
        self,
        *packages: str,
        more: str = "",
        archive: str = "tiny",
        disk: str = "part / --fstype=ext4 --size=64",
        name: str = "tiny",
    ) -> Path:
        """Write a kickstart of the tiny distribution; *more* are sections, `%post` and the like."""
        path = self.place / f"{name}.ks"
        listed = "\n".join(packages)
        path.write_text(
            f"repo --name=tiny --baseurl={self.mirror.url}/{archive}/dists/stable\n{disk}\n"
            f"bootloader --disabled\n%packages --nocore\n{listed}\n%end\n{more}"
        )
        return path

    def words(self, *words: str | Path) -> list[str]:
        argv = [str(word) for word in words]
        if argv[0] in ("build", "lock", "plan", "cache"):
            argv += ["--store", str(self.store)]
        if argv[0] in ("build", "lock", "plan"):
            argv += ["--keyring", str(self.keyring)]
        if argv[0] == "build":
            argv += ["-o", str(self.output)]
        return [*self.person.before, self.person.python, "-m", "appliance", *argv]

    def env(self) -> dict[str, str]:
        """Ours alone; what a build starts inherits NO_PROXY, so *mark* finds all of it again."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.person.home),
            "PYTHONPATH": self.person.path,
            "NO_PROXY": f"127.0.0.1,{self.mark}",
            **self.environment,
        }

    def begin(self, recipe: Path, *words: str | Path) -> "subprocess.Popen[str]":
        """Start a build in a session of its own, with events; end() waits for it."""
        return subprocess.Popen(
            self.words("build", recipe, "--events=json", *words),
            cwd=self.place, env=self.env(), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    def end(self, process: "subprocess.Popen[str]", said: str = "") -> Finished:
        """Wait for what begin() started; *said* is what was read of it already."""
        with process:
            out, err = waiting.rest_of(process)
        return Finished(process.returncode, said + out, err)

    def run(self, *words: str | Path, before: tuple[str, ...] = ()) -> Finished:
        """Run `appliance WORDS` to its end."""
        process = subprocess.Popen(
            [*before, *self.words(*words)], cwd=self.place, env=self.env(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        with process:
            out, err = waiting.rest_of(process)
        return Finished(process.returncode, out, err)

    def build(self, recipe: Path, *words: str | Path, status: int = 0) -> Finished:
        """Build, with events; say everything if it ends otherwise than with *status*."""
        ended = self.run("build", recipe, "--events=json", *words)
        assert ended.status == status, f"status {ended.status}\n{ended.said[-4000:]}"
        assert "Traceback" not in ended.err
        if status:
            assert self.leftovers() == []
        return ended

    def image(self, name: str = "tiny", disk: str = "sda", kind: str = "raw") -> Path:
        return self.output / name / f"{name}-{disk}.{kind}"

    def interrupted(self, recipe: Path, moment: Callable[[Said], bool], how: int) -> Finished:
        """Build until *moment* is told, then send the signal *how*: SIGINT goes to the whole
        group, as a terminal does it; others to the process in front alone."""
        process = self.begin(recipe)
        lines = []
        for line in process.stdout or ():
            lines.append(line)
            if moment(json.loads(line)):
                break
        else:
            raise AssertionError(f"that moment never came: {self.end(process).err}")
        if how == signal.SIGINT:
            os.killpg(process.pid, how)
        else:
            os.kill(self._front(process.pid), how)
        return self.end(process, "".join(lines))

    def _front(self, pid: int) -> int:
        """The process of `appliance` itself: the words before it may have forked."""
        while b"appliance" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
        return pid

    def leftovers(self) -> list[str]:
        """What a build that failed should not have left: output, drafts, running programs."""
        found = [str(path) for path in self.output.glob("*")] if self.output.exists() else []
        found += [str(path) for path in (self.store / "drafts").glob("*")]
        return [*found, *self.still_running()]

    def still_running(self) -> list[str]:
        """The programs of ours that run, given a moment to end."""
        end = time.monotonic() + waiting.MOMENT
        while (found := self._running()) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _running(self) -> list[str]:
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (place / "environ").read_bytes():
                    found.append((place / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found


@contextmanager
def plain_user(place: Path) -> Iterator[Person]:
    """Make a user with subordinate ids, and an installation of ours that it can read."""
    name = f"builder{os.getpid()}"
    home = place / "home"
    installed = place / "installed"
    shutil.copytree(SOURCE, installed, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for item in (path for path in sys.path if path.endswith("packages")):
        ignored = shutil.ignore_patterns("__pycache__", "pip", "mypy*", "hypothesis", "*.pth")
        shutil.copytree(item, installed, ignore=ignored, dirs_exist_ok=True)
    spans = ["--no-user-group", "--create-home", "--home-dir", str(home), "--shell", "/bin/sh"]
    with _the_users_files():
        subprocess.run(["useradd", *spans, name], check=True, capture_output=True)
    try:
        with _the_users_files():
            _forget_subordinates(name)
            first = _unused_subordinates()
            span = f"{first}-{first + 65535}"
            words = ["usermod", "--add-subuids", span, "--add-subgids", span, name]
            subprocess.run(words, check=True)
        before = ("setpriv", f"--reuid={name}", "--regid=100", "--clear-groups")
        yield Person(name, before, "/usr/bin/python3", str(installed), home)
    finally:
        with _the_users_files():
            subprocess.run(["userdel", name], check=True, capture_output=True)
            _forget_subordinates(name)


@contextmanager
def _the_users_files() -> Iterator[None]:
    """Change /etc/passwd, /etc/subuid and /etc/subgid alone: other tests run beside ours."""
    with Path("/var/tmp/appliance-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unused_subordinates() -> int:
    ends = [1_000_000]
    for path in (Path("/etc/subuid"), Path("/etc/subgid")):
        lines = path.read_text().splitlines() if path.exists() else []
        ends += [sum(map(int, line.split(":")[1:])) for line in lines if line.count(":") == 2]
    return max(ends)


def _forget_subordinates(name: str) -> None:
    for path in (Path("/etc/subuid"), Path("/etc/subgid")):
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        path.write_text("".join(line for line in lines if not line.startswith(f"{name}:")))
