"""Set and reset passwords: by the person, by a mailed link, by an administrator's."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from portal.accounts import audit
from portal.accounts.models import Account

MAIL = """{name},

somebody, most likely you, asked to set a new password for Greenroom.
Open this link to choose one:

{link}

It works once, for {days} days. If it was not you, do nothing: your password stays.
"""


def can_mail() -> bool:
    """Can a person who forgot the password help themselves?

    Without GREENROOM_URL a link would carry the host name that the request claims.
    """
    return bool(settings.GREENROOM_MAIL and settings.GREENROOM_URL)


def days_valid() -> int:
    """How long a reset link works."""
    return int(settings.PASSWORD_RESET_TIMEOUT // 86400)


def reset_path(account: Account) -> str:
    """The address of a one-time page where this account gets a new password."""
    uid = urlsafe_base64_encode(force_bytes(account.pk))
    token = default_token_generator.make_token(account)
    return reverse("reset-confirm", kwargs={"uid": uid, "token": token})


def reset_path_by(account: Account, *, by: Account | None) -> str:
    """The same, made by an administrator for somebody else."""
    path = reset_path(account)
    audit.record(by, "made a reset link for", account.username)
    return path


def account_behind(uid: str, token: str) -> Account | None:
    """The account of a reset link, while the link works."""
    try:
        pk = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    account = Account.objects.filter(pk=pk, is_active=True).first()
    if account and default_token_generator.check_token(account, token):
        return account
    return None


def change(account: Account, password: str, *, how: str) -> None:
    """Store a new password; every other session of the account ends."""
    with transaction.atomic():
        account.set_password(password)
        account.save(update_fields=["password"])
        audit.record(account, "set a new password", account.username, how)


def mail_reset(email: str, origin: str) -> bool:
    """Send a reset link to this address, if an account has it."""
    account = Account.objects.filter(email__iexact=email, is_active=True).first()
    if account is None or not email:
        return False
    link = origin + reset_path(account)
    text = MAIL.format(name=account.label, link=link, days=days_valid())
    send_mail("Greenroom: a new password", text, None, [account.email])
    audit.record(account, "asked for a reset mail", account.username)
    return True
