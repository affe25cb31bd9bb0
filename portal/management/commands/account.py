"""Accounts from the terminal: list them, invite, change a role, reset a password."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from portal import env, greeting, running
from portal.accounts import invites, passwords, roles
from portal.accounts.models import Account, Role
from portal.accounts.refusal import Refusal


class Command(BaseCommand):
    help = "List accounts, make an invite link or a reset link, change a role."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        verbs.add_parser("list", help="who can sign in")
        invite = verbs.add_parser("invite", help="make an invite link")
        invite.add_argument("note", metavar="FOR_WHOM", help="shown on the page People")
        invite.add_argument("--role", choices=Role.values, default=Role.VIEWER)
        invite.add_argument("--days", type=int, choices=invites.DAYS, default=7)
        invite.add_argument("--user", default="", help="the User entity to link")
        invite.add_argument("--group", default="", help="the Group of a new User")
        role = verbs.add_parser("role", help="change what an account may do")
        role.add_argument("name", metavar="NAME", help="user name or e-mail")
        role.add_argument("role", choices=Role.values)
        reset = verbs.add_parser("reset", help="make a link for a new password")
        reset.add_argument("name", metavar="NAME", help="user name or e-mail")

    def handle(self, *args: Any, **options: Any) -> None:
        verb = getattr(self, options["verb"])
        try:
            verb(options)
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None

    def list(self, options: dict[str, Any]) -> None:
        """One line for each account."""
        accounts = Account.objects.all()
        if not accounts:
            self.stdout.write("No account yet. manage.py setup_link prints the link.")
        for one in accounts:
            state = "" if one.is_active else " (deactivated)"
            entity = one.entity_ref or "not linked"
            self.stdout.write(f"{one.username:<20} {one.role:<8} {entity}{state}")

    def invite(self, options: dict[str, Any]) -> None:
        """Print the link of a new invite."""
        offer = invites.Offer(
            role=options["role"],
            days=options["days"],
            note=options["note"],
            entity_ref=invites.as_ref(options["user"], "User"),
            group_ref=invites.as_ref(options["group"], "Group"),
        )
        _, token = invites.make(offer, by=None)
        self.stdout.write(whole(reverse("invite", kwargs={"token": token})))

    def role(self, options: dict[str, Any]) -> None:
        """Give an account another role."""
        account = named(options["name"])
        roles.change(account, options["role"], by=None)
        self.stdout.write(f"{account.username} is {options['role']} now.")

    def reset(self, options: dict[str, Any]) -> None:
        """Print a one-time link where the account gets a new password."""
        account = named(options["name"])
        if not account.is_active:
            raise CommandError(
                f"{account.username} is deactivated; reactivate it first."
            )
        self.stdout.write(whole(passwords.reset_path_by(account, by=None)))


def named(name: str) -> Account:
    """The account of a user name or e-mail address."""
    by = "email__iexact" if "@" in name else "username"
    account = Account.objects.filter(**{by: name.strip().lower()}).first()
    if account is None:
        raise CommandError(
            f"There is no account “{name}”. manage.py account list shows them all."
        )
    return account


def whole(path: str) -> str:
    """A path of ours as a link that works from other machines."""
    settings = env.current()
    home = greeting.lan_address(running.as_running(settings))
    return home + path.removeprefix(settings.prefix)
