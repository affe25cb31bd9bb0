"""Stand-ins for the machines of the example: a role that `appliance --demo` starts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.demo import serving


class Command(BaseCommand):
    help = (
        "Answer for the machines of the example, which do not exist. For the appliance "
        "with --demo; where the roles run singly, set GREENROOM_DEMO=1 for all of them "
        "and run this beside the worker."
    )
    # They would load all pages, which nobody asks for here.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        serving.run()
