"""Where an entity is not as its document says: pure rules over what is known of it.

A rule compares only what is known: a probe that nobody asks, or that does not answer,
is no evidence of anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from catalog import refs
from catalog.probes import words
from catalog.probes.model_server import is_one_of, missing_models
from catalog.probes.models import Probe
from catalog.probes.prober import PROBERS

TITLES = {
    "wrong-model-served": "Another model is served",
    "wrong-version-served": "Another version is served",
    "undeclared-model": "A model that nobody declared",
    "model-not-loaded": "Declared, and not loaded",
    "wrong-dimension": "Another dimension",
    "other-server": "Another kind of server",
    "deprecated-still-used": "Deprecated, and still used",
    "not-probed": "Nothing asks how it is",
}
_SHOWN = 5
# Types of which everybody expects to know whether they work.
_TO_BE_PROBED = {"Component": ("model-server",), "API": ("ai-model-server",)}


@dataclass(frozen=True)
class Difference:
    """One difference. `value` tells it from others of its code; `fix` is YAML."""

    code: str
    value: str
    message: str
    remedy: str
    evidence: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Version:
    """A version of a model that an entity serves, and the id it would be listed by."""

    model: str
    version: str
    stage: str
    artifact: str


@dataclass
class Facts:
    """What is declared and what was seen, of one entity. `probes` are only those whose
    answers are fresh; `used` are requests a day beyond our own, None where unknown."""

    ref: str
    kind: str
    type: str
    lifecycle: str
    probes: list[Probe] = field(default_factory=list)
    errors: dict[int, tuple[str, str]] = field(default_factory=dict)
    has_probes: bool = False
    has_serves: bool = False
    versions: list[Version] = field(default_factory=list)
    used: float | None = None


def differences(facts: Facts) -> list[Difference]:
    """Everything that is not as declared."""
    return [one for rule in _RULES for one in rule(facts)]


def _wrong_models(facts: Facts) -> Iterator[Difference]:
    for probe in facts.probes:
        seen = probe.serves
        missing = missing_models([tuple(n) for n in probe.expects], seen)
        if not seen or not missing:
            continue
        names = ", ".join(missing[:_SHOWN])
        yield Difference(
            "wrong-model-served",
            f"{probe}: {names}",
            f"It is declared to serve {names}, and serves {', '.join(seen[:_SHOWN])}.",
            "Start the server with the declared model, or declare the one it serves.",
            f"{probe.url} lists {', '.join(seen[:_SHOWN])}.",
            _serves(facts, seen),
        )


def _wrong_versions(facts: Facts) -> Iterator[Difference]:
    for probe in facts.probes:
        for model in probe.serves:
            found = [v for v in facts.versions if is_one_of(model, (v.artifact,))]
            production = [
                v
                for v in facts.versions
                if found and v.model == found[0].model and v.stage == "production"
            ]
            if not found or not production or found[0] in production:
                continue
            one, wanted = found[0], production[0]
            yield Difference(
                "wrong-version-served",
                f"{probe}: {model}",
                f"It serves {one.version} of {one.model}, which is {one.stage}; in "
                f"production is {wanted.version}.",
                "Start the server with the version in production, or promote this one.",
                f"{probe.url} lists {model}.",
            )


def _undeclared_models(facts: Facts) -> Iterator[Difference]:
    for probe in facts.probes:
        prober = PROBERS.get(probe.prober)
        # Such a list is of what could be loaded, or of what others serve.
        if prober is None or getattr(prober, "on_demand", False):
            continue
        wanted = [tuple(names) for names in probe.expects]
        if not wanted and not _is_server(facts):
            continue
        if missing_models(wanted, probe.serves):
            continue
        strange = [
            model
            for model in probe.serves
            if not any(is_one_of(model, names) for names in wanted)
        ]
        if strange:
            names = ", ".join(strange[:_SHOWN])
            yield Difference(
                "undeclared-model",
                f"{probe}: {names}",
                f"It serves {names}, which its document does not name.",
                "Add it to spec.serves, and declare the model; or stop serving it.",
                f"{probe.url} lists {', '.join(probe.serves[:_SHOWN])}.",
                _serves(facts, probe.serves),
            )


def _is_server(facts: Facts) -> bool:
    return facts.type in _TO_BE_PROBED.get(facts.kind, ())


def _serves(facts: Facts, models: list[str]) -> str:
    """The declaration that fits what is served."""
    if facts.kind != "Component":
        return ""
    names = []
    for model in models[:_SHOWN]:
        try:
            names.append(f"    - {refs.to_name(model)}  # {model}")
        except refs.RefError:
            continue
    return "\n".join(["spec:", "  serves:", *names]) if names else ""


_BY_ERROR = {
    words.NOT_LOADED: (
        "model-not-loaded",
        "It is declared to serve a model that is not loaded.",
        "Load it, or declare what is loaded. Nothing is loaded by asking.",
    ),
    words.WRONG_DIMENSION: (
        "wrong-dimension",
        "Its vectors have another dimension than declared.",
        "Serve the declared model, or declare the dimension; an index that was built "
        "with other vectors has to be built anew.",
    ),
}


def _by_error(facts: Facts) -> Iterator[Difference]:
    for probe in facts.probes:
        error, detail = facts.errors.get(probe.pk, ("", ""))
        if error in _BY_ERROR and (error != words.NOT_LOADED or probe.expects):
            code, message, remedy = _BY_ERROR[error]
            yield Difference(code, str(probe), message, remedy, detail)


def _other_servers(facts: Facts) -> Iterator[Difference]:
    for probe in facts.probes:
        prober = PROBERS.get(probe.prober)
        accepted = getattr(prober, "kinds", ())
        seen = probe.kind_seen
        if not seen or not accepted or seen in accepted:
            continue
        known = seen in PROBERS
        fix = f'greenroom/probe: "{seen} {probe.url}"' if known else ""
        yield Difference(
            "other-server",
            f"{probe}: {seen}",
            f"It is declared as {probe.prober}, and answers as {seen}.",
            "Correct the type of the probe, or the address.",
            f"The list of models at {probe.url} comes from {seen}.",
            f"metadata:\n  annotations:\n    {fix}" if fix else "",
        )


def _still_used(facts: Facts) -> Iterator[Difference]:
    if facts.lifecycle != "deprecated" or facts.used is None or facts.used < 1:
        return
    yield Difference(
        "deprecated-still-used",
        "",
        f"It is deprecated, and was asked {facts.used:,.0f} times a day in the last "
        "week, beyond our own probes.",
        "Find out who asks, and move them; or take the deprecation back.",
        "Counted by the server itself.",
    )


def _not_probed(facts: Facts) -> Iterator[Difference]:
    if facts.has_probes or not _is_server(facts) or facts.lifecycle != "production":
        return
    yield Difference(
        "not-probed",
        "",
        f"It is a {facts.type} in production, and nothing asks how it is.",
        "Declare a probe: a type and an address.",
        "",
        'metadata:\n  annotations:\n    greenroom/probe: "vllm http://host:8000"',
    )


_RULES: tuple[Callable[[Facts], Iterator[Difference]], ...] = (
    _wrong_models,
    _wrong_versions,
    _undeclared_models,
    _by_error,
    _other_servers,
    _still_used,
    _not_probed,
)
