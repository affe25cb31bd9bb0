"""Settings: where they stand, which wins, and one sentence for each mistake."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from portal import env, keys, values
from portal.env import SettingsError


def load(folder: Path, yaml: str = "", **variables: str) -> env.Env:
    """Settings of a data folder with this greenroom.yaml and these variables."""
    (folder / "greenroom.yaml").write_text(yaml, "utf-8")
    return env.load({"GREENROOM_DATA": str(folder), **variables})


def mistake(folder: Path, yaml: str = "", **variables: str) -> str:
    """The sentence about a mistake."""
    with pytest.raises(SettingsError) as caught:
        load(folder, yaml, **variables)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_everything_has_a_default(tmp_path: Path) -> None:
    found = env.load({"GREENROOM_DATA": str(tmp_path)})
    assert found.bind in {"::", "0.0.0.0"}
    assert (found.port, found.threads) == (8000, 8)
    assert found.database_file == tmp_path / "greenroom.sqlite3"
    assert found.queue == tmp_path / "queue"
    assert found.static == tmp_path / "static"
    assert found.secrets == tmp_path / "secrets"
    assert "port" not in found.origins


def test_option_wins_over_variable_over_file(tmp_path: Path) -> None:
    yaml = "# ours\nport: 8001\npublic: on\nthreads: 4\n"
    (tmp_path / "greenroom.yaml").write_text(yaml, "utf-8")
    variables = {"GREENROOM_DATA": str(tmp_path), "GREENROOM_THREADS": "3"}
    variables["GREENROOM_PORT"] = "8002"
    found = env.load(variables, {"port": "8003"})
    assert (found.port, found.threads, found.public) == (8003, 3, True)
    assert found.origins["port"] == "option --port"
    assert found.origins["threads"] == "environment variable GREENROOM_THREADS"
    assert found.origins["public"] == f"file {tmp_path}/greenroom.yaml, line 3"


def test_two_urls_work_without_our_prefix(tmp_path: Path) -> None:
    found = load(tmp_path, DATABASE_URL="postgres://a@b/c", BROKER_URL="redis://r/0")
    assert found.database_file is None
    assert found.queue is None
    assert found.origins["database_url"] == "environment variable DATABASE_URL"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgres://u:p@host/db\n", "utf-8")
    found = load(tmp_path, DATABASE_URL_FILE=str(file))
    assert found.database_url == "postgres://u:p@host/db"
    gone = mistake(tmp_path, GREENROOM_SECRET_KEY_FILE="/nowhere")
    assert "GREENROOM_SECRET_KEY_FILE" in gone
    assert "/nowhere" in gone


def test_unknown_names_are_refused_with_a_guess(tmp_path: Path) -> None:
    said = mistake(tmp_path, GREENROOM_PROT="1")
    assert "did you mean GREENROOM_PORT?" in said
    said = mistake(tmp_path, "port: 8000\nthread: 3\n")
    assert "greenroom.yaml, line 2: thread" in said
    assert "did you mean threads?" in said
    assert "manage.py settings" in mistake(tmp_path, "zzzzzz: 1")
    far = mistake(tmp_path, GREENROOM_NONSENSE="1")
    assert "did you mean" not in far
    assert "manage.py settings" in far


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("port", "80a", "whole number from 1 to 65535"),
        ("port", "70000", "whole number from 1 to 65535"),
        ("port", "²", "whole number from 1 to 65535"),
        ("bind", "example.org", "0.0.0.0"),
        ("public", "perhaps", "true or false"),
        ("url", "ftp://x", "https://"),
        ("url", "http://[::1", "https://"),
        ("trusted_proxies", "10.0.0.0/99", "10.0.0.2"),
        ("time_zone", "Mars/Base", "Europe/Berlin"),
        ("time_zone", "../../etc/passwd", "Europe/Berlin"),
        ("log_level", "loud", "debug, info, warning, error"),
        ("threads", "0", "from 1 to 128"),
        ("api_per_minute", "0", "from 1 to 1000000"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    tmp_path: Path, name: str, value: str, allowed: str
) -> None:
    said = mistake(tmp_path, **{f"GREENROOM_{name.upper()}": value})
    assert f"environment variable GREENROOM_{name.upper()}" in said
    assert f"“{value}”" in said
    assert allowed in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://u:hidden@h/n"),
        ("DATABASE_URL", "postgres://u:hidden@h:port/n"),
        ("BROKER_URL", "amqp://hidden@h"),
        ("GREENROOM_EMAIL_URL", "http://hidden"),
        ("GREENROOM_SECRET_KEY", "hidden"),
    ],
)
def test_a_wrong_secret_is_not_shown(tmp_path: Path, variable: str, value: str) -> None:
    said = mistake(tmp_path, **{variable: value})
    assert variable in said
    assert "hidden" not in said


@pytest.mark.parametrize("yaml", ["a: [", "- port", "port:\n  a: 1\n", "\x00"])
def test_a_broken_file_is_one_sentence(tmp_path: Path, yaml: str) -> None:
    assert "greenroom.yaml" in mistake(tmp_path, yaml)


def test_the_file_cannot_move_itself(tmp_path: Path) -> None:
    assert "GREENROOM_DATA" in mistake(tmp_path, "data: /elsewhere")


def test_catalog_targets_are_absolute_and_once(tmp_path: Path) -> None:
    found = load(tmp_path, "catalog: [/a/../b, 'https://x/y', /b]\n")
    assert found.catalog == ("/b", "https://x/y")
    assert values.targets("/a,b\n/c\n") == ("/a,b", "/c")


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = keys.signing_key(load(tmp_path))
    assert keys.signing_key(load(tmp_path)) == first
    file = tmp_path / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".secret*")] == []
    given = "k" * 40
    assert keys.signing_key(load(tmp_path, GREENROOM_SECRET_KEY=given)) == given


def test_a_key_that_cannot_be_kept_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    with pytest.raises(SettingsError, match="GREENROOM_SECRET_KEY"):
        keys.signing_key(env.load({"GREENROOM_DATA": str(blocked / "data")}))


def test_the_setup_token_follows_the_key() -> None:
    assert keys.setup_token("a") == keys.setup_token("a") != keys.setup_token("b")
    assert len(keys.setup_token("a")) >= 32


def test_manage_answers_a_wrong_setting_with_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "settings"],
        cwd=env.PROJECT,
        env={"GREENROOM_DATA": str(tmp_path), "GREENROOM_PORT": "x"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "“x” must be a whole number" in done.stderr


def test_what_the_help_names_can_be_set() -> None:
    """The variables that a document or a message tells people to set are taken."""
    files = [*Path("portal").rglob("*.md"), *Path("deploy").rglob("*.md")]
    files += [Path("README.md"), *Path("portal").rglob("*.html")]
    files += Path("portal/management").rglob("*.py")
    named = {
        name
        for path in files
        for name in re.findall(r"\bGREENROOM_[A-Z_]+\b", path.read_text("utf-8"))
    }
    assert named >= {"GREENROOM_TOKEN", "GREENROOM_PORTAL", "GREENROOM_URL"}
    for name in named:
        known = name in env.BY_VARIABLE
        assert known or not dict(env.from_environment({name: "x"}))


@pytest.mark.parametrize("given", ["abc", "-1", "5.0"])
def test_a_threshold_that_is_none_is_told(tmp_path: Path, given: str) -> None:
    url = f"postgres://u:hidden@h/n?prepare_threshold={given}"
    said = mistake(tmp_path, DATABASE_URL=url)
    assert f"prepare_threshold={given}" in said and "hidden" not in said
