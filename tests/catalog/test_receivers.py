"""Addresses of receivers: what is refused, what is secret, and what really arrives."""

from __future__ import annotations

import base64
import json
import logging
from email import message_from_string
from email.header import decode_header, make_header

import pytest

from catalog.probes import sending
from catalog.probes.receivers import PlainSecret, read
from catalog.probes.schemes import KINDS
from catalog.probes.sending import Message, send
from catalog.secrets.places import Unfit
from tests import receiving
from tests.catalog.registered import registered

VALUE = "p%41+ /@:?#&=x$"
DOWN = Message("vLLM is down: no answer", "Since today.\nOwner: ops.")


@pytest.fixture
def secret(db, monkeypatch):
    monkeypatch.setenv("RECEIVER_TOKEN", VALUE)
    return registered("RECEIVER_TOKEN", hosts="127.0.0.1", uses="notification")


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_every_example_can_be_read_and_filled(kind):
    address = read(kind.example)
    assert address.host == (kind.host or address.host)
    address.fill(dict.fromkeys(address.names, VALUE))
    held = [getattr(address.plugin, field, None) for field in kind.secrets]
    assert {value for value in held if value} <= {VALUE}
    assert any(held) == bool(address.names)


@pytest.mark.parametrize(
    "address",
    [
        "json://bob:hunter2@hooks.lan",
        "ntfy://bob:hunter2@ntfy.lan/t",
        "ntfy://tk_hunter2@ntfy.lan/t",
        "ntfy://ntfy.lan/t?token=hunter2",
        "gotify://gotify.lan/hunter2",
        "mailto://bob:hunter2@mail.lan?to=ops@lab.example",
        "matrix://hunter2@matrix.lan/#ops",
        "mmost://chat.lan/hunter2",
        "rocket://bob:hunter2@chat.lan/#ops",
        "slack://THUNTER2/BHUNTER2/hunter2",
        "discord://1234/hunter2",
        "tgram://1234:hunter2/99",
        "json://hooks.lan/?+Authorization=Bearer%20hunter2",
        "json://hooks.lan/?-api_key=hunter2",
        "json://hooks.lan/?:password=hunter2",
        "json://hooks.lan/services/ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    ],
)
def test_a_secret_that_is_typed_in_is_refused_and_not_repeated(address, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PlainSecret, match="Register it under Settings, Secrets") as it:
        read(address)
    assert "hunter2" not in str(it.value).lower()
    assert "hunter2" not in caplog.text.lower()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("hunter2", "begins with one of json://"),
        ("file:///etc/passwd", "not offered"),
        ("syslog://", "not offered"),
        ("dbus://", "not offered"),
        ("windows://", "not offered"),
        ("https://hooks.lan/x", "not offered"),
        ("jsom://hooks.lan", "Did you mean json://?"),
        ("json://", "looks like json://hooks.lan:8080/greenroom"),
        ("json://h.lan:99999/", "no port"),
        ("json://h.lan/?redirect=yes", "“redirect” is not offered"),
        ("json://h.lan/?verify=no", "“verify” is not offered"),
        ("ntfy://h.lan/t?attach=file:///etc/passwd", "“attach” is not offered"),
        ("mailto://h.lan?pgppub=/etc/passwd", "“pgppub” is not offered"),
        ("mailto://h.lan?from=a@lab.example&to=nobody", "nobody"),
        ("json://${HOST}/x", "cannot stand for the host"),
        ("json://h.lan/${host}", "not the name of a secret"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(address, says):
    with pytest.raises(Unfit) as it:
        read(address)
    assert says in str(it.value)


def test_where_it_leads_is_where_it_connects():
    assert read("mailto://b:${P}@gmail.com").where == "smtp.gmail.com:587"
    assert read("mailtos://mail.lan?from=a@lab.example&smtp=out.lan").host == "out.lan"
    assert read("ntfy://topic").where == "ntfy.sh:443"
    assert read("ntfy://ntfy.lan/topic").where == "ntfy.lan:80"
    assert read("json://[fd00::5]:8080/").where == "[fd00::5]:8080"


def test_a_webhook_gets_the_message_and_the_secret_in_any_place(secret, caplog):
    caplog.set_level(logging.DEBUG)
    with receiving.web() as server:
        outcome = send(
            f"json://bob:${{RECEIVER_TOKEN}}@{server.at}/a/${{RECEIVER_TOKEN}}/b"
            "?+X-Token=${RECEIVER_TOKEN}&-token=${RECEIVER_TOKEN}",
            Message("A title", "A body"),
        )
    assert outcome == sending.Outcome(True, f"Webhook, JSON at {server.at} took it.")
    [request] = server.requests
    quoted = "p%2541%2B%20%2F%40%3A%3F%23%26%3Dx%24"
    assert request.path.startswith(f"/a/{quoted}/b?token=p%2541")
    kind, _, given = request.headers["Authorization"].partition(" ")
    assert (kind, base64.b64decode(given).decode("latin-1")) == (
        "Basic",
        f"bob:{VALUE}",
    )
    assert request.headers["X-Token"] == VALUE
    body = json.loads(request.body)
    assert (body["title"], body["message"]) == ("A title", "A body")
    assert "p%41" not in caplog.text
    assert "p%2541" not in caplog.text


def test_ntfy_gets_the_message_with_its_token(secret):
    with receiving.web() as server:
        outcome = send(f"ntfy://{server.at}/ops?token=${{RECEIVER_TOKEN}}", DOWN)
    assert outcome.sent, outcome.text
    [request] = server.requests
    body = json.loads(request.body)
    assert (body["topic"], body["title"], body["message"]) == (
        "ops",
        DOWN.title,
        DOWN.body,
    )
    given = request.headers["Authorization"]
    assert given == f"Bearer {VALUE}"
    assert "icon" not in {name.lower() for name in request.headers}


def test_a_mail_arrives(secret):
    with receiving.mail() as box:
        outcome = send(
            f"mailto://greenroom:${{RECEIVER_TOKEN}}@127.0.0.1:{box.port}"
            "?from=greenroom@lab.example&to=ops@lab.example&mode=insecure",
            DOWN,
        )
    assert outcome.sent, outcome.text
    [text] = box.mails
    mail = message_from_string(text)
    assert str(make_header(decode_header(mail["Subject"]))) == DOWN.title
    assert "ops@lab.example" in mail["To"]
    assert "Owner: ops." in text
    [auth] = [line for line in box.lines if line.startswith("AUTH PLAIN")]
    assert base64.b64decode(auth.split()[-1]).decode() == f"\0greenroom\0{VALUE}"


@pytest.mark.parametrize("status", [401, 404, 500])
def test_what_the_other_side_answered_is_said(status, db):
    with receiving.web() as server:
        server.status = status
        outcome = send(f"json://{server.at}/", DOWN)
    assert not outcome.sent
    assert f"Webhook, JSON at {server.at} did not take it." in outcome.text
    assert str(status) in outcome.text


def test_a_redirect_is_not_followed(db):
    with receiving.web() as inner, receiving.web() as server:
        server.status, server.location = 307, f"http://{inner.at}/"
        outcome = send(f"json://{server.at}/", DOWN)
    assert not outcome.sent
    assert "307" in outcome.text
    assert not inner.requests


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("json://169.254.169.254/latest", "link-local"),
        ("json://100.100.100.200/", "metadata"),
        ("mailto://169.254.1.1?from=a@lab.example&to=b@lab.example", "link-local"),
        ("json://9.9.9.9/", "write jsons:// instead of json://"),
        ("json://127.0.0.1:1/", "did not take it"),
    ],
)
def test_the_host_is_judged_before(address, says, db):
    outcome = send(address, DOWN)
    assert not outcome.sent
    assert says in outcome.text


def test_a_secret_goes_only_where_it_may(secret):
    with receiving.web() as server:
        wrong = send(f"json://localhost:{server.port}/${{RECEIVER_TOKEN}}", DOWN)
        missing = send(f"json://{server.at}/${{OTHER}}", DOWN)
        registered("GIT_TOKEN", hosts="127.0.0.1")
        other = send(f"json://{server.at}/${{GIT_TOKEN}}", DOWN)
    assert "not bound to localhost" in wrong.text
    assert "OTHER is not registered" in missing.text
    assert "may not be used for notifications" in other.text
    assert not server.requests


def test_one_that_hangs_holds_nobody_up(db, monkeypatch):
    monkeypatch.setattr(sending, "PATIENCE", 1.0)
    with receiving.web(hangs=True) as slow, receiving.web() as quick:
        outcomes = sending.send_all(
            [
                sending.Errand(f"json://{slow.at}/", DOWN),
                sending.Errand(f"json://{quick.at}/", DOWN),
            ]
        )
        assert [outcome.sent for outcome in outcomes] == [False, True]
        assert outcomes[0].text == "No answer within 1 s."
