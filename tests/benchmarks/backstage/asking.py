"""One connection that stays open, over which both are asked by the same code."""

from __future__ import annotations

import contextlib
import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from tests.benchmarks.backstage.questions import Question

PATIENCE = 300.0


class NoAnswer(Exception):
    """It did not answer, or not with what was asked for; the message says what."""


@dataclass
class Door:
    """Where one of them is asked, and as whom; `known` is the ETag of what is there."""

    port: int
    token: str
    known: str = ""
    _open: http.client.HTTPConnection | None = field(default=None, repr=False)

    def ask(self, question: Question, **headers: str) -> http.client.HTTPResponse:
        """The answer, whatever it says; its body is still to be read."""
        if self._open is not None:
            # Node hangs up after five seconds of silence.
            with contextlib.suppress(http.client.RemoteDisconnected, ConnectionError):
                return self._asked(self._open, question, headers)
        self._open = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE
        )
        return self._asked(self._open, question, headers)

    def _asked(
        self,
        connection: http.client.HTTPConnection,
        question: Question,
        headers: Mapping[str, str],
    ) -> http.client.HTTPResponse:
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        if self.known:
            sent["If-None-Match"] = self.known
        if question.body:
            sent.setdefault("Content-Type", "application/json")
        body = question.body or None
        connection.request(question.method, question.path, body, sent)
        return connection.getresponse()

    def get(self, question: Question) -> bytes:
        """The body of an answer that has to be well. Raises NoAnswer."""
        answer = self.ask(question)
        body = answer.read()
        wanted = HTTPStatus.NOT_MODIFIED if self.known else HTTPStatus.OK
        if answer.status != wanted:
            said = body[:200].decode(errors="replace")
            raise NoAnswer(f"{question.path} said {answer.status}: {said}")
        return body

    def first(self, question: Question, limit: float = PATIENCE) -> bytes:
        """Ask until there is an answer, as somebody who waits for a start."""
        end = time.monotonic() + limit
        while True:
            try:
                return self.get(question)
            except (OSError, http.client.HTTPException, NoAnswer) as error:
                self.close()
                if time.monotonic() > end:
                    raise NoAnswer(f"no answer in {limit:.0f} s: {error}") from error
            time.sleep(0.02)

    def close(self) -> None:
        """Hang up; the next question connects anew."""
        if self._open is not None:
            self._open.close()
            self._open = None
