"""What every prober promises, ours and those of strangers."""

from __future__ import annotations

import pytest

from catalog.probes.declaring import declared
from catalog.probes.prober import PROBERS, Prober
from catalog.probes.words import ALIVE, LEVELS

EVERY = [
    "embeddings",
    "heartbeat",
    "http",
    "infinity",
    "litellm",
    "llama-cpp",
    "mlx",
    "ollama",
    "openai",
    "tcp",
    "tei",
    "vllm",
    "whisper",
    "wyoming",
]


def test_all_are_there() -> None:
    """The registry finds one for each file."""
    assert sorted(PROBERS) == EVERY


@pytest.mark.parametrize("name", EVERY)
def test_it_says_what_it_is(name: str) -> None:
    """Title, summary, and levels that are levels; what costs something says so."""
    prober = PROBERS[name]
    assert prober.title and prober.summary.endswith(".")
    assert ALIVE in prober.levels and set(prober.levels) <= set(LEVELS)
    assert set(prober.timeouts) <= set(prober.levels)
    assert bool(prober.cost) == ("serving" in prober.levels)
    for level in prober.levels:
        assert getattr(prober, level) is not getattr(Prober, level)


@pytest.mark.parametrize("name", EVERY)
def test_its_example_is_a_declaration_without_a_fault(name: str) -> None:
    """As it stands in the help."""
    entry = {"type": name, **PROBERS[name].example}
    (found,) = declared({"spec": {"probes": [entry]}})
    assert (found.prober, found.fault) == (name, "")


@pytest.mark.parametrize("name", EVERY)
def test_every_setting_is_described(name: str) -> None:
    """For the help, and for the form."""
    for field, info in PROBERS[name].Settings.model_fields.items():
        assert (info.description or "").endswith((".", "?")), field


def test_no_two_go_by_one_name() -> None:
    """Names and aliases are each taken once, and all small."""
    every = list(PROBERS)
    every += [alias for prober in PROBERS.values() for alias in prober.aliases]
    assert len(every) == len(set(every))
    assert all(name == name.casefold() for name in every)
