"""Settings of the test runs: the real ones, in a data folder that nobody keeps."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = tempfile.mkdtemp(prefix="greenroom-tests-")
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
for variable in [name for name in os.environ if name.startswith("GREENROOM_")]:
    del os.environ[variable]
os.environ["GREENROOM_DATA"] = FOLDER
Path(FOLDER, "static").mkdir()
os.environ["GREENROOM_TIME_ZONE"] = "UTC"

from portal.settings import *  # noqa: E402, F403
from portal.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in life: the in-memory database of one connection knows no threads.
    DATABASES["default"]["TEST"] = {"NAME": f"{FOLDER}/test.sqlite3"}
# Nothing is collected for tests; addresses stay without their digest.
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
