"""The pages and the roles that every installation starts with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from portal import roles, site_tree


def make_site_and_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    site_tree.plant(apps)
    roles.withdraw_wagtails_defaults(apps)
    roles.grant(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("events", "0001_initial"),
        ("home", "0001_initial"),
        ("library", "0001_initial"),
        ("mailing", "0001_initial"),
        ("members", "0001_initial"),
        ("pages", "0001_initial"),
        ("wagtailadmin", "0006_formstate"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0014_alter_document_file_size"),
        ("wagtailimages", "0027_image_description"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
    ]

    operations = [
        # Backwards it leaves pages and groups alone: they may hold people's work by then, and the
        # next run forwards finds them.
        migrations.RunPython(make_site_and_roles, migrations.RunPython.noop),
    ]
