"""Dovecot, the mail server most portals keep their mailboxes on, started for a test with a configuration of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from tests.faults.conftest import free_port, wait_until

USER, PASSWORD = "returned@portal.example", "s3/cret@%&ü"

_CONFIGURATION = """\
protocols = imap pop3
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
mail_location = maildir:{maildir}
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
first_valid_uid = 1
{identity}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
# A wrong password is answered at once, not after two seconds.
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/home
}}
"""


class Dovecot:
    """IMAP and POP over one Maildir, plain and with TLS, that can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.maildir = folder, folder / "mail"
        self.ports = {scheme: free_port() for scheme in ("imap", "imaps", "pop3", "pop3s")}
        self.process: subprocess.Popen[bytes] | None = None
        # Dovecot gives nobody's mail to root.
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        identity = "" if os.geteuid() == 0 else _as_one_user(owner.pw_name)
        for name in ("new", "cur", "tmp"):
            (self.maildir / name).mkdir(parents=True, exist_ok=True)
        (folder / "home").mkdir()
        self.certificate = folder / "certificate.pem"
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", folder / "key.pem", "-out", self.certificate,
            ],
            check=True, capture_output=True,
        )  # fmt: skip
        (folder / "users").write_text(f"{USER}:{PASSWORD}::::::\n")
        (folder / "dovecot.conf").write_text(
            _CONFIGURATION.format(
                folder=folder,
                maildir=self.maildir,
                owner=owner.pw_uid,
                group=owner.pw_gid,
                identity=identity,
                **self.ports,
            )
        )
        self.owner = owner

    def address(self, scheme: str, *, password: str = PASSWORD, folder: str = "") -> str:
        """As an operator writes it into `MAIL_BOUNCES_MAILBOX`."""
        host = f"{quote(USER, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.ports[scheme]}"
        return f"{scheme}://{host}{'/' + folder if folder else ''}"

    def deliver(self, content: bytes, name: str) -> None:
        """As another mail server would have left it; names sort as the messages came."""
        (self.maildir / "new" / name).write_bytes(content)
        self._hand_over()

    def _hand_over(self) -> None:
        if os.geteuid() == 0:
            for path in (self.maildir, *self.maildir.rglob("*"), self.folder / "home"):
                os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def flags(self) -> dict[str, str]:
        """Each message that is still there, with its marks: S seen, F flagged, T taken out."""
        files = [*(self.maildir / "new").iterdir(), *(self.maildir / "cur").iterdir()]
        return {
            path.name.split(",")[0].split(":")[0]: path.name.rpartition(":2,")[2]
            if ":2," in path.name
            else ""
            for path in files
        }

    def start(self) -> None:
        self._hand_over()
        with (self.folder / "errors").open("wb") as errors:
            self.process = subprocess.Popen(
                ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")],
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )
        wait_until(
            lambda: all(map(_answers, self.ports.values())), 20, what=f"Dovecot did not start: {self.said()}"
        )

    def said(self) -> str:
        return "\n".join(
            (self.folder / name).read_text() for name in ("errors", "log") if (self.folder / name).exists()
        )

    def stop(self) -> None:
        """At once, with every session that is open."""
        if self.process is not None:
            # Politely asked, it lets sessions come to their end.
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
            wait_until(lambda: not any(map(_answers, self.ports.values())), 20, what="Dovecot did not stop.")


def _as_one_user(name: str) -> str:
    """Without root there is nobody to change into."""
    return f"default_internal_user = {name}\ndefault_internal_group = {name}\ndefault_login_user = {name}"


def _answers(port: int) -> bool:
    with suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def is_installed() -> bool:
    parts = (Path("/usr/lib/dovecot/imap"), Path("/usr/lib/dovecot/pop3"))
    return all(map(shutil.which, ("dovecot", "openssl"))) and all(part.exists() for part in parts)
