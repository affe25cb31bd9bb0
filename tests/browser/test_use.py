"""What a person does: filter, find, follow, read, paste, and see a saved file."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import EXAMPLE, House, wait_for

MODEL = "/catalog/default/model/customer-summarization/"
PASTED = """apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: pasted-by-hand
spec:
  type: service
  lifecycle: production
  owner: platform
"""


def test_filters_narrow_the_index_and_live_in_the_address(house: House) -> None:
    page = house.open("/catalog/").page
    everything = page.locator("tbody tr").count()
    page.get_by_role("checkbox", name="model-server").check()
    page.wait_for_url("**type=model-server**")
    expect(page.locator(".chip")).to_have_count(1)
    assert 0 < page.locator("tbody tr").count() < everything
    page.reload()
    expect(page.get_by_role("checkbox", name="model-server")).to_be_checked()
    page.go_back()
    expect(page.locator(".chip")).to_have_count(0)


def test_the_index_works_without_script(house: House) -> None:
    page = house.open("/catalog/", script=False).page
    everything = page.locator("tbody tr").count()
    page.get_by_role("checkbox", name="model-server").check()
    page.get_by_role("button", name="Apply").first.click()
    assert "type=model-server" in page.url
    assert 0 < page.locator("tbody tr").count() < everything


def test_from_a_row_to_an_entity_and_along_its_relations(house: House) -> None:
    page = house.open("/catalog/?q=customer+summarization").page
    page.locator("tbody").get_by_role("link", name="Customer summarization").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customer")
    page.locator("svg.graph a", has_text="vLLM on Mac Studio").click()
    page.wait_for_url(lambda url: MODEL not in url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_palette_finds_and_opens_by_keyboard(house: House) -> None:
    page = house.open("/").page
    page.keyboard.press("Control+k")
    page.keyboard.type("whisper")
    expect(page.locator("[role=option]").first).to_contain_text("hisper")
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalog/**")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_the_palette_goes_through_groups_by_keyboard(house: House) -> None:
    page = house.open("/catalog/?kind=Model").page
    page.keyboard.press("Control+k")
    palette = page.locator("#palette")
    expect(palette.locator(".palette-hint")).to_be_visible()
    expect(palette.get_by_role("group", name="Commands")).to_contain_text("Sign out")
    page.keyboard.type("metrics")
    expect(palette.get_by_role("group", name="Pages")).to_contain_text("Metrics")
    page.locator("#palette input").fill("refresh")
    command = palette.get_by_role("option", name="Refresh source").first
    expect(command).to_be_visible()
    while command.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings/sources/*/**")
    page.goto("/catalog/?kind=Model")
    page.keyboard.press("Control+k")
    page.keyboard.type("save this view")
    page.keyboard.press("Enter")
    expect(page.locator("#save-view-title")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("dark theme")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def typing(house: House) -> Page:
    """The list, in a time that stands still until a test lets it run."""
    page = house.open("/").page
    page.clock.install(time=0)
    page.goto("/catalog/")
    page.clock.pause_at(60_000)
    return page


def type_on(page: Page, text: str) -> None:
    """Type, and wait until the list was asked for. No pause passes meanwhile."""
    with page.expect_response(lambda answer: "/catalog/?" in answer.url):
        page.locator("#q").press_sequentially(text)
        page.clock.run_for(400)
    page.wait_for_timeout(300)
    page.clock.run_for(50)  # htmx settles what it put there.


def test_half_a_query_is_no_mistake_while_somebody_types(house: House) -> None:
    page = typing(house)
    type_on(page, "kind:model")
    number = page.locator("#catalog h2").first
    expect(number).to_have_text("6 entities")
    type_on(page, " AND (")
    expect(page.locator(".wrong")).to_have_count(0)
    expect(number).to_have_text("6 entities")
    # It becomes a query again: nothing is ever said.
    type_on(page, "llm)")
    page.clock.run_for(3000)
    expect(page.locator(".wrong")).to_have_count(0)
    type_on(page, " AND")
    expect(page.locator(".wrong")).to_have_count(0)
    page.clock.run_for(1300)  # A pause.
    expect(page.locator(".wrong")).to_be_visible()
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("kind:model AND (llm) AND")


def test_a_wrong_query_is_told_when_it_is_sent(house: House) -> None:
    page = typing(house)
    type_on(page, "tag:")
    expect(page.locator(".wrong")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".wrong")).to_be_visible()


def test_a_wrong_query_is_told_when_the_box_is_left(house: House) -> None:
    page = typing(house)
    type_on(page, "tag:")
    expect(page.locator(".wrong")).to_have_count(0)
    page.locator("#q").blur()
    page.clock.run_for(50)
    expect(page.locator(".wrong")).to_be_visible()


def test_columns_are_chosen_without_script(house: House) -> None:
    page = house.open("/catalog/?kind=Model", script=False).page
    page.locator("#columns-fold summary").click()
    page.get_by_role("checkbox", name="Tags").check()
    page.get_by_role("checkbox", name="Lifecycle").uncheck()
    page.get_by_role("button", name="Show", exact=True).click()
    assert "kind=Model" in page.url and "tag" in page.url and "csrf" not in page.url
    expect(page.locator("thead th.col-tag")).to_be_visible()
    expect(page.locator("thead th.col-lifecycle")).to_have_count(0)


def test_the_theme_is_kept(house: House) -> None:
    page = house.open("/").page
    for _ in range(3):
        page.locator("[data-theme-toggle]").click()
        if page.locator("html").get_attribute("data-theme") == "dark":
            break
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_paste_preview_take(house: House) -> None:
    page = house.open("/settings/sources/paste/").page
    page.locator("textarea").fill(PASTED)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("main")).to_contain_text("pasted-by-hand")
    page.get_by_role("button", name="Add to the catalog").click()
    page.goto("/catalog/default/component/pasted-by-hand/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("pasted-by-hand")


def test_a_saved_file_shows(house: House, tmp_path: Path) -> None:
    file = tmp_path / "catalog-info.yaml"
    text = PASTED.replace("pasted-by-hand", "watched-file")
    file.write_text(text, "utf-8")
    page = house.open("/settings/sources/add/").page
    page.locator("input[name=target]").fill(str(tmp_path))
    page.locator("main form button[type=submit]").first.click()
    add = page.get_by_role("button", name="Add")
    if add.count():
        add.first.click()
    address = "/catalog/default/component/watched-file/"
    wait_for(page, lambda: page.request.get(address).ok, "the first import")
    page.wait_for_timeout(1500)  # the watcher looks for new sources every second
    file.write_text(text.replace("metadata:", "metadata:\n  title: Seen"), "utf-8")
    page.wait_for_timeout(2000)
    assert "Seen" in page.request.get(address).text()


def test_an_open_page_notices_that_the_catalog_changed(house: House) -> None:
    page = house.open("/catalog/?q=noticed").page
    chip = page.get_by_role("button", name="The catalog changed")
    page.wait_for_timeout(500)  # it has asked for the number once
    expect(chip).to_be_hidden()
    other = house.open("/settings/sources/paste/").page
    other.locator("textarea").first.fill(PASTED.replace("pasted-by-hand", "noticed"))
    other.get_by_role("button", name="Add to the catalog").click()
    expect(chip).to_be_visible(timeout=10_000)
    page.locator("#q").focus()
    chip.click()
    expect(page.locator(".entity-link", has_text="noticed")).to_be_visible()
    expect(page.locator("#q")).to_have_value("noticed")
    expect(chip).to_be_hidden()


def test_the_example_is_marked(house: House) -> None:
    page = house.open("/welcome/").page
    assert Path(EXAMPLE).exists()
    expect(page.locator("main")).to_contain_text("example")
