"""Makes the virtual environment and installs the locked packages: python3 requirements/install.py base|dev.

Runs before anything is installed, so it needs nothing but Python itself, and even an old Python must be
able to read it and say that it is too old. Says in plain words what is missing. Quick when nothing changed.
"""

# ruff: noqa: S603 - every command is written here, none comes from outside

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ("base", "dev")
SHOW_PROGRESS_EVERY = 5.0


def main(wanted: str) -> None:
    """Install one of the locked sets; ends the program with a message if that is not possible."""
    check_python()
    check_write_access()
    make_environment()
    install(wanted)


def check_python() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            "The portal needs Python {}.{} or newer; this is {}.{} ({}).\n"
            "Install a newer one, then name it: make run PYTHON=python3.11".format(
                *OLDEST, *sys.version_info[:2], sys.executable
            )
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(
            "Python’s own module for virtual environments is missing.\n"
            "On Debian and Ubuntu: sudo apt-get install python3-venv"
        )


def check_write_access() -> None:
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    for folder, use in ((ROOT, "the virtual environment"), (var, "the database, mail and uploads")):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            sys.exit(
                f"This user cannot write to {folder}, where {use} would go ({error.strerror}).\n"
                "Make the folder writable, or put the portal into one that is."
            )


def make_environment() -> None:
    """Make the virtual environment, unless there is one that works here."""
    if environment_works():
        return
    started = time.monotonic()
    say("Making a virtual environment in .venv")
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        sys.exit(f"The virtual environment could not be made.\n{made.stdout}{made.stderr}")
    done(started)


def environment_works() -> bool:
    """Whether .venv holds a Python that is new enough and has pip: one that was half made, or made with a Python that is gone, does not."""
    if not PYTHON.exists():
        return False
    question = f"import pip, sys; sys.exit(sys.version_info < {OLDEST} or sys.prefix != {str(VENV)!r})"
    return subprocess.run([str(PYTHON), "-c", question], capture_output=True, check=False).returncode == 0


def install(wanted: str) -> None:
    """Install the locked packages with their hashes, unless that was done and nothing changed since."""
    if stamp(wanted).exists() and stamp(wanted).read_text() == fingerprint(wanted):
        return
    lock = lock_file(wanted)
    packages = sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())
    started = time.monotonic()
    say(f"Installing {packages} packages")
    # fmt: off
    command = [
        str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-deps", "--requirement", str(lock),
        "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
    ]
    # fmt: on
    # Its output goes to a file, so that a machine’s log shows a word now and then, not thousands of lines.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        code = follow(subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT), started)
        said.seek(0)
        last = "".join(said.readlines()[-15:])
    if code:
        sys.exit(
            f"\nThe packages could not be installed. Is there a way to a package index? pip said:\n{last}"
        )
    done(started)
    # The larger set holds the smaller one in the same versions.
    for name in LOCKS[: LOCKS.index(wanted) + 1]:
        stamp(name).write_text(fingerprint(name))


def follow(program: "subprocess.Popen[bytes]", started: float) -> int:
    """Wait for a program, showing that time passes; its exit code."""
    while True:
        try:
            return program.wait(timeout=SHOW_PROGRESS_EVERY)
        except subprocess.TimeoutExpired:
            say(f"{time.monotonic() - started:.0f} s")
        except KeyboardInterrupt:
            program.wait()
            raise


def lock_file(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def stamp(name: str) -> Path:
    return VENV / f"installed-{name}"


def fingerprint(name: str) -> str:
    """Of the lock file and the Python it was installed for."""
    return hashlib.sha256(lock_file(name).read_bytes() + sys.version.encode()).hexdigest()


def say(what: str) -> None:
    print(f"{what} …", end=" ", flush=True)  # noqa: T201


def done(started: float) -> None:
    print(f"done ({time.monotonic() - started:.0f} s)", flush=True)  # noqa: T201


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("\nStopped. Start again: what is done stays done.")
