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
_TO_BE_PROBED = {"Component": ("model-server",)}
# What these list could be loaded, or is served by others.
_CATALOGUES = frozenset({"ollama", "lm-studio", "mlx", "whisper", "litellm"})


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
    answers are fresh and certain; `serves` are the declared references with all names
    of each; `used` are requests a day beyond our own, None where unknown."""

    ref: str
    kind: str
    type: str
    lifecycle: str
    probes: list[Probe] = field(default_factory=list)
    serves: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    errors: dict[int, tuple[str, str]] = field(default_factory=dict)
    has_probes: bool = False
    versions: list[Version] = field(default_factory=list)
    used: float | None = None


def differences(facts: Facts) -> list[Difference]:
    """Everything that is not as declared."""
    return [one for rule in _RULES for one in rule(facts)]


def _wrong_models(facts: Facts) -> Iterator[Difference]:
    for probe in facts.probes:
        seen = probe.serves
        missing = missing_models([tuple(n) for n in probe.expects], seen)
        lists_nothing = not seen and facts.errors.get(probe.pk, ("",))[0] != _WRONG
        if not missing or lists_nothing:
            continue
        names, others = ", ".join(missing[:_SHOWN]), ", ".join(seen[:_SHOWN])
        yield Difference(
            "wrong-model-served",
            f"{probe}: {names} / {others}",
            f"It is declared to serve {names}, and serves {others or 'no model'}.",
            "Start the server with the declared model, or declare the one it serves.",
            f"{probe.url} lists {others or 'no model'}.",
            _serves(facts, seen) if seen else "",
        )


def _wrong_versions(facts: Facts) -> Iterator[Difference]:
    if facts.lifecycle != "production":
        return
    for probe in facts.probes:
        served = [
            version
            for version in facts.versions
            if any(is_one_of(model, (version.artifact,)) for model in probe.serves)
        ]
        good = {one.model for one in served if one.stage == "production"}
        wanted = {v.model for v in facts.versions if v.stage == "production"}
        for model in sorted({one.model for one in served} & wanted - good):
            listed = ", ".join(probe.serves[:_SHOWN])
            yield Difference(
                "wrong-version-served",
                f"{probe}: {model} / {listed}",
                f"It serves {listed}, which is not the version of {model} that is in "
                "production.",
                "Start the server with the version in production, or promote this one.",
                f"{probe.url} lists {listed}.",
            )


def _undeclared_models(facts: Facts) -> Iterator[Difference]:
    for probe in facts.probes:
        if {probe.prober, probe.kind_seen} & _CATALOGUES:
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
    """The declaration that fits what is served: what is right stays as it stands."""
    if facts.kind != "Component":
        return ""
    lines = []
    for model in models:
        kept = [ref for ref, names in facts.serves if is_one_of(model, names)]
        try:
            line = kept[0] if kept else f"{refs.to_name(model)}  # {model}"
        except refs.RefError:
            continue
        lines.append(f"    - {line}")
    return "\n".join(["spec:", "  serves:", *dict.fromkeys(lines)]) if lines else ""


_WRONG = words.WRONG_MODEL
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
        f"It is deprecated, and is asked about {_about(facts.used):,} times a day, "
        "beyond our own probes.",
        "Find out who asks, and move them; or take the deprecation back.",
        "Counted by the server itself, in the last week.",
    )


def _about(value: float) -> int:
    """Two digits are enough, and do not change from minute to minute."""
    digits = max(0, len(str(int(value))) - 2)
    return int(round(value, -digits))


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
