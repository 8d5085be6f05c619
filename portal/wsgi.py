"""The WSGI entry point that a web server loads."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

application = get_wsgi_application()

from portal.checks import check_environment  # noqa: E402 - needs the settings

# A web server makes no checks of Django's, and this one people need to see where they set things.
for found in check_environment():
    logging.getLogger(__name__).warning("%s %s", found.msg, found.hint)
