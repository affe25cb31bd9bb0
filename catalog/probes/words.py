"""The words of probing: levels, verdicts, states, error classes, and what they mean."""

from __future__ import annotations

# How deep a look goes. Each has its own interval.
ALIVE, METRICS, SERVING = "alive", "metrics", "serving"
LEVELS = (ALIVE, METRICS, SERVING)

# What one look found.
OK, BUSY, DEGRADED, BAD, UNCHECKED = "ok", "busy", "degraded", "bad", "unchecked"
VERDICTS = (OK, BUSY, DEGRADED, BAD, UNCHECKED)

# What is said of a service, the worst first.
DOWN, UNKNOWN, UP = "down", "unknown", "up"
MAINTENANCE = "maintenance"
STATES = (DOWN, DEGRADED, UNKNOWN, BUSY, UP, MAINTENANCE)

# What went wrong, beside what catalog.http.asking says of a connection.
KEY_WRONG, NOT_FOUND, SERVER_ERROR = "key-wrong", "404", "5xx"
LOADING, BAD_BODY, BAD_STATUS = "loading", "bad-body", "bad-status"
WRONG_MODEL, WRONG_DIMENSION = "wrong-model", "wrong-dimension"
STALLED, DRIFTED, NOT_LOADED = "stalled", "metrics-drifted", "not-loaded"
OTHER_SERVER, NO_KEY, SATURATED = "other-server", "no-key", "busy"
JOB_FAILED = "job-failed"
NOT_PINGED, CERTIFICATE, CHANGED = "no-ping", "certificate-ends", "vector-changed"
CONDITION, BROKEN_PROBE, LATE = "condition", "probe-failed", "stale"
OWN_LIMIT = "own-limit"
NOBODY, PAUSED, UNUSABLE = "no-worker", "paused", "unusable"

ERRORS = {
    "not-allowed": "Address not allowed",
    "dns": "Name not known",
    "refused": "Connection refused",
    "tls": "TLS",
    "connect-timeout": "No connection in time",
    "first-byte-timeout": "Connected, no answer in time",
    "body-timeout": "Answer did not end in time",
    "broken-off": "Answer broke off",
    "too-large": "Answer too large",
    OWN_LIMIT: "Not asked: this machine has no connections left",
    KEY_WRONG: "Key refused",
    NO_KEY: "Key not available",
    NOT_FOUND: "Not found (404)",
    SERVER_ERROR: "Server error",
    BAD_STATUS: "Unexpected status",
    LOADING: "Loading",
    BAD_BODY: "Unexpected answer",
    WRONG_MODEL: "Wrong model",
    WRONG_DIMENSION: "Wrong dimension",
    CHANGED: "Another vector than before",
    STALLED: "Stalled: load without progress",
    DRIFTED: "Metrics drifted",
    NOT_LOADED: "Not loaded",
    OTHER_SERVER: "Another kind of server",
    SATURATED: "Busy, not asked",
    NOT_PINGED: "No ping in time",
    JOB_FAILED: "The job failed",
    CERTIFICATE: "Certificate ends soon",
    CONDITION: "Condition not met",
    BROKEN_PROBE: "The probe itself failed",
    LATE: "No recent answer",
    NOBODY: "No worker asks",
    PAUSED: "Paused",
    UNUSABLE: "Declaration not usable",
}


def worst(states: list[str]) -> str:
    """The state of something that has several: the worst; unknown of nothing."""
    return min(states, key=STATES.index, default=UNKNOWN)
