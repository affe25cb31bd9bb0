"""Several programs at once: one of them changes it, the others are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from catalog.entities.models import Revision
from portal.accounts import tokens
from portal.accounts.models import ApiToken
from tests import people
from tests.catalog.documents import declare, document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]
ADDRESS = "/api/v1/entities/component/default/web"


def test_an_entity_is_taken_away_once():
    _, text = tokens.make(people.bob(), "cli", ApiToken.WRITE, 0)

    def delete(_: int) -> int:
        client = Client(headers={"Authorization": f"Bearer {text}"})
        try:
            return client.delete(ADDRESS).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        for turn in range(1, 6):
            declare(document(name="web", title=f"Turn {turn}"))
            assert sorted(pool.map(delete, range(4))) == [204, 404, 404, 404]
            assert Revision.objects.filter(action=Revision.REMOVED).count() == turn
