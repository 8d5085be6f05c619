"""Wagtail's privacy settings as part of a query, so that asking for them costs no query of its own."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Expression, F, Func
from wagtail.models import Page, PageViewRestriction

# How deep below the root a page can lie whose privacy is asked for: root, front page, list, page.
DEEPEST = 4


class ClosedTo(Expression):
    """Whether a privacy setting on the page or above it keeps the user out; for rows of pages.

    Pages behind a shared password stay out: the password opens the page in one browser, not the lists,
    feeds and search results of a person.

    Written as SQL: every page of the portal asks this, some three times, and Django takes two milliseconds
    each time to put the same question together from querysets. The first half is answered once a query and
    settles it for every row where nothing is private at all. The second looks up a row's ancestors by their
    paths: a join would leave the order to the database, and one that thinks the restrictions many reads all
    pages for every row.
    """

    output_field = BooleanField()
    contains_subquery = True

    def __init__(self, user: AbstractBaseUser | AnonymousUser, path: Any = "path") -> None:
        super().__init__()
        self.user = user
        self.path = F(path) if isinstance(path, str) else path

    def get_source_expressions(self) -> list[Any]:
        return [self.path]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        [self.path] = expressions

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        path, path_params = compiler.compile(self.path)
        ancestors = ", ".join(f"SUBSTR({path}, 1, {depth * Page.steplen})" for depth in range(1, DEEPEST + 1))
        shut, shut_params = self._shut(connection.ops.quote_name)
        restriction, page = _table(PageViewRestriction), _table(Page)
        # Table and column names only; every value is a parameter.
        sql = (
            f"(EXISTS (SELECT 1 FROM {restriction} WHERE restriction_type <> %s)"  # noqa: S608 - no value in it
            f" AND EXISTS (SELECT 1 FROM {restriction} r JOIN {page} p ON p.id = r.page_id"
            f" WHERE p.path IN ({ancestors}) AND {shut}))"
        )
        return sql, (PageViewRestriction.NONE, *list(path_params) * DEEPEST, *shut_params)

    def _shut(self, quote: Any) -> tuple[str, list[Any]]:
        """Which restrictions `r` keep this user out."""
        if not self.user.is_authenticated:
            return "r.restriction_type <> %s", [PageViewRestriction.NONE]
        if getattr(self.user, "is_superuser", False):
            return "r.restriction_type = %s", [PageViewRestriction.PASSWORD]
        of_restriction = _table(PageViewRestriction.groups.through)
        groups = get_user_model()._meta.get_field("groups")
        of_user = quote(groups.m2m_db_table())
        sql = (
            "(r.restriction_type = %s OR r.restriction_type = %s AND NOT EXISTS ("  # noqa: S608 - no value in it
            f"SELECT 1 FROM {of_restriction} rg JOIN {of_user} ug ON ug.group_id = rg.group_id"
            f" WHERE rg.pageviewrestriction_id = r.id AND ug.{quote(groups.m2m_column_name())} = %s))"
        )
        return sql, [PageViewRestriction.PASSWORD, PageViewRestriction.GROUPS, self.user.pk]


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def closed_to(user: AbstractBaseUser | AnonymousUser) -> ClosedTo:
    """For `exclude`: rows of pages that a privacy setting keeps from the user."""
    return ClosedTo(user)


class AnythingIsPrivate(Func):
    """As `is_anything_private`, along with another question. Written as SQL: Django's `Exists` takes longer than asking."""

    template = f"EXISTS (SELECT 1 FROM {PageViewRestriction._meta.db_table})"  # noqa: S608 - a name, no value
    output_field = BooleanField()


def is_anything_private() -> bool:
    """Whether any page of the site has a privacy setting."""
    return PageViewRestriction.objects.exists()
