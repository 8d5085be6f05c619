"""Logs hold ids only."""

import logging
import re

_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
# PostgreSQL says which value broke a constraint: "DETAIL:  Key (email)=(…) already exists."
_DETAIL = re.compile(r"^DETAIL: .*$", re.MULTILINE)


class IdsOnlyFormatter(logging.Formatter):
    """One line a record, with e-mail addresses and the database's values taken out, also of tracebacks."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return _ADDRESS.sub("[address]", _DETAIL.sub("DETAIL: [left out]", super().format(record)))
