"""Accounts, invites and the audit trail. People are managed on their own page."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group

from portal.accounts.models import Account, AuditEvent, Invite
from portal.admin.readonly import ReadOnlyAdmin

# Roles stand on the account, groups of people in the catalog.
admin.site.unregister(Group)
admin.site.site_header = "Greenroom"
admin.site.site_title = "Greenroom admin"
admin.site.index_title = "Tables"


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Who may come in."""

    list_display = ("username", "label", "role", "entity_ref", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("username", "display_name", "email", "entity_ref")
    exclude = ("password",)


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    """Who was asked in."""

    list_display = ("created_at", "role", "note", "created_by", "expires_at", "used_by")
    list_select_related = ("created_by", "used_by")
    exclude = ("token_hash",)


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what."""

    list_display = ("at", "actor_name", "action", "subject", "detail")
    list_filter = ("action",)
    search_fields = ("actor_name", "subject", "detail")
