"""Wagtail's privacy settings as part of a query, so that asking for them costs no query of its own."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Substr
from wagtail.models import Page, PageViewRestriction

# How deep below the root a page can lie whose privacy is asked for: root, front page, list, page.
DEEPEST = 4


def closed_to(user: AbstractBaseUser | AnonymousUser) -> Q:
    """Whether a privacy setting on the page or above it keeps the user out; for rows of pages.

    Pages behind a shared password stay out: the password opens the page in one browser, not the lists,
    feeds and search results of a person.

    The first half is asked once and settles it for every row where nothing is private at all. The second
    looks up a row's ancestors by their paths: a join would leave the order to the database, and one that
    thinks the restrictions many reads all pages for every row.
    """
    restrictions = PageViewRestriction.objects.exclude(restriction_type=PageViewRestriction.NONE)
    if user.is_authenticated:
        own_groups = {} if getattr(user, "is_superuser", False) else {"groups__user": user}
        restrictions = restrictions.exclude(restriction_type=PageViewRestriction.LOGIN)
        restrictions = restrictions.exclude(restriction_type=PageViewRestriction.GROUPS, **own_groups)
    path = OuterRef(OuterRef("path"))
    ancestors = Page.objects.filter(
        path__in=[Substr(path, 1, depth * Page.steplen) for depth in range(1, DEEPEST + 1)]
    )
    above = restrictions.filter(page__in=ancestors.values("pk"))
    return Q(Exists(restrictions)) & Q(Exists(above))


def is_anything_private() -> bool:
    """Whether any page of the site has a privacy setting."""
    return PageViewRestriction.objects.exclude(restriction_type=PageViewRestriction.NONE).exists()
