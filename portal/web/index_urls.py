"""The addresses of the pages around the catalog: home, index, search, sources."""

from __future__ import annotations

from django.urls import path

from portal.web.pages import (
    attention,
    backstage,
    catalog,
    catalog_files,
    changes,
    columns,
    home,
    notification,
    notifications,
    paste,
    search,
    secret,
    secrets,
    settings,
    source,
    source_add,
    source_manage,
    sources,
    views,
    webhook,
    webhooks,
)

MANAGED = {
    "read": source_manage.read,
    "pause": source_manage.pause,
    "change": source_manage.change,
    "remove": source_manage.remove,
    "allow": source_manage.allow,
    "hook": source_manage.new_hook,
}
HOOKED = {
    "test": webhook.test,
    "pause": webhook.pause,
    "resume": webhook.resume,
    "renew": webhook.renew,
    "remove": webhook.remove,
}

urlpatterns = [
    path("", home.home, name="home"),
    path("attention/", attention.attention, name="attention"),
    path("attention/<int:pk>/ignore/", attention.ignore, name="finding-ignore"),
    path("attention/<int:pk>/heed/", attention.heed, name="finding-heed"),
    path("catalog/", catalog.catalog, name="catalog"),
    path("catalog/complete/", catalog.complete, name="catalog-complete"),
    path("catalog/catalog.csv", catalog_files.export_csv, name="catalog-csv"),
    path("catalog/catalog-info.yaml", catalog_files.export, name="catalog-export"),
    path("catalog/columns/", columns.keep, name="columns-keep"),
    path("catalog/columns/usual/", columns.forget, name="columns-forget"),
    path("catalog/views/", views.views, name="views"),
    path("catalog/views/add/", views.add, name="view-add"),
    path("catalog/views/<int:pk>/", views.open_view, name="view"),
    path("catalog/views/<int:pk>/rename/", views.rename, name="view-rename"),
    path("catalog/views/<int:pk>/share/", views.share, name="view-share"),
    path("catalog/views/<int:pk>/remove/", views.remove, name="view-remove"),
    path("changes/", changes.what_changed, name="changes"),
    path("changes/<int:pk>/difference/", changes.difference, name="changes-difference"),
    path("search/", search.search, name="search"),
    path("settings/", settings.settings, name="settings"),
    path("settings/backstage/", backstage.connect, name="backstage"),
    path("settings/backstage/changes/", backstage.changes, name="backstage-changes"),
    path(
        "settings/backstage/<int:pk>/revoke/",
        backstage.revoke,
        name="backstage-revoke",
    ),
    path("settings/notifications/", notifications.notifications, name="notifications"),
    path("settings/notifications/add/", notification.add, name="notification-add"),
    path(
        "settings/notifications/<int:pk>/", notification.receiver, name="notification"
    ),
    path(
        "settings/notifications/<int:pk>/test/",
        notification.test,
        name="notification-test",
    ),
    path(
        "settings/notifications/<int:pk>/remove/",
        notification.remove,
        name="notification-remove",
    ),
    path("settings/secrets/", secrets.secrets, name="secrets"),
    path("settings/secrets/add/", secret.add, name="secret-add"),
    path("settings/secrets/<int:pk>/", secret.secret, name="secret"),
    path("settings/secrets/<int:pk>/remove/", secret.remove, name="secret-remove"),
    path("settings/sources/", sources.sources, name="sources"),
    path("settings/sources/add/", source_add.add, name="source-add"),
    path("settings/sources/paste/", paste.paste, name="source-paste"),
    path("settings/sources/<int:pk>/", source.source, name="source"),
    *(
        path(f"settings/sources/<int:pk>/{name}/", view, name=f"source-{name}")
        for name, view in MANAGED.items()
    ),
    path(
        "settings/sources/<int:pk>/orphans/<path:ref>/remove/",
        source_manage.remove_orphan,
        name="orphan-remove",
    ),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/add/", webhook.add, name="webhook-add"),
    path("settings/webhooks/<int:pk>/", webhook.webhook, name="webhook"),
    *(
        path(f"settings/webhooks/<int:pk>/{name}/", view, name=f"webhook-{name}")
        for name, view in HOOKED.items()
    ),
    path(
        "settings/webhooks/<int:pk>/deliveries/<int:delivery>/again/",
        webhook.again,
        name="webhook-again",
    ),
]
