"""The front page, the standing pages, my page and the digest letter."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The front page, the standing pages, my page and the digest letter."""

    name = "home"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from home import personal_data as front_page
        from members import personal_data

        personal_data.register("front_page_visits", collect=front_page.collect, erase=front_page.erase)
