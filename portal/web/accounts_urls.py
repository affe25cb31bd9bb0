"""The addresses of the pages about accounts."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from portal.web.pages import (
    invite,
    login,
    me,
    people,
    person,
    reset,
    setup,
    tokens,
    welcome,
)

urlpatterns = [
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    # Before Django's own, whose sign-in form does not slow down guessing.
    path("admin/login/", login.admin_login, name="admin-login"),
    # Neither does Django's form for a new password, and it leaves no audit.
    path(
        "admin/password_change/",
        RedirectView.as_view(pattern_name="me", http_method_names=["get", "head"]),
        name="admin-password",
    ),
    path("setup/", setup.needed, name="setup-needed"),
    path("setup/<str:token>/", setup.setup, name="setup"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("invite/<str:token>/", invite.accept, name="invite"),
    path("reset/", reset.ask, name="reset"),
    path("reset/<str:uid>/<str:token>/", reset.confirm, name="reset-confirm"),
    path("me/", me.me, name="me"),
    path("me/tokens/", tokens.mine, name="tokens"),
    path("me/tokens/<int:pk>/revoke/", tokens.revoke, name="token-revoke"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", invite.make, name="invite-new"),
    path(
        "settings/people/invite/<int:pk>/revoke/", invite.revoke, name="invite-revoke"
    ),
    path("settings/people/<int:pk>/", person.person, name="person"),
]
