"""Django's commands on the settings of the tests: `python -m tests.django check`."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    execute_from_command_line(sys.argv)
