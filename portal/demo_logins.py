"""How to sign in to the demo at this moment."""

from dataclasses import dataclass

from members import demo
from members.models import User


@dataclass(frozen=True)
class DemoLogin:
    """A role, the address to sign in with, and for staff the code that is asked for now."""

    role: str
    email: str
    code: str | None


def current_logins() -> list[DemoLogin]:
    """One login per role; none of those that the demo has not made."""
    users = {
        user.email: user for user in User.objects.filter(email__in=[login.email for login in demo.LOGINS])
    }
    return [
        DemoLogin(role=login.role, email=login.email, code=demo.current_code(users[login.email]))
        for login in demo.LOGINS
        if login.email in users
    ]
