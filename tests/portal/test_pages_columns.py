"""The columns of the index: in the address, kept, in files, and what they hide."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.http import QueryDict
from django.test import Client

from portal.accounts import saved_views
from portal.accounts.models import Account
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db
VERSIONS = [
    {"version": "2.0", "stage": "staging"},
    {"version": "1.4", "stage": "production"},
]


@pytest.fixture
def charlie() -> Account:
    return people.charlie()


@pytest.fixture
def viewer(charlie) -> Client:
    model = {"owner": "platform", "system": "inference", "versions": VERSIONS}
    declare(
        document("Group", "platform"),
        document("System", "inference", title="Inference", spec={"owner": "platform"}),
        document("Model", "bge", tags=["gpu", "text"], spec=model),
        document("Component", "web", title="=1+1"),
        document(
            "Component",
            "vault",
            annotations=seen_by("user:x") | {"greenroom/cost-centre": "secret-lab"},
        ),
    )
    return people.signed_in(charlie)


def heads(html: str) -> list[str]:
    """The titles of the columns."""
    head = html.partition("<thead>")[2].partition("</thead>")[0]
    cells = re.findall(r"<th[^>]*>(.*?)</th>", head, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def choice_of(html: str, key: str) -> str:
    """The line of a column in the menu."""
    return html.partition(f'id="column-{key}"')[2].partition("</label>")[0]


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    said = client.get(address).getvalue().decode()
    return list(csv.DictReader(io.StringIO(said)))


def test_the_address_chooses_in_a_fixed_order_and_forgives(viewer):
    usual = heads(page(viewer, "/catalog/?kind=Model"))
    assert usual[0] == "Name" and usual[-1] == "Changed"
    html = page(viewer, "/catalog/?kind=Model&columns=tag,nonsense,kind,version,system")
    assert heads(html) == ["Name", "Kind", "System", "Tags", "Version"]
    row = html.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "gpu" in row and "1.4" in row and "production" in row
    assert 'href="/catalog/default/system/inference/">Inference<' in row
    assert heads(page(viewer, "/catalog/?kind=Model&columns=nonsense")) == usual
    assert heads(page(viewer, "/catalog/?columns=name")) == ["Name"]


def test_a_form_without_script_leads_to_one_address(viewer):
    response = viewer.get("/catalog/?q=bge&columns=name&columns=tag&columns=kind")
    assert response.status_code == 302
    assert response["Location"] == "/catalog/?q=bge&columns=kind%2Ctag"
    html = page(viewer, response["Location"])
    form = html.partition('id="columns-fold"')[2].partition("</details>")[0]
    assert 'name="q" value="bge"' in form
    assert re.search(r'value="tag" checked', form)
    # The token of the form must never stand in an address.
    assert '<input type="hidden" name="csrfmiddlewaretoken"' not in form


def test_other_links_of_the_page_keep_the_columns(viewer):
    html = page(viewer, "/catalog/?kind=Model&columns=tag,kind")
    assert 'type="hidden" name="columns" value="tag,kind"' in html
    assert re.search(r"catalog\.csv\?kind=Model&amp;columns=kind%2Ctag", html)
    assert re.search(r'class="clear" href="\?columns=', html)


def test_a_column_that_nobody_fills_is_greyed(viewer):
    html = page(viewer, "/catalog/")
    assert "disabled" in choice_of(html, "exposure")
    assert "nobody says this yet" in choice_of(html, "exposure")
    assert "disabled" not in choice_of(html, "tag")
    assert "nobody says" not in choice_of(html, "version")


def test_what_only_the_hidden_say_is_said_by_nobody(viewer):
    html = page(viewer, "/catalog/?columns=cost-centre")
    assert "nobody says this yet" in choice_of(html, "cost-centre")
    assert "secret-lab" not in html
    assert "secret-lab" not in str(
        rows_of(viewer, "/catalog/catalog.csv?columns=cost-centre")
    )
    admin = people.signed_in(people.alice())
    html = page(admin, "/catalog/?columns=cost-centre")
    assert "nobody says" not in choice_of(html, "cost-centre")
    assert "secret-lab" in html


def test_the_file_has_the_columns_of_the_address(viewer):
    usual = rows_of(viewer, "/catalog/catalog.csv?kind=Model")[0]
    assert list(usual) == [
        "ref", "title", "description", "type", "owner", "lifecycle", "system", "tier",
        "data_class", "exposure", "cost_centre",
    ]  # fmt: skip
    chosen = rows_of(
        viewer, "/catalog/catalog.csv?kind=Model&columns=version,tag,source"
    )
    assert list(chosen[0]) == ["ref", "title", "tag", "version", "source"]
    assert chosen[0]["tag"] == "gpu text"
    assert chosen[0]["version"] == "1.4 production"
    live = viewer.get("/catalog/catalog.csv?columns=status,latency,changed")
    assert "ETag" not in live
    assert "component:default/web" in live.getvalue().decode()
    assert "ETag" in viewer.get("/catalog/catalog.csv?columns=tag")


def test_a_saved_view_keeps_them():
    kept = saved_views.kept(QueryDict("kind=API&columns=zzz,tag&columns=kind"))
    assert kept == "kind=API&columns=kind%2Ctag"
    assert ("Columns", "Name, Kind, Tags") in saved_views.parts(kept)
    assert saved_views.kept(QueryDict("columns=tag")) == ""


def test_an_account_keeps_its_choice_until_it_goes_back(viewer, charlie):
    usual = heads(page(viewer, "/catalog/"))
    posted = {"columns": ["name", "tag", "kind"], "kind": "Model", "sort": "kind"}
    response = viewer.post("/catalog/columns/", posted)
    assert response["Location"] == "/catalog/?kind=Model&sort=kind"
    html = page(viewer, response["Location"])
    assert heads(html) == ["Name", "Kind", "Tags"]
    assert "Back to the usual columns" in html
    assert heads(page(viewer, "/catalog/?columns=owner")) == ["Name", "Owner"]
    # Others see the table as they did.
    assert heads(page(people.signed_in(people.alice()), "/catalog/")) == usual
    assert "columns=kind%2Ctag" in page(viewer, "/catalog/")
    viewer.post("/catalog/columns/usual/", {"columns": ["tag"]})
    assert heads(page(viewer, "/catalog/")) == usual
    assert "Back to the usual columns" not in page(viewer, "/catalog/")


def test_keeping_needs_a_login_and_the_token(viewer, charlie, settings):
    settings.GREENROOM_PUBLIC = True
    stranger = Client()
    assert "Show always" not in stranger.get("/catalog/").content.decode()
    answer = stranger.post("/catalog/columns/", {"columns": "tag"})
    assert answer["Location"].startswith("/login/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(charlie)
    assert strict.post("/catalog/columns/", {"columns": "tag"}).status_code == 403
    assert viewer.get("/catalog/columns/").status_code == 405
