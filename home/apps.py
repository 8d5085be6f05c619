"""The front page, the standing pages, my page and the digest letter."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The front page, the standing pages, my page and the digest letter."""

    name = "home"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from home import mail
        from home import personal_data as front_page
        from mailing import categories
        from members import personal_data

        categories.register(
            mail.DIGEST,
            label="The digest: new events and findings",
            short="the weekly digest",
            hint="At most one letter a week, and only when something is new.",
        )
        personal_data.register("front_page_visits", collect=front_page.collect, erase=front_page.erase)
