"""Ground for the site: the abstract page, blocks, site settings and form rendering."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Ground for the site: the abstract page, blocks, site settings and form rendering."""

    name = "pages"
    default_auto_field = "django.db.models.BigAutoField"
