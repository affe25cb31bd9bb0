"""The same thing has the same number everywhere, and sentences say what is so."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from catalog.entities.models import Entity
from tests import people
from tests.catalog.documents import declare, document
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db
WEB = "/catalog/default/component/web/"


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


def flat(client: Client, address: str) -> str:
    return " ".join(page(client, address).split())


def test_welcome_counts_as_home_does(admin):
    assert "only you and your team" in page(admin, "/welcome/")
    declare(document("User", "eve"))
    assert "only people and their teams" in page(admin, "/welcome/")
    declare(document())
    total = Entity.objects.count()
    html = page(admin, "/welcome/")
    assert "Begin empty" not in html
    assert f"{total} entities are in the catalog" in html
    assert f'{total}</span></h2> <a href="/catalog/">Browse' in flat(admin, "/")


def test_home_counts_findings_and_the_catalog_counts_entities(admin):
    declare(document(spec={"owner": "gone", "dependsOn": ["resource:x"]}))
    assert "2 findings; one entity can have several." in flat(admin, "/")
    html = flat(admin, "/catalog/")
    assert "Entities that need attention" in html
    assert re.search(r'class="kpi-value">\s*1<small> of 2', html)


def test_dependencies_have_one_number_for_the_tab_and_the_page(admin):
    declare(
        document(spec={"dependsOn": ["component:b", "component:gone"]}),
        document(name="b", spec={"dependsOn": ["component:c", "component:web"]}),
        document(name="c"),
        document("System", "s", spec={}),
        document(name="d", spec={"dependsOn": ["component:web"], "system": "s"}),
        document("API", "a"),
        document(name="e", spec={"consumesApis": ["a"], "providesApis": ["a"]}),
    )
    for ref in ("component/web", "component/b", "api/a", "system/s", "component/e"):
        html = flat(admin, f"/catalog/default/{ref}/dependencies/")
        tab = re.search(r'/dependencies/"[^>]*>Dependencies\D*?(\d+)<', html)
        cards = re.findall(r'id="need\w+(?:-by)?-h">[^<]*<[^>]*>(\d+)<', html)
        assert tab and len(cards) == 2, ref
        assert int(tab[1]) == sum(map(int, cards)), ref
    assert "3 in all" in flat(admin, f"{WEB}dependencies/")


def test_no_match_by_filters_alone_does_not_talk_of_words(admin):
    declare(document())
    html = flat(admin, "/catalog/?kind=Model&lifecycle=retired")
    assert "No entity matches" in html
    assert "Every word" not in html
    assert "Nothing has Kind: Model, Lifecycle: retired." in html
    html = flat(admin, "/catalog/?q=kind:model")
    assert "Nothing has kind:model." in html
    assert "Every word" not in html
    html = flat(admin, "/catalog/?q=kind:model+zz")
    assert "the words “zz” and kind:model." in html
    assert "Every word" in html


def test_every_sort_is_reachable_where_columns_are_hidden(admin):
    html = page(admin, "/catalog/?sort=-changed&kind=User")
    fold = html[html.index('<details class="sort-fold"') :].partition("</details>")[0]
    for key in ("title", "owner", "lifecycle", "-changed", "changed"):
        assert f"sort={key}" in fold
    assert "kind=User" in fold
    assert fold.count("aria-current") == 1


def test_filters_are_applied_without_script_from_the_top_too(admin):
    declare(document())
    form = page(admin, "/catalog/").partition('id="filter-form"')[2]
    assert form.index('class="btn apply"') < form.index("<fieldset")
