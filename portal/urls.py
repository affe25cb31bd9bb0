"""Every address of the house, room by room."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # First, because it has its own /admin/login/.
    path("", include("portal.web.urls")),
    path("admin/", admin.site.urls),
]
