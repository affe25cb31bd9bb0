"""Every address of the house, room by room."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from portal.api.house import api
from portal.api.page import reference

urlpatterns = [
    # Before the other pages of the help, which know no API.
    path("help/api-reference/", reference, name="help-api"),
    # First, because it has its own /admin/login/.
    path("", include("portal.web.urls")),
    path("api/v1/", api.urls),
    path("", include("portal.api.backstage.door")),
    path("admin/", admin.site.urls),
]

handler400 = "portal.api.elsewhere.bad_request"
handler403 = "portal.web.pages.errors.no_permission"
handler404 = "portal.api.elsewhere.not_found"
handler500 = "portal.api.elsewhere.server_error"
