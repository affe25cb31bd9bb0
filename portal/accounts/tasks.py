"""Tasks of accounts: mail is sent by the worker."""

from __future__ import annotations

from celery import shared_task

from portal.accounts import links, passwords


@shared_task(expires=900)
def mail_reset(email: str) -> None:
    """Look the address up away from the page, so that its speed tells nothing.

    Not the only record of work: whoever gets no mail asks again.
    """
    passwords.mail_reset(email, links.origin())
