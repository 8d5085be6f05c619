"""`make run`: what it needs, what it starts, how it stops, and what it says when it cannot go on."""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from portal.management.commands import run
from portal.processes import Processes

ROOT = Path(__file__).resolve().parents[2]
INSTALL = ROOT / "requirements" / "install.py"

# --- Several programs as one -------------------------------------------------------------------------

FOREVER = "import time\nprint('up', flush=True)\ntime.sleep(60)"
STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{FOREVER}"
POLITE = """
    import signal, sys, time
    signal.signal(signal.SIGTERM, lambda *_: (print('putting things away', flush=True), sys.exit(0)))
    print('up', flush=True)
    time.sleep(60)
"""
PARENT = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
    print('child', child.pid, flush=True)
    time.sleep(60)
"""


def program(text: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(text)]


class Run:
    """Programs that run in this process's main thread, and somebody beside them who gives signals."""

    def __init__(self, patience: float = 5, **programs: str) -> None:
        self.out = io.StringIO()
        self.processes = Processes(
            {name: program(text) for name, text in programs.items()},
            environment=dict(os.environ),
            out=self.out,
            patience=patience,
        )

    def until(self, *signals: int, lines: int) -> str:
        """Run; once so many lines were said, send the signals one after the other."""

        def beside(over: threading.Event) -> None:
            while self.out.getvalue().count("\n") < lines and not over.wait(0.01):
                pass
            for number in signals:
                os.kill(os.getpid(), number)
                time.sleep(0.1)

        return self.processes.run(once_started=beside)

    def said(self) -> list[str]:
        return sorted(self.out.getvalue().splitlines())


def ends(pid: int) -> bool:
    """Whether a process is gone within some seconds."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_processes_stop_together_when_asked(number):
    run_ = Run(web=POLITE, worker=POLITE)

    assert run_.until(number, lines=2) == ""

    assert run_.said() == [
        "web    | putting things away", "web    | up", "worker | putting things away", "worker | up",
    ]  # fmt: skip


def test_processes_all_stop_when_one_ends_and_say_which():
    run_ = Run(web=POLITE, worker="import sys\nprint('no broker', flush=True)\nsys.exit(3)")

    assert run_.until(lines=99) == "worker"

    assert "worker | ended by itself, with code 3; the others are stopped" in run_.said()
    assert "worker | no broker" in run_.said()


def test_processes_kill_what_does_not_stop_in_time():
    run_ = Run(patience=0.3, web=STUBBORN)

    assert run_.until(signal.SIGTERM, lines=1) == ""

    assert run_.said() == ["web | did not stop in time and is killed", "web | up"]


def test_processes_kill_at_once_when_asked_twice():
    run_ = Run(patience=60, web=STUBBORN)
    started = time.monotonic()

    run_.until(signal.SIGINT, signal.SIGINT, lines=1)

    assert time.monotonic() - started < 30


def test_processes_leave_no_grandchild_behind():
    run_ = Run(web=PARENT)

    run_.until(signal.SIGTERM, lines=1)

    [said] = run_.said()
    assert ends(int(said.split()[-1]))


def test_processes_put_signal_handlers_back():
    before = signal.getsignal(signal.SIGTERM)

    Run(web="print(1)").until(lines=1)

    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (util-linux) is not there.")
def test_processes_end_when_their_keeper_is_killed(tmp_path):
    keeper = f"""
        import sys, time
        sys.path.insert(0, {str(ROOT)!r})
        from portal.processes import Processes
        Processes({{"web": {program(PARENT.replace("child.pid", "__import__('os').getpid()"))!r}}}, environment={{}}).run(
            once_started=lambda over: None
        )
    """
    with subprocess.Popen(program(keeper), stdout=subprocess.PIPE, text=True) as process:
        pid = int(process.stdout.readline().split()[-1])
        process.kill()
    assert ends(pid)


# --- manage.py run -----------------------------------------------------------------------------------


def test_check_address_takes_a_free_one():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    run.check_address("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("127.0.0.1", r"^Port {port} is taken by another program\. Choose another: make run PORT={next}$"),
        ("nowhere.example", r"^HOST is “nowhere\.example”, which is not an address of this machine\."),
        ("192.0.2.1", r"^HOST is “192\.0\.2\.1”, which is not an address of this machine\."),
    ],
)
def test_check_address_says_what_to_do(host, message):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CommandError, match=message.format(port=port, next=port + 1)):
            run.check_address(host, port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:8001"),
        ("0.0.0.0", "http://localhost:8001"),
        ("::", "http://localhost:8001"),
        ("::1", "http://[::1]:8001"),
        ("portal.local", "http://portal.local:8001"),
    ],
)
def test_letters_lead_to_the_server_that_runs(monkeypatch, host, url):
    monkeypatch.delenv("BASE_URL", raising=False)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "portal.settings.dev")

    assert run.environment_for(host, 8001)["BASE_URL"] == url


def test_letters_lead_to_the_address_one_sets(monkeypatch):
    monkeypatch.setenv("BASE_URL", "http://portal.local")

    assert run.environment_for("0.0.0.0", 8001)["BASE_URL"] == "http://portal.local"


def command(settings, tmp_path) -> run.Command:
    settings.VAR_DIR = tmp_path
    return run.Command(stdout=io.StringIO(), stderr=io.StringIO())


def test_run_refuses_to_run_twice(settings, tmp_path):
    import fcntl

    with (tmp_path / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(CommandError, match="running from this folder already"):
            command(settings, tmp_path).handle()


def test_reset_refuses_while_the_portal_runs(tmp_path):
    import fcntl

    shutil.copy(ROOT / "Makefile", tmp_path)
    var = tmp_path / "var"
    var.mkdir()
    with (var / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        refused = subprocess.run(
            ["make", "--no-print-directory", "reset"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert refused.stdout == "The portal is running from this folder. Stop it first.\n"
    assert (refused.returncode, var.exists()) == (2, True)

    for _ in range(2):  # there is nothing left the second time
        subprocess.run(["make", "reset"], cwd=tmp_path, capture_output=True, check=True)
        assert not var.exists()


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_run_names_a_port_that_is_none(settings, tmp_path, monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(
        CommandError, match=r"^PORT cannot be used as it is set\. It should be a whole number from 1"
    ):
        command(settings, tmp_path).handle()


def test_run_shows_what_a_step_said_only_when_it_fails(settings, tmp_path):
    step = command(settings, tmp_path)

    step.step("Counting", program("print('one two')"), dict(os.environ))
    assert step.stdout.getvalue() == "Counting … done (0 s)\n"

    with pytest.raises(CommandError, match=r"(?s)no disk.*The step “Writing” failed"):
        step.step("Writing", program("import sys\nprint('no disk')\nsys.exit(1)"), dict(os.environ))


# --- requirements/install.py -------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path) -> Path:
    """A tree with spaces in its path, and a lock file without packages."""
    folder = tmp_path / "a tree" / "with spaces"
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(INSTALL, folder / "requirements")
    for name in ("base", "dev"):
        (folder / "requirements" / f"{name}.txt").write_text("# nothing\n")
    return folder


def install(tree: Path, wanted: str = "base", *, python: list[str] | None = None, **environment: str):
    return subprocess.run(
        [*(python or [sys.executable]), "requirements/install.py", wanted],
        cwd=tree, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_install_makes_an_environment_once(tree):
    first = install(tree)
    second = install(tree)

    assert (first.returncode, first.stderr) == (0, "")
    assert "Making a virtual environment in .venv … done" in first.stdout
    assert "Installing 0 packages … done" in first.stdout
    assert (tree / ".venv" / "bin" / "python").exists()
    assert (second.returncode, second.stdout) == (0, "")


def test_install_installs_again_when_the_lock_changes(tree):
    install(tree, "dev")
    assert install(tree, "base").stdout == ""  # the larger set holds the smaller one

    (tree / "requirements" / "base.txt").write_text("# still nothing\n")

    assert "Installing 0 packages" in install(tree, "base").stdout


def test_install_makes_a_broken_environment_anew(tree):
    install(tree)
    python = tree / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")

    again = install(tree)

    assert "Making a virtual environment in .venv … done" in again.stdout
    assert again.returncode == 0


def test_install_finds_its_environment_in_a_tree_that_was_moved(tree):
    install(tree)
    moved = tree.parent / "moved"
    tree.rename(moved)

    assert (install(moved).returncode, install(moved).stdout) == (0, "")


def test_install_says_why_packages_cannot_be_installed(tree):
    (tree / "requirements" / "base.txt").write_text(
        "no-such-package-anywhere==1.0 --hash=sha256:" + "0" * 64 + "\n"
    )

    failed = install(tree, PIP_NO_INDEX="1")

    assert failed.returncode == 1
    assert (
        "The packages could not be installed. Is there a way to a package index? pip said:" in failed.stderr
    )
    assert "no-such-package-anywhere" in failed.stderr


def test_install_says_that_python_is_too_old(tree):
    pretend = "import sys, runpy; sys.version_info = (3, 9, 2); sys.argv = sys.argv[1:]; sys.path[:0] = ['requirements']; runpy.run_path(sys.argv[0], run_name='__main__')"

    failed = install(tree, python=[sys.executable, "-c", pretend])

    assert failed.returncode == 1
    assert failed.stderr.startswith("The portal needs Python 3.11 or newer; this is 3.9 (")
    assert "make run PYTHON=python3.11" in failed.stderr


def test_install_says_that_the_venv_module_is_missing(tree):
    pretend = "import sys, runpy; sys.modules['ensurepip'] = None; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"

    failed = install(tree, python=[sys.executable, "-c", pretend])

    assert failed.returncode == 1
    assert failed.stderr == (
        "Python’s own module for virtual environments is missing.\n"
        "On Debian and Ubuntu: sudo apt-get install python3-venv\n"
    )


def test_install_says_where_it_cannot_write(tree):
    failed = install(tree, VAR_DIR="/proc/var")

    assert failed.returncode == 1
    assert failed.stderr.startswith(
        "This user cannot write to /proc/var, where the database, mail and uploads would go"
    )


# --- The lock files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_lock_files_hold_hashes_and_no_addresses(name):
    text = (ROOT / "requirements" / name).read_text()
    packages = [line for line in text.splitlines() if "==" in line and not line.lstrip().startswith("#")]

    assert "://" not in text
    assert "--index-url" not in text.replace("--no-emit-index-url", "")
    assert "--find-links" not in text
    assert all(line.endswith("\\") for line in packages)
    assert text.count("--hash=sha256:") >= len(packages)


def test_lock_of_the_portal_is_part_of_the_one_for_its_builders():
    def pinned(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.lstrip().startswith("#")}

    assert pinned("base.txt") - pinned("dev.txt") == set()
