"""Adding a source: from what somebody typed to a row, and a look at what it brings."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.entities.models import Ceiling
from catalog.git import addresses
from catalog.git.errors import GitError
from catalog.sources import limits, patterns, vanishing
from catalog.sources.limits import ceiling_of
from catalog.sources.models import Source
from catalog.sources.outcome import Outcome, outcome_of
from catalog.sources.processing import locked, preview
from catalog.sources.provider import SourceError, provider_of
from catalog.sources.providers import backstage

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


def add_source(
    target: str,
    *,
    name: str = "",
    author: AbstractBaseUser | None = None,
    example: bool = False,
    people: bool = True,
    **fields: Any,
) -> Source:
    """The source for a folder, a file, a repository or a URL; the present one if it was
    added before.

    With `people` whoever adds it lets it declare Groups and Users, and so grant sight.
    `fields` are others of the row. Raises SourceError with a sentence when the
    target cannot be read.
    """
    source = source_for(target, **fields)
    present = present_one(source)
    if present:
        return present
    with closing(provider_of(source)) as provider:
        provider.reach()
    source.name = _free_name(name or _name_of(source))
    source.example, source.may_declare_people = example, people
    source.created_by_id = author.pk if author else None
    with locked():
        source.save()
        close_to_others(source)
    return source


def present_one(source: Source) -> Source | None:
    """The same place, if it was added before."""
    place = ("provider", "target", "branch", "pattern")
    rows = Source.objects.filter(**{name: getattr(source, name) for name in place})
    return rows.first()


def close_to_others(source: Source) -> None:
    """Write down who may see a source at all. Inside the catalog's lock."""
    source.ceilings.all().delete()
    Ceiling.objects.bulk_create(
        Ceiling(source=source, principal=who) for who in ceiling_of(source).principals
    )


def source_for(target: str, *, provider: str = "", **fields: Any) -> Source:
    """An unsaved source for what somebody typed. Raises SourceError.

    `provider` settles what the address alone does not tell; `fields` are the row's.
    """
    found = _source_at(target.strip(), provider)
    for name, value in fields.items():
        setattr(found, name, value)
    trouble = patterns.problem(found.pattern) or next(
        iter(limits.check(found).values()), ""
    )
    if trouble:
        raise SourceError(trouble)
    return found


def _source_at(target: str, provider: str) -> Source:
    if not target:
        raise SourceError("Name a folder, a file, a repository, a URL or a Backstage.")
    if provider == "git" or (not provider and addresses.looks_like_git(target)):
        return _repository_at(target)
    if provider == "backstage" or (not provider and backstage.looks_like_one(target)):
        return Source(provider="backstage", target=backstage.home_of(target))
    if re.match(r"https?://", target):
        if "@" in target.partition("://")[2].partition("/")[0]:
            raise SourceError(
                "The URL holds a user name or a password, which everybody would read.",
                "Leave it out.",
            )
        return Source(provider="url", target=target)
    if "://" in target:
        raise SourceError(f"{target} is neither a path nor an http or https URL.")
    try:
        path = Path(target).expanduser().resolve()
    except (RuntimeError, ValueError) as error:
        raise SourceError(f"{target!r} is no path: {error}.") from error
    return Source(provider="folder", target=str(path))


def _repository_at(target: str) -> Source:
    try:
        return Source(provider="git", target=addresses.normal(target))
    except GitError as error:
        raise SourceError(error.message, error.remedy) from error


def dry_run(target: str, *, people: bool = True, **fields: Any) -> Outcome:
    """What importing a target would do. Raises SourceError."""
    unsaved = source_for(target, **fields)
    unsaved.may_declare_people = people
    source = present_one(unsaved) or unsaved
    plan = preview(source)
    outcome = outcome_of(plan)
    if vanishing.is_held(source, plan):
        outcome.held = len(plan.orphaned)
    return outcome


def _name_of(source: Source) -> str:
    target = source.target
    if "://" in target:
        # What follows a question mark may be a token, and everybody reads the name.
        return target.partition("://")[2].partition("?")[0]
    path = Path(target)
    return path.name if path.is_dir() else f"{path.parent.name}/{path.name}"


def _free_name(wanted: str) -> str:
    taken = set(Source.objects.values_list("name", flat=True))
    name, number = wanted[:190], 2
    while name in taken:
        name, number = f"{wanted[:190]} {number}", number + 1
    return name
