"""The doors of pages, by the name of their route."""

from __future__ import annotations

from portal.doors.door import BUTTON, FORM, PAGE, Door, Policy

ACCOUNTS = {
    "login": Door(Policy.ANYBODY, FORM, "Signing in; guessing is slowed down."),
    "logout": Door(Policy.SIGNED_IN, BUTTON, "Signing out."),
    "admin-login": Door(Policy.ADMIN, PAGE, "Leads on to Django's tables."),
    "admin-password": Door(Policy.SIGNED_IN, PAGE, "Leads to the own page."),
    "setup-needed": Door(Policy.ANYBODY, PAGE, "Says how the first account is made."),
    "setup": Door(
        Policy.ANYBODY,
        FORM,
        "Making the first account; closed as soon as there is one.",
        secret="the set-up link, which only the log shows",
    ),
    "welcome": Door(Policy.ADMIN, FORM, "What to do with an empty house."),
    "invite": Door(
        Policy.ANYBODY,
        FORM,
        "Accepting an invite.",
        secret="the link, works once",
    ),
    "reset": Door(
        Policy.ANYBODY, FORM, "Asking for a new password; says the same for every name."
    ),
    "reset-confirm": Door(
        Policy.ANYBODY,
        FORM,
        "Choosing a new password.",
        secret="the link, works once",
    ),
    "me": Door(Policy.SIGNED_IN, FORM, "The own account."),
    "tokens": Door(
        Policy.SIGNED_IN, FORM, "The own tokens; one that writes needs the role Editor."
    ),
    "token-revoke": Door(Policy.SIGNED_IN, BUTTON, "Revoking an own token."),
    "people": Door(Policy.ADMIN, PAGE, "Accounts and invites."),
    "invite-new": Door(Policy.ADMIN, FORM, "Making an invite, which can grant sight."),
    "invite-revoke": Door(Policy.ADMIN, BUTTON, "Closing an invite."),
    "person": Door(Policy.ADMIN, FORM, "One account: its role, link and state."),
}
READING = {
    "home": Door(Policy.READING, PAGE, "The first page."),
    "attention": Door(Policy.READING, PAGE, "What is not as it should be."),
    "catalog": Door(Policy.READING, PAGE, "The list, with filters and queries."),
    "catalog-complete": Door(Policy.READING, PAGE, "What may be typed in a query."),
    "catalog-csv": Door(Policy.READING, PAGE, "The list as a table."),
    "catalog-export": Door(Policy.READING, PAGE, "The list as YAML."),
    "changes": Door(Policy.READING, PAGE, "What changed."),
    "changes-difference": Door(Policy.READING, PAGE, "What one change did to a text."),
    "search": Door(Policy.READING, PAGE, "The search."),
    "generation": Door(Policy.READING, PAGE, "Whether anything changed since."),
    "drift": Door(Policy.SIGNED_IN, PAGE, "What was seen against what is declared."),
    "components": Door(Policy.SIGNED_IN, PAGE, "The parts of pages, with samples."),
    "help": Door(Policy.READING, PAGE, "The help."),
    "help-doors": Door(Policy.ADMIN, PAGE, "This list."),
    "help-api": Door(Policy.READING, PAGE, "What the API can do, with examples."),
    "help-kinds": Door(Policy.READING, PAGE, "All kinds."),
    "help-kind": Door(Policy.READING, PAGE, "The fields of one kind."),
    "help-queries": Door(Policy.READING, PAGE, "The query language."),
    "help-probers": Door(Policy.READING, PAGE, "All probers."),
    "help-page": Door(Policy.READING, PAGE, "One page of the help."),
    "schemas": Door(Policy.ANYBODY, PAGE, "Which schemas there are, for editors."),
    "schema": Door(Policy.ANYBODY, PAGE, "The schema of one kind, for editors."),
    "status": Door(Policy.STATUS, PAGE, "The status page."),
}
DECIDING = {
    "finding-ignore": Door(Policy.EDITOR, FORM, "Putting a finding aside."),
    "finding-heed": Door(Policy.EDITOR, BUTTON, "Showing a finding again."),
    "columns-keep": Door(Policy.SIGNED_IN, BUTTON, "Keeping chosen columns."),
    "columns-forget": Door(Policy.SIGNED_IN, BUTTON, "Back to the usual columns."),
    "views": Door(Policy.SIGNED_IN, PAGE, "Saved views: the own, and what is shared."),
    "view-add": Door(
        Policy.SIGNED_IN, FORM, "Saving a view; sharing it needs the role Editor."
    ),
    "view": Door(Policy.SIGNED_IN, PAGE, "Leads to what a view shows now."),
    "view-rename": Door(Policy.SIGNED_IN, BUTTON, "Renaming an own view."),
    "view-share": Door(
        Policy.SIGNED_IN,
        BUTTON,
        "Taking an own view back; sharing it needs the role Editor.",
    ),
    "view-remove": Door(
        Policy.SIGNED_IN,
        BUTTON,
        "Removing an own view; administrators remove shared ones too.",
    ),
}
ENTITIES = {
    "entity": Door(Policy.OF_ENTITY, PAGE, "Its overview."),
    "entity-dependencies": Door(Policy.OF_ENTITY, PAGE, "What it needs and feeds."),
    "entity-health": Door(Policy.OF_ENTITY, PAGE, "Its state, asked again and again."),
    "entity-operations": Door(
        Policy.OF_ENTITY, PAGE, "Its probes; addresses of heartbeats only for editors."
    ),
    "entity-yaml": Door(Policy.OF_ENTITY, PAGE, "Its document."),
    "entity-history": Door(Policy.OF_ENTITY, PAGE, "Its revisions."),
    "entity-patch": Door(Policy.OF_ENTITY, PAGE, "Two revisions as a patch."),
    "entity-download": Door(Policy.OF_ENTITY, PAGE, "Its document as a file."),
    "entity-star": Door(Policy.SIGNED_IN, BUTTON, "Starring it."),
    "entity-decide": Door(Policy.EDITOR, FORM, "Saying what its document leaves open."),
    "entity-remove": Door(Policy.EDITOR, BUTTON, "Taking away what was made here."),
    "entity-maintenance": Door(Policy.EDITOR, BUTTON, "Beginning or ending it."),
    "probe-now": Door(Policy.EDITOR, BUTTON, "Asking for a look."),
    "probe-pause": Door(Policy.EDITOR, BUTTON, "Pausing a probe."),
    "probe-vector": Door(Policy.EDITOR, BUTTON, "Taking a new vector as right."),
    "probe-look": Door(Policy.EDITOR, PAGE, "One look: what was sent and received."),
}
SETTINGS = {
    "settings": Door(Policy.ADMIN, PAGE, "What this installation runs with."),
    "engine": Door(Policy.ADMIN, PAGE, "Workers, queues and what is late."),
    "metrics-settings": Door(Policy.ADMIN, PAGE, "The token of /metrics."),
    "metrics-renew": Door(Policy.ADMIN, BUTTON, "Making a new one."),
    "notifications": Door(Policy.ADMIN, PAGE, "Who is told of outages."),
    "notification-add": Door(Policy.ADMIN, FORM, "Adding a receiver."),
    "notification": Door(Policy.ADMIN, FORM, "One receiver."),
    "notification-test": Door(Policy.ADMIN, BUTTON, "Sending it a test."),
    "notification-remove": Door(Policy.ADMIN, FORM, "Removing it."),
    "webhooks": Door(Policy.ADMIN, PAGE, "Which programs are told of changes."),
    "webhook-add": Door(Policy.ADMIN, FORM, "Adding a webhook."),
    "webhook": Door(Policy.ADMIN, FORM, "One webhook, and what was sent."),
    "webhook-test": Door(Policy.ADMIN, BUTTON, "Sending it a test."),
    "webhook-pause": Door(Policy.ADMIN, BUTTON, "Pausing it."),
    "webhook-resume": Door(Policy.ADMIN, BUTTON, "Going on with it."),
    "webhook-renew": Door(Policy.ADMIN, BUTTON, "A new secret for it."),
    "webhook-remove": Door(Policy.ADMIN, FORM, "Removing it."),
    "webhook-again": Door(Policy.ADMIN, BUTTON, "Sending something again."),
    "backstage": Door(Policy.ADMIN, FORM, "Connecting a Backstage, and its tokens."),
    "backstage-changes": Door(Policy.ADMIN, PAGE, "What a Backstage would get now."),
    "backstage-revoke": Door(Policy.ADMIN, BUTTON, "Revoking a token of one."),
    "secrets": Door(Policy.ADMIN, PAGE, "Secrets by name; no page shows a value."),
    "secret-add": Door(Policy.ADMIN, FORM, "Registering a secret."),
    "secret": Door(Policy.ADMIN, FORM, "Where a secret may go."),
    "secret-remove": Door(Policy.ADMIN, FORM, "Forgetting it."),
    "sources": Door(Policy.EDITOR, PAGE, "Where documents come from."),
    "source-paste": Door(Policy.EDITOR, FORM, "Pasting and editing YAML."),
    "source": Door(
        Policy.EDITOR, PAGE, "One source; its webhook only for administrators."
    ),
    "source-add": Door(Policy.ADMIN, FORM, "Adding a source: it reads files."),
    "source-read": Door(Policy.ADMIN, BUTTON, "Reading it now."),
    "source-pause": Door(Policy.ADMIN, BUTTON, "Pausing it."),
    "source-change": Door(Policy.ADMIN, FORM, "Changing what it reads and may do."),
    "source-remove": Door(Policy.ADMIN, FORM, "Removing it."),
    "source-allow": Door(Policy.ADMIN, BUTTON, "Letting go what was held."),
    "source-hook": Door(Policy.ADMIN, BUTTON, "A new secret for its webhook."),
    "orphan-remove": Door(Policy.ADMIN, BUTTON, "Removing what no source declares."),
    # A namespace: every table below it.
    "admin": Door(Policy.ADMIN, FORM, "Django's tables, mostly for looking."),
}
PAGES = ACCOUNTS | READING | DECIDING | ENTITIES | SETTINGS
