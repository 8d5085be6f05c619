"""A migrated SQLite database, kept between runs: migrating takes a quarter of a minute, copying none.

The copy is found by a hash of everything that migrations do, so a changed migration makes a new one.
"""

import os
import sqlite3
import tempfile
from hashlib import sha256
from pathlib import Path

from django.contrib.contenttypes.models import ContentType
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def kept_copy() -> Path:
    """Where the copy for the migrations as they are now is, or will be."""
    sources = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("portal/*.py"), ROOT / "requirements" / "dev.txt"]
    content = sha256()
    for source in sorted(sources):
        content.update(str(source.relative_to(ROOT)).encode())
        content.update(source.read_bytes())
    return Path(tempfile.gettempdir()) / f"portal-tests-{os.getuid()}-{content.hexdigest()[:20]}.sqlite3"


def keep() -> None:
    """Keep a copy of the test database, as it is after migrating."""
    with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir(), delete=False) as file:
        pass
    with sqlite3.connect(file.name) as copy:
        _sqlite().backup(copy)
    copy.close()
    Path(file.name).replace(kept_copy())  # in one step: another run may be reading or writing it


def restore() -> None:
    """Fill the test database from the copy."""
    copy = sqlite3.connect(kept_copy())
    copy.backup(_sqlite())
    copy.close()
    ContentType.objects.clear_cache()


def _sqlite() -> sqlite3.Connection:
    connection.ensure_connection()
    return connection.connection
