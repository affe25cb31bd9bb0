"""Registering secrets: names, variables, files and hosts that are refused or kept."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from catalog.secrets.models import Secret
from catalog.secrets.places import Unfit, host_of, place_of, places_of
from tests.catalog.registered import in_file, registered


def complaint(**fields: str) -> dict[str, list[str]]:
    """What registering says at each field."""
    with pytest.raises(ValidationError) as caught:
        registered(**fields)
    return caught.value.message_dict


# Registering


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["", "a", "1A", "_A", "A-B", "A B", "A" * 64, "Ä", "A\n"]
)
def test_names_that_are_refused(name):
    assert "name" in complaint(name=name, variable="FORGEJO_TOKEN")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "variable",
    [
        *("DATABASE_URL", "BROKER_URL", "DATABASE_URL_FILE", "GREENROOM_SECRET_KEY"),
        *("GREENROOM_EMAIL_URL_FILE", "GREENROOM_ANYTHING", "GREENROOM_DATA"),
    ],
)
def test_settings_of_ours_are_no_secrets(variable):
    assert "never handed out" in complaint(name="A", variable=variable)["variable"][0]
    assert "variable" in complaint(name=variable)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "variable", ["ghp_abcDEF123", "A B", "A=B", "1A", "A\n", "A\0"]
)
def test_variables_that_are_refused(variable):
    assert "variable" in complaint(variable=variable)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd", "../secret.key", "a/../b", "a//b", "a/", ".env", "..data/x"),
        *("a\\b", "a b", "a\nb", "a\0b", "~/x", "a/b/c/d/e", "x" * 101),
    ],
)
def test_files_that_are_refused(path):
    said = complaint(origin=Secret.FILE, variable=path)["variable"][0]
    assert "below the folder" in said


@pytest.mark.django_db
def test_an_empty_variable_is_called_as_the_secret():
    assert registered().variable == "FORGEJO_TOKEN"
    assert (
        in_file("OTHER", path="git/other_token.txt").variable == "git/other_token.txt"
    )
    assert "name" in complaint(name="OTHER", variable="X")


@pytest.mark.django_db
def test_hosts_and_uses_are_needed_and_kept_in_one_form():
    made = registered(hosts="GIT.lab.example.\n\n *.LAN:3000 \ngit.lab.example\n")
    assert made.hosts == "git.lab.example\n*.lan:3000"
    assert registered("B", uses="probe git git").uses == "git probe"
    for fields in ({"hosts": ""}, {"hosts": " \n"}, {"hosts": "a b"}):
        assert list(complaint(name="C", **fields)) == ["hosts"]
    for uses in ("", " ", "git everything"):
        assert list(complaint(name="C", uses=uses)) == ["uses"]
    assert "username" in complaint(name="C", username="a:b")
    assert "username" in complaint(name="C", username="a\nb")


# Places


@pytest.mark.parametrize(
    ("line", "host", "port", "covered"),
    [
        ("git.lab.example", "git.lab.example", None, True),
        ("git.lab.example", "git.lab.example", 3000, True),
        ("git.lab.example:3000", "git.lab.example", 3000, True),
        ("git.lab.example:3000", "git.lab.example", 443, False),
        ("git.lab.example:3000", "git.lab.example", None, False),
        ("GIT.Lab.Example", "git.LAB.example", None, True),
        ("git.lab.example.", "git.lab.example", None, True),
        ("*.lab.example", "git.lab.example", None, True),
        ("*.lab.example", "a.b.lab.example", None, True),
        ("*.lab.example", "lab.example", None, False),
        ("*.lab.example", "evillab.example", None, False),
        ("*.lab.example:443", "git.lab.example", 443, True),
        ("*.lab.example:443", "git.lab.example", 80, False),
        ("*.lan", "nas.lan", None, True),
        ("10.0.0.5", "10.0.0.5", None, True),
        ("10.0.0.5", "10.0.0.50", None, False),
        ("10.0.0.5", "::ffff:10.0.0.5", None, True),
        ("10.0.0.5:80", "10.0.0.5", 80, True),
        ("fd00::5", "FD00:0::5", None, True),
        ("fd00::5", "[fd00::5]", 443, True),
        ("[fd00::5]:8443", "fd00::5", 8443, True),
        ("[fd00::5]:8443", "fd00::5", 443, False),
        ("fd00::5", "fd00::6", None, False),
        ("localhost", "localhost", 8000, True),
        ("xn--strae-oqa.example", "xn--strae-oqa.example", None, True),
    ],
)
def test_what_a_line_covers(line, host, port, covered):
    assert place_of(line).covers(host_of(host), port) is covered


@pytest.mark.parametrize(
    "line",
    [
        *("*", "*.", "*.example", "*.com", "*lab.example", "a.*.example", "*.*.lab"),
        *(
            "*.0.0.1",
            "*.10.0.0.5",
            "*.[::1]",
            "https://git.lab.example",
            "x/y",
            "a@b.c",
        ),
        *("git.lab.example:", "git.lab.example:0", "git.lab.example:65536", "a:b"),
        *(
            "[::1",
            "::1]",
            "[lan]",
            "[::1]x",
            "[::1]:",
            "::1%eth0",
            "127.1",
            "0x7f.1",
            "0x7f000001",
        ),
        *("2130706433", "010.0.0.1", "a..b", "-a.b", "a-.b", "a b", "straße.example"),
        *("ｌocalhost", "a\u3002b.example", "x" * 64, f"{'a.' * 127}aa", "a:²"),
    ],
)
def test_lines_that_are_refused(line):
    with pytest.raises(Unfit, match=r"\.$"):
        place_of(line)


def test_so_many_lines_and_no_more():
    with pytest.raises(Unfit, match="51 hosts; 50"):
        places_of("\n".join(f"h{n}.example" for n in range(51)))


@given(st.text(max_size=30))
def test_any_line_is_read_back_as_it_is_kept_or_refused(text):
    try:
        place = place_of(text.strip())
    except Unfit:
        return
    assert place_of(str(place)) == place
