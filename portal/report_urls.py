"""The reports of the Wagtail admin, for whoever runs it: Wagtail leaves some of them open to all staff.

They stand before Wagtail's own addresses and have no names: those stay with Wagtail's.
"""

from django.contrib.auth.decorators import permission_required
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.urls import reports

may_read_reports = permission_required("auth.change_group", raise_exception=True)

urlpatterns = [
    path(str(report.pattern), require_admin_access(may_read_reports(report.callback)))
    for report in reports.urlpatterns
]
