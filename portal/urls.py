"""Every address of the house, room by room."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from portal.api.house import api

urlpatterns = [
    # First, because it has its own /admin/login/.
    path("", include("portal.web.urls")),
    path("api/v1/", api.urls),
    path("", include("portal.api.backstage.door")),
    path("admin/", admin.site.urls),
]

handler400 = "portal.web.pages.errors.bad_request"
handler403 = "portal.web.pages.errors.no_permission"
handler404 = "portal.web.pages.errors.not_found"
handler500 = "portal.web.pages.errors.server_error"
