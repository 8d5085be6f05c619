"""Secrets that lie in the database encrypted: whoever reads a copy of it learns none of them.

The keys are made from SECRET_KEY, which encrypts, and from SECRET_KEY_FALLBACKS, which only read.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError

# What is stored begins with this. Anything else was stored before secrets were encrypted.
MARK = "fernet:"
PURPOSE = b"members.sealing"


class SecretUnreadable(ValidationError):
    """Encrypted with a key that is neither SECRET_KEY nor one of SECRET_KEY_FALLBACKS, or damaged.

    A form shows it at its field, a template shows nothing in its place.
    """

    silent_variable_failure = True

    def __init__(self) -> None:
        super().__init__(
            "The portal cannot check codes for your account at the moment. Nothing is wrong with your code. "
            "Tell us through “Contact” at the foot of the page, and we set it right.",
            code="secret_unreadable",
        )


def seal(secret: str) -> str:
    """The secret as it is stored."""
    return MARK + _key(settings.SECRET_KEY).encrypt(secret.encode()).decode()


def unseal(stored: str) -> str:
    """The secret that was stored. Raises SecretUnreadable if no key fits."""
    if not stored.startswith(MARK):
        return stored
    keys = MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])
    try:
        return keys.decrypt(stored.removeprefix(MARK).encode()).decode()
    except InvalidToken:
        raise SecretUnreadable from None


def is_up_to_date(stored: str) -> bool:
    """Whether it is encrypted, and with the key that encrypts now."""
    try:
        _key(settings.SECRET_KEY).decrypt(stored.removeprefix(MARK).encode())
    except InvalidToken:
        return False
    return stored.startswith(MARK)


@lru_cache(maxsize=8)
def _key(secret: str) -> Fernet:
    """A key for this alone, so that nothing else made from the same setting helps to guess it."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
