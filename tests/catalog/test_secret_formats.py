"""What looks like a secret and what does not: formats, names, places, the harmless."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.entities import envelope, secrecy
from catalog.entities.secret_words import MARKER
from tests.architecture.files import ROOT
from tests.benchmarks import generate

MIXED = "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D"
# Built from pieces, so that no scanner of this repository takes them for real.
AWS = "AK" + "IAQ3ZT7MWX2LPB5VNC"
GITHUB = "gh" + "p_" + MIXED[:36]
JWT = (
    "ey" + "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
)
KEY_LINES = [(MIXED + "wxyz")[:64], (MIXED + "stuv")[:64], "zz0a9B8c7D=="]


def private_key(kind: str = "RSA ", newline: str = "\n") -> str:
    name = f"{kind}PRIVATE KEY-----"
    return newline.join([f"-----BEGIN {name}", *KEY_LINES, f"-----END {name}"])


TOKENS = {
    AWS: "an AWS access key",
    GITHUB: "a GitHub token",
    "gho_" + MIXED[:40]: "a GitHub token",
    "github_" + "pat_" + MIXED: "a GitHub token",
    "glp" + "at-" + MIXED[:20]: "a GitLab token",
    "xo" + "xb-123456789012-1234567890123-" + MIXED[:24]: "a Slack token",
    "h" + "f_" + MIXED[:34]: "a Hugging Face token",
    "sk-" + "ant-api03-" + MIXED + MIXED: "an Anthropic key",
    "sk-" + "proj-" + MIXED: "an OpenAI key",
    "sk-" + MIXED[:20] + "T3BlbkFJ" + MIXED[:20]: "an OpenAI key",
    "sk-" + "or-v1-" + "0123456789abcdef" * 4: "an OpenRouter key",
    "S" + "G." + MIXED[:22] + "." + MIXED[:43]: "a SendGrid key",
    "sk" + "_live_" + MIXED[:24]: "a Stripe key",
    "sq0" + "csp-" + MIXED[:43]: "a Square secret",
    "np" + "m_" + MIXED[:36]: "an npm token",
    "gs" + "k_" + MIXED[:50]: "a Groq key",
    "nv" + "api-" + MIXED: "an NVIDIA key",
    "AI" + "za" + MIXED[:35]: "a Google API key",
    "py" + "pi-AgE" + MIXED: "a PyPI token",
    "ts" + "key-auth-kA1b2C3CNTRL-" + MIXED[:32]: "a Tailscale key",
    "hv" + "s." + MIXED[:30]: "a Vault token",
    "AGE-SECRET" + "-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2: "an age key",
    JWT: "a JSON Web Token",
}


def looks(text: str) -> list[tuple[str, int, int]]:
    """What was found, and where; finding is complete and does not go on for ever."""
    safe, found = secrecy.withhold(text)
    assert secrecy.withhold(safe) == (safe, [])
    assert safe.count("\n") == text.count("\n")
    assert safe.count(MARKER) == text.count(MARKER) + len(found)
    return [(one.looks, one.line, one.column) for one in found]


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token[:10])
def test_a_token_is_known_by_its_format(token):
    text = f"a: 1\nb: see {token} there\n"
    assert looks(text) == [(TOKENS[token], 2, 8)]
    assert secrecy.withhold(text)[0] == f"a: 1\nb: see {MARKER} there\n"
    for around in ('x: "{}"', "x: '{}'", "# {}", "[{}, b]", "{}: x", "a={}", "({})."):
        text = around.format(token)
        assert [name for name, _, _ in looks(text)] == [TOKENS[token]], around
        assert secrecy.withhold(text)[0] == around.format(MARKER)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password: hunter2", "hunter2"),
        ("password: hunter", "hunter"),
        ("  - api_key: 'a1b2c3d4e5'  # mine", "a1b2c3d4e5"),
        ("{password: hunter2, a: 1}", "hunter2"),
        ('{"name": "x", "password":"hunter2"}', "hunter2"),
        ('"token": "a8f3k2j9"', "a8f3k2j9"),
        ("# password: hunter2", "hunter2"),
        ("password: |\n  hunter2\nx: 1", "hunter2"),
        ("password:\n  hunter2\nx: 1", "hunter2"),
        ("DB_PASSWORD=hunter2", "hunter2"),
        ("url: https://h/x?token=abc123def&x=1", "abc123def"),
        ("password: 12345678", "12345678"),
        ("password: a,b1c2", "a,b1c2"),
        ("password: !!str hunter2 # really", "hunter2"),
        ("passphrase: correct horse battery", "correct horse battery"),
        ("lab.example/password: 'it''s1'", "it''s1"),
        ("clientSecret: 9f8e7d6c5b4a", "9f8e7d6c5b4a"),
        ("aws_secret_access_key: wJalrXUtnF3MI/K7MDENG/bPxRfiCYzz1234567x", "wJalr"),
        ("HF_TOKEN: zz8812abcd", "zz8812abcd"),
        ("x: https://bob:hunter2@host/x", "hunter2"),
        ("x: postgres://u:p@ss1@db/x", "p@ss1"),
        ("x: redis://:s3cret@db", "s3cret"),
    ],
)
def test_a_secret_is_known_by_its_name_or_its_place(text, secret):
    line = text[: text.index(secret)].count("\n") + 1
    column = text.index(secret) - (text.rfind("\n", 0, text.index(secret)) + 1) + 1
    ((_, *place),) = looks(text)
    assert place == [line, column]
    assert secret not in secrecy.withhold(text)[0]


HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
HARMLESS = [
    "password: ${DB_PASSWORD}",
    "token: ${HF_TOKEN}",
    "token: $HF_TOKEN",
    "password: <your password>",
    "password: changeme",
    "password: xxxx",
    "password: '********'",
    "api_key: your-api-key",
    "api_key: OPENAI_API_KEY",
    "password: ''",
    "password:",
    "password: null",
    "password: true",
    "password: {type: string, format: password}",
    "password:\n  type: string\n  format: password",
    "password: &anchor",
    "password: *alias",
    "password: see the vault",
    "description: ask Fred for the password: he knows it",
    "tokenizer: Qwen/Qwen2.5-7B-Instruct",
    "max_tokens: 4096",
    "tokens: 12",
    "cost_per_token: 1.5e-06",
    "eos_token: <|im_end|>",
    "pad_token: '[PAD]'",
    "stop_token: '</s>'",
    "secretRef: db-credentials-2",
    "secret: grafana-admin",
    "secret: prod-db-2",
    "existingSecret: web-tls-v2",
    "passwordFrom: secret/db1234",
    "passwordFile: /run/secrets/db",
    "password: /run/secrets/db1",
    "password: vault:kv/db#password1",
    "tokenUrl: https://id.lab.example/oauth2/token",
    "key: a1b2c3d4e5f6",
    "partition_key: a1b2c3",
    "public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2x bob@lab",
    "authentication: oauth2",
    "secret: oauth2",
    f"digest: sha256:{HEX}",
    f"digest: {HEX}",
    f"artifact: oci://reg.lab.example/m@sha256:{HEX}",
    f"token: sha256:{HEX}",
    "commit: 5e14193c0ffee5e14193c0ffee5e14193c0ffee1",
    "id: 550e8400-e29b-41d4-a716-446655440000",
    "token: 550e8400-e29b-41d4-a716-446655440000",
    "icon: data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElE",
    "cert: |\n  -----BEGIN CERTIFICATE-----\n  " + KEY_LINES[0],
    "key: |\n  -----BEGIN PUBLIC KEY-----\n  " + KEY_LINES[0],
    "about: begins with -----BEGIN PRIVATE KEY----- and ends\n  lifecycle: production",
    "aws: AK" + "IAIOSFODNN7EXAMPLE",
    "x: h" + "f_" + "x" * 34,
    "x: gh" + "p_" + "0123456789abcdef" + "example".ljust(20, "9"),
    "x: https://user:password@proxy.lab.example",
    "x: https://user:${PASSWORD}@host",
    "x: https://user:<password>@host",
    "x: postgres://greenroom:…@db",
    "x: http://host:8080/a:b@c",
    "x: git@git.lab.example:team/repo.git",
    "x: https://user@host/path",
    "x: https://git.lab.example/blob/5e14193c0ffee/a/long/path/of/things?x=1#L20",
    "skip: ask-not-what",
    "risk-ant-farm: 1",
    "model: hf_" + "internal_testing_tiny_random_model_of_some_length",
    "eyJ: 1",
    "monkey: banana42",
    "keyword: a1b2c3",
    f"password: {MARKER}",
]


@pytest.mark.parametrize("text", HARMLESS, ids=lambda text: text[:40])
def test_what_is_no_secret_stays(text):
    assert looks(text) == []
    assert secrecy.withhold(f"a:\n  b: 1\n{text}\n")[0] == f"a:\n  b: 1\n{text}\n"


def test_the_example_and_a_large_catalog_hold_none():
    files = [*(ROOT / "deploy/examples").rglob("*.yaml")]
    assert len(files) > 5
    for path in files:
        assert looks(path.read_text("utf-8")) == [], path
    for text in generate.documents(1000):
        assert looks(text) == []


def test_our_own_help_holds_none():
    for path in (ROOT / "portal/docs").rglob("*.md"):
        assert looks(path.read_text("utf-8")) == [], path


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
def test_a_private_key_goes_and_its_lines_stay_counted(kind):
    key = private_key(kind)
    indented = key.replace("\n", "\n    ")
    commented = key.replace("\n", "\n# ")
    escaped = private_key(kind, "\\n")
    quoted = key.replace("\n", "\n\n  ")
    for text in (
        f"a: |\n    {indented}\nb: 1\n",
        f"a: 1\n# {commented}\nb: 1\n",
        f'a: "{escaped}"\nb: 1\n',
        f'a: "{quoted}"\nb: 1\n',
    ):
        safe, _ = secrecy.withhold(text)
        assert len(looks(text)) == 1
        assert not any(line in safe for line in KEY_LINES)
        assert "PRIVATE KEY" not in safe
        assert safe.endswith("\nb: 1\n")
        (doc,) = envelope.read(safe).documents
        assert doc.data["b"] == 1


@given(
    st.lists(st.sampled_from([*TOKENS, *HARMLESS, "\n", " ", ": ", "password", "@"]))
)
@example(["password: ", *list(TOKENS)[:2]])
def test_doing_it_twice_changes_nothing(parts):
    text = " ".join(parts)
    looks(text)
    safe, _ = secrecy.withhold(text)
    assert not any(token in safe for token in TOKENS)


@pytest.mark.parametrize(
    "hostile",
    ["eyJ", "token:", "{token: a, ", "\npassword: ", "://a:", "xoxb-1-", 'token="b1x'],
)
def test_no_text_makes_it_slow(hostile):
    """A megabyte of the worst takes no more than a second or so, not minutes."""
    started = time.process_time()
    secrecy.withhold(hostile * (1_000_000 // len(hostile)))
    assert time.process_time() - started < 8
