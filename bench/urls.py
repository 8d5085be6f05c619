"""The portal's addresses, and the peers that its pages are held against."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from bench import peers
from portal.urls import urlpatterns as portal_urlpatterns

urlpatterns = [
    path("bench/empty/", peers.empty),
    path("bench/frame/", peers.frame),
    path("bench/insert-row/", peers.insert_row),
    path("bench/insert-rows-under-lock/", peers.insert_rows_under_lock),
    path("bench/ready-programme/", login_not_required(peers.ready_programme)),
    path("bench/ready/", login_not_required(peers.ready)),
    *portal_urlpatterns,
]
