"""Start a Greenroom with the example, and let Schemathesis ask its whole API.

Valid and invalid data; a failure is an answer of 5xx, or a status, a sort of content or
a shape that the description does not name. `--seconds` bounds the run.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from portal.example import HOMELAB
from tests.appliances import READY, Appliance
from tests.nodes.venvs import Venv

TOOL = Venv("schemathesis", ("schemathesis==4.32.5",))
CONFIG = Path(__file__).with_name("schemathesis.toml")
# In the house's own process: a token that may all, and something made in the portal.
TOKEN = """
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
one = Account.objects.create_user("fuzz", role=Role.ADMIN)
made, text = tokens.make(one, "fuzz", ApiToken.WRITE, 0)
# Under no number that is tried: it would revoke itself, and all else be refused.
ApiToken.objects.filter(id=made.id).update(id=987654321)
print("token", text)
"""
# Declared ones cannot be deleted or restored; these can.
MADE = """
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: made-here-{number}, description: "{text}"}}
spec: {{type: service, owner: platform, lifecycle: experimental}}
"""
NUMBERS = range(1, 5)
PATIENCE = 180
STATUS = re.compile(r'"status_code": ?(\d+)')
ENOUGH = 100
# The API lets an account ask 1200 times a minute.
RATE = "1100/m"


def main() -> int:
    """The exit status of Schemathesis."""
    parser = argparse.ArgumentParser(prog="python -m tests.api_fuzz")
    parser.add_argument("--seconds", type=int, default=240)
    parser.add_argument("--examples", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="the same, the same run")
    parser.add_argument("--report", type=Path, help="a file for all that was asked")
    asked = parser.parse_args()
    TOOL.install()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="greenroom-fuzz-") as name:
        made = Appliance(Path(name, "data"), Path(name, "output"))
        with made.ended() as house:
            house.start("--catalog", str(HOMELAB))
            wait_for(house)
            make(house)
            status = fuzz(house, token_of(house), asked)
            said = house.said()
    if "Traceback" in said:
        print(said[said.index("Traceback") :][:4000])
        status = status or 1
    told = "nothing to complain of" if not status else f"failed with status {status}"
    print(f"API fuzzing: {told}, {time.monotonic() - began:.0f} s.")
    return status


def wait_for(house: Appliance) -> None:
    """Until it is ready; other tests may keep this machine busy."""
    end = time.monotonic() + PATIENCE
    while READY not in house.said():
        if house.has_ended() or time.monotonic() > end:
            raise SystemExit(f"Greenroom does not start: {house.said()[-2000:]}")
        time.sleep(0.2)


def token_of(house: Appliance) -> str:
    """A new token of an editor."""
    done = house.manage("shell", "-v", "0", "-c", TOKEN)
    if done.returncode:
        raise SystemExit(f"No token: {done.stderr[-2000:]}")
    return done.stdout.split()[-1]


def make(house: Appliance) -> None:
    """Entities of the portal, each with a revision before its last."""
    for text in ("First.", "Second."):
        path = house.data / "made.yaml"
        path.write_text(
            "---".join(MADE.format(number=number, text=text) for number in NUMBERS)
        )
        done = house.manage("apply", "-f", str(path))
        if done.returncode:
            raise SystemExit(f"Nothing made: {done.stdout[-2000:]}{done.stderr}")


def fuzz(house: Appliance, token: str, asked: argparse.Namespace) -> int:
    """Run Schemathesis against this house."""
    report = asked.report or house.data / "asked.ndjson"
    address = f"http://127.0.0.1:{house.port}/api/v1/openapi.json"
    command = [
        str(TOOL.folder / "bin" / "schemathesis"),
        f"--config-file={CONFIG}",
        "run",
        address,
        f"--header=Authorization: Bearer {token}",
        f"--rate-limit={RATE}",
        f"--max-examples={asked.examples}",
        f"--max-time={asked.seconds}",
        f"--seed={asked.seed}",
        "--no-color",
        f"--report-ndjson-path={report}",
    ]
    status = subprocess.run(command, cwd=house.data, check=False).returncode
    answers = Counter(STATUS.findall(report.read_text("utf-8")))
    told = ", ".join(f"{number} × {code}" for code, number in answers.most_common())
    print(f"Answers: {told}.")
    if answers["200"] < max(ENOUGH, answers["401"]):
        # Whoever is let in nowhere finds nothing wrong.
        print("Too few of them were 200: the token was lost, this has tested little.")
        return status or 1
    return status


if __name__ == "__main__":
    sys.exit(main())
