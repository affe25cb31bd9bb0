"""Another Backstage's catalog, read over its API: every entity as a document of ours.

First the whole list is asked for, with no more than name and ETag of each; then, by the
hundred, what is not known with that ETag. Nothing is ever written there.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from catalog import http, refs
from catalog.entities import dialect
from catalog.sources.models import Source, SourceFile
from catalog.sources.opening import authorization
from catalog.sources.provider import Content, Provider, SourceError, SourceGone
from catalog.sources.served import document_of, remarks_on

API = "/api/catalog"
PAGE, BATCH = 1000, 200
MOST = 50_000
# Seconds for one answer, and for all of them where nobody waits.
_ANSWER, _WHOLE = 30.0, 600.0
_FIELDS = "kind,metadata.name,metadata.namespace,metadata.etag"
# It says where the other side reads; what it read there comes by itself.
_LEFT_OUT = "location"
_MAX_ETAG = 300
_REMEDY_TOKEN = (
    "Backstage knows a static token by backend.auth.externalAccess. Register it under "
    "Settings, Secrets, and choose it as the secret of the source."
)


@dataclass(frozen=True)
class Listed:
    """An entity as the list names it."""

    kind: str
    namespace: str
    name: str
    etag: str

    @property
    def ref(self) -> str:
        """Its reference, as both sides compare it."""
        return f"{self.kind}:{self.namespace}/{self.name}".lower()

    @property
    def path(self) -> str:
        """What stands for the path of a file."""
        path = f"{self.kind}/{self.namespace}/{self.name}".lower()
        return "".join(sign if sign.isprintable() else "_" for sign in path)


class Backstage(Provider):
    """The entities of a Backstage, or of another Greenroom: one is one file."""

    name = "backstage"
    title = "Another Backstage"
    is_slow = True

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._began = time.monotonic()
        self._listed: dict[str, Listed] = {}
        self._wanted: deque[str] = deque()
        self._brought: dict[str, Any] = {}

    def check(self) -> None:
        """Bring the list of all entities, with their ETags."""
        self._began = time.monotonic()
        self._listed = {one.path: one for one in self._list()}
        self._wanted = deque(path for path in self._listed if not self._is_known(path))

    def reach(self) -> None:
        """Does a catalog answer there, and does it let us in?"""
        try:
            self._page({"limit": 1})
        except http.WrongStatus as error:
            if error.status != 404:
                raise self._told(error) from error
            self._whole_list()

    def paths(self) -> Iterator[str]:
        """Every entity but Locations, in the order of the list."""
        yield from self._listed

    def follows_locations(self) -> bool:
        """The other side has read its Locations already."""
        return False

    def reading(self) -> str:
        """Which kinds, and how."""
        kinds = ", ".join(self.source.kinds.split()) or "all kinds but Location"
        return f"{kinds}; over {API}, never written to"

    def read(self, path: str, known: SourceFile | None) -> Content | None:
        """The document of an entity; None when its ETag is the one that is known."""
        listed = self._listed[path]
        if known and listed.etag and known.etag == listed.etag:
            return None
        if path not in self._brought:
            self._bring(path)
        entity = self._brought.pop(path)
        if isinstance(entity, SourceError):
            raise entity
        if entity is None:
            # It went away after the list was made.
            return Content(b"")
        document = document_of(entity)
        text = dialect.write(document)
        etag = _etag_of(entity)
        return Content(text.encode(), etag, remarks_on(entity, document))

    def resolve(self, base: str, target: str) -> str:
        """There is nothing beside an entity."""
        raise SourceError(
            f"{target} cannot be read from another Backstage.",
            "It is written into the entity there, when its placeholder is known there.",
        )

    def _is_known(self, path: str) -> bool:
        known, etag = self.known.get(path), self._listed[path].etag
        return known is not None and bool(etag) and known.etag == etag

    def _list(self) -> Iterator[Listed]:
        """All that it has; what is left out is not among it."""
        number = 0
        for items in self._pages():
            number += len(items)
            if number > MOST:
                raise SourceError(
                    f"{self.source.target} has more than {MOST:,} entities.",
                    "Allow only some kinds, in several sources.",
                )
            for item in items:
                listed = _listed(item)
                if listed is None:
                    raise SourceGone(
                        f"{self.source.target} lists something that is no entity: "
                        f"{json.dumps(item)[:100]}."
                    )
                if listed.kind.lower() != _LEFT_OUT:
                    yield listed

    def _pages(self) -> Iterator[list[Any]]:
        """The list page by page; whole from an old one that knows no pages."""
        asked: dict[str, Any] = {"limit": PAGE, "fields": _FIELDS, **self._filter()}
        seen: set[str] = set()
        try:
            items, cursor = self._page(asked)
        except http.WrongStatus as error:
            if error.status != 404:
                raise self._told(error) from error
            yield self._whole_list()
            return
        yield items
        while cursor:
            if cursor in seen or not items:
                raise SourceGone(f"The pages of {self.source.target} have no end.")
            seen.add(cursor)
            asked = {"limit": PAGE, "fields": _FIELDS, "cursor": cursor}
            try:
                items, cursor = self._page(asked)
            except http.WrongStatus as error:
                raise self._told(error) from error
            yield items

    def _page(self, asked: dict[str, Any]) -> tuple[list[Any], str]:
        """One page and the cursor of the next. Raises WrongStatus and SourceError."""
        found = self._ask(f"/entities/by-query?{urlencode(asked)}")
        items = found.get("items") if isinstance(found, dict) else None
        info = found.get("pageInfo") if isinstance(found, dict) else None
        if not isinstance(items, list) or not isinstance(info, dict):
            raise self._strange("a list of entities")
        cursor = info.get("nextCursor") or ""
        return items, str(cursor)

    def _whole_list(self) -> list[Any]:
        """In one answer: parts by offset would slip when an entity comes or goes."""
        try:
            asked = urlencode({"fields": _FIELDS, **self._filter()})
            found = self._ask(f"/entities?{asked}")
        except http.WrongStatus as error:
            raise self._told(error) from error
        if not isinstance(found, list):
            raise self._strange("a list of entities")
        return found

    def _filter(self) -> dict[str, str]:
        kinds = [f"kind={kind.lower()}" for kind in self.source.kinds.split()]
        return {"filter": ",".join(kinds)} if kinds else {}

    def _bring(self, path: str) -> None:
        """Bring an entity, and the next ones that will be asked for."""
        batch = [path]
        while self._wanted and len(batch) < BATCH:
            other = self._wanted.popleft()
            if other != path:
                batch.append(other)
        self._bring_all(batch)

    def _bring_all(self, paths: Sequence[str]) -> None:
        """Bring some entities; in halves, where they are too large together."""
        try:
            found = self._by_refs([self._listed[path].ref for path in paths])
        except http.TooLarge as error:
            if len(paths) == 1:
                self._brought[paths[0]] = SourceError(str(error))
                return
            half = len(paths) // 2
            self._bring_all(paths[:half])
            self._bring_all(paths[half:])
            return
        except http.WrongStatus as error:
            if error.status != 404:
                raise self._told(error) from error
            found = [self._by_name(self._listed[path]) for path in paths]
        for path, entity in zip(paths, found, strict=True):
            self._check_name(path, entity)
            self._brought[path] = entity

    def _check_name(self, path: str, entity: Any) -> None:
        if entity is None or isinstance(entity, SourceError):
            return
        listed = _listed(entity)
        if listed is None or listed.ref != self._listed[path].ref:
            raise self._strange("the entities that were asked for")

    def _by_refs(self, wanted: Sequence[str]) -> list[Any]:
        found = self._ask("/entities/by-refs", {"entityRefs": list(wanted)})
        items = found.get("items") if isinstance(found, dict) else None
        if not isinstance(items, list) or len(items) != len(wanted):
            raise self._strange("the entities that were asked for")
        return items

    def _by_name(self, one: Listed) -> Any:
        """As an old one gives it; None where it went away."""
        parts = (quote(part, safe="") for part in (one.kind, one.namespace, one.name))
        try:
            return self._ask(f"/entities/by-name/{'/'.join(parts)}")
        except http.TooLarge as error:
            return SourceError(str(error))
        except http.WrongStatus as error:
            if error.status == 404:
                return None
            raise self._told(error) from error

    def _ask(self, path: str, question: Any = None) -> Any:
        """The JSON of an answer. Raises WrongStatus, TooLarge and SourceError."""
        url = f"{self.source.target}{API}{path}"
        whole = self.patience or _WHOLE
        left = whole - (time.monotonic() - self._began)
        if left <= 0:
            raise SourceGone(f"{self.source.target} takes longer than {whole:.0f} s.")
        try:
            answer = http.fetch(
                url,
                timeout=min(_ANSWER, left),
                authorization=authorization(self.source, url),
                ca=self.source.ca,
                question=question,
            )
        except (http.WrongStatus, http.TooLarge):
            raise
        except http.FetchError as error:
            raise SourceGone(str(error)) from error
        except SourceError as error:
            raise SourceGone(error.message, error.remedy) from error
        return self._json(answer)

    def _json(self, answer: http.Answer) -> Any:
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            start = answer.body[:200].lstrip().lower()
            if start.startswith((b"<!doctype", b"<html")):
                raise SourceGone(
                    f"{self.source.target} answers with a web page and not with JSON.",
                    "Is it the login of a proxy, or the address of its pages? Write "
                    "the address of its backend, and let Greenroom pass.",
                ) from error
            raise SourceGone(
                f"{self.source.target} answers with what is no JSON.",
                "Did the answer break off? It is asked again at the next look.",
            ) from error

    def _strange(self, wanted: str) -> SourceGone:
        return SourceGone(
            f"{self.source.target} answers, but not with {wanted}.",
            "Is it the catalog of a Backstage?",
        )

    def _told(self, error: http.WrongStatus) -> SourceGone:
        """What an error status means, and what to do."""
        home, status = self.source.target, error.status
        if status == 401 and self.source.secret:
            message = f"{home} does not take the token of {self.source.secret} (401)."
            return SourceGone(message, _REMEDY_TOKEN)
        if status == 401:
            return SourceGone(f"{home} wants a token (401).", _REMEDY_TOKEN)
        if status == 403:
            message = f"{home} does not let this token read its catalog (403)."
            return SourceGone(message, "Allow it there.")
        if status == 404:
            message = f"There is no catalog of a Backstage at {home} (404)."
            remedy = f"Write the address of its backend, without {API}."
            return SourceGone(message, remedy)
        if status == 429:
            message = f"{home} is asked too often (429)."
            return SourceGone(message, "Let the source look less often.")
        return SourceGone(str(error))


def looks_like_one(target: str) -> bool:
    """Does the address alone say that a Backstage's catalog is meant?"""
    is_web = target.startswith(("http://", "https://"))
    return is_web and target.rstrip("/").endswith(API)


def home_of(target: str) -> str:
    """The one spelling of a Backstage's address. Raises SourceError."""
    home = target.strip().partition("?")[0].partition("#")[0].rstrip("/")
    home = home.removesuffix("/entities").removesuffix(API).rstrip("/")
    try:
        http.host_and_port(home)
    except http.FetchError as error:
        raise SourceError(
            str(error), "Write its base address, such as https://backstage.lab.example."
        ) from error
    return home


def _listed(item: Any) -> Listed | None:
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(metadata, dict):
        return None
    kind, name = item.get("kind"), metadata.get("name")
    space = metadata.get("namespace") or refs.DEFAULT_NAMESPACE
    for text in (kind, name, space):
        if not isinstance(text, str) or not text:
            return None
    return Listed(str(kind), str(space), str(name), _etag_of(item))


def _etag_of(entity: Any) -> str:
    etag = entity["metadata"].get("etag")
    is_short = isinstance(etag, str) and len(etag) <= _MAX_ETAG
    return etag if is_short else ""
