"""The HTML report in a real browser: it renders without a word on the console, sorts, filters, fits, can be read,
copied and linked to, and runs nothing that a stranger wrote. Screenshots go to target/screenshots/, for people to look
at."""

from __future__ import annotations

import base64
import csv
import io
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from conftest import REPOSITORY, built
from report_browser import DESKTOP, PHONE, WIDE, Page, chromium

PAGES = ["empty", "small", "large", "hostile"]
SCREENSHOTS = REPOSITORY / "target" / "screenshots"
NAME, ACCOUNT, KIND, OWNER, IDLE, TODO = 0, 1, 2, 3, 4, 8
AXE = REPOSITORY / "target" / "axe" / "axe_playwright_python" / "axe.min.js"

# Text whose contrast with what is behind it is too low for WCAG's level AA.
LOW_CONTRAST = """
const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const parsed = (css) => css.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parsed(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const low = [];
for (const element of document.body.querySelectorAll("*")) {
  const hasText = [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
  const isSeen = element.checkVisibility() && !element.closest(".unseen, script, option");
  if (!hasText || !isSeen) continue;
  const style = getComputedStyle(element);
  const text = luminance(parsed(element.closest("svg") ? style.fill : style.color));
  const back = luminance(behind(element));
  const contrast = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05);
  if (contrast < 4.5) low.push(`${contrast.toFixed(2)} ${element.outerHTML.slice(0, 80)}`);
}
return low;
"""

# What is wider than its place, but for the map of Regions, whose accounts stay where they are while it is scrolled.
CUT = """
const tables = ".scroll:not(.fit), .scroll:not(.fit) :is(th, td)";
const places = document.querySelectorAll(`${tables}, .numbers > div, figure, label`);
const cut = [...places].filter((place) => place.checkVisibility() && place.scrollWidth > place.clientWidth + 1);
return cut.map((place) => `${place.scrollWidth} in ${place.clientWidth}: ${place.outerHTML.slice(0, 100)}`);
"""

# Words of ours that are on two lines.
BROKEN_WORDS = """
const broken = [];
const ours = "thead button, td:nth-child(3), td:nth-child(7), td:nth-child(8), td:nth-child(9)";
for (const cell of document.querySelectorAll(ours.split(", ").map((of) => `#key-table ${of}`).join(", "))) {
  if (!cell.checkVisibility()) continue;
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    for (const { 0: word, index } of texts.currentNode.data.matchAll(/[^\\s-]+/g)) {
      const range = new Range();
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (range.getClientRects().length > 1) broken.push(word);
    }
  }
}
return broken;
"""

# How many tiles are in each row of each group of them.
TILES = """
return [...document.querySelectorAll(".numbers")].map((group) => {
  const rows = new Map();
  for (const tile of group.children) rows.set(tile.offsetTop, (rows.get(tile.offsetTop) ?? 0) + 1);
  return [...rows.values()];
});
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    with chromium() as driver:
        yield driver


@pytest.fixture(scope="module")
def folder() -> Path:
    """Reports of made-up organizations."""
    folder = REPOSITORY / "target" / "html"
    subprocess.run([built("KEYCENSUS_REPORT_PAGE", "examples/report_page"), folder], check=True)
    return folder


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize(
    ("name", "scheme"),
    [("empty", "light"), ("small", "light"), ("small", "dark"), ("large", "light"), ("hostile", "dark")],
)
def test_it_renders_without_complaint_and_fits(browser, folder, name, width, scheme):
    page = Page(browser, folder / f"{name}.html", width, scheme)
    page.screenshot(SCREENSHOTS / f"{name}-{width}-{scheme}.png")
    assert browser.get_log("browser") == []
    assert page.run("return performance.getEntriesByType('resource').length") == 0
    assert page.run("return document.documentElement.scrollWidth") == width
    background = page.run("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in background.strip("rgb()").split(","))
    assert (brightness < 150) if scheme == "dark" else (brightness > 700)


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_command_is_not_broken_within_its_region(browser, folder, width):
    page = Page(browser, folder / "small.html", width)
    lines = page.run(
        "return [...document.querySelectorAll('[data-label=\"What to do\"] .ours')]"
        ".filter(word => word.textContent.startsWith('eu-')).map(word => word.getClientRects().length)"
    )
    assert lines
    assert set(lines) == {1}


@pytest.mark.parametrize("width", [PHONE, 768, 1024, DESKTOP, WIDE])
@pytest.mark.parametrize("name", ["empty", "small", "hostile"])
def test_nothing_is_cut_and_no_tile_is_alone_in_its_row(browser, folder, name, width):
    page = Page(browser, folder / f"{name}.html", width)
    assert page.run("return document.documentElement.scrollWidth") == width
    assert page.run(CUT) == []
    for rows in page.run(TILES):
        assert len(rows) == 1 or rows[-1] > 1, rows


@pytest.mark.parametrize("width", [PHONE, 1024, DESKTOP, WIDE])
def test_no_word_of_ours_in_the_table_of_flagged_keys_is_broken(browser, folder, width):
    page = Page(browser, folder / "small.html", width)
    assert "GenerateDataKey" in page.run("return document.getElementById('key-table').textContent")
    assert page.run(BROKEN_WORDS) == []


def test_what_to_do_comes_before_pictures_and_statistics(browser, folder):
    page = Page(browser, folder / "small.html")
    sections = page.run("return [...document.querySelectorAll('main h2')].map((heading) => heading.id)")
    first = ["numbers", "needed", "changes", "keys", "root", "credentials", "trend", "idle", "accounts", "cost", "map"]
    assert [section for section in sections if section in first] == first
    assert sections.index("map") < sections.index("gaps")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["empty", "small", "hostile"])
def test_its_text_stands_out(browser, folder, name, scheme):
    assert Page(browser, folder / f"{name}.html", scheme=scheme).run(LOW_CONTRAST) == []


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["empty", "small", "hostile"])
def test_axe_finds_no_barrier(browser, folder, name, scheme, width):
    page = Page(browser, folder / f"{name}.html", width, scheme)
    page.run(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script("axe.run(document).then(arguments[0])")
    assert found["passes"], "it has looked"
    told = [(one["impact"], one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]]
    assert told == []


@pytest.mark.parametrize("name", PAGES)
def test_its_structure_can_be_heard(browser, folder, name):
    page = Page(browser, folder / f"{name}.html")
    levels = page.run("return [...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.localName[1]))")
    assert levels[0] == 1 and all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert page.run("return [...document.querySelectorAll('table')].every((t) => t.caption)")
    assert page.run("return [...document.querySelectorAll('th')].every((th) => th.scope)")
    assert page.run("return [...document.querySelectorAll('input,select')].every((field) => field.labels.length)")
    assert page.run(
        "return [...document.querySelectorAll('a[href^=\"#\"]')].every((a) => document.querySelector(a.hash))"
    )


def test_a_click_on_a_header_sorts_and_another_turns_it_around(browser, folder):
    page = Page(browser, folder / "small.html")
    idle = [int(days) for days in page.column(IDLE)]
    assert idle == sorted(idle, reverse=True) and len(set(idle)) > 10
    assert page.header(IDLE).get_attribute("aria-sort") == "descending"

    page.header(IDLE).find_element(By.TAG_NAME, "button").click()
    assert [int(days) for days in page.column(IDLE)] == sorted(idle)
    assert page.header(IDLE).get_attribute("aria-sort") == "ascending"

    page.header(NAME).find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    names = page.column(NAME)
    assert page.header(NAME).get_attribute("aria-sort") == "ascending"
    assert page.header(IDLE).get_attribute("aria-sort") is None
    page.header(NAME).find_element(By.TAG_NAME, "button").send_keys(Keys.SPACE)
    assert page.column(NAME) == names[::-1]


def test_where_there_are_no_headers_a_choice_sorts(browser, folder):
    page = Page(browser, folder / "small.html", PHONE)
    assert not page.header(IDLE).is_displayed()
    idle = page.column(IDLE)
    Select(page.find("#sort")).select_by_visible_text("Name and key ID")
    assert page.column(IDLE) != idle
    Select(page.find("#sort")).select_by_visible_text("Idle days")
    assert page.column(IDLE) == idle


def test_filters_narrow_the_table_and_count_what_is_left(browser, folder):
    page = Page(browser, folder / "small.html")
    all_rows = len(page.column(NAME))
    shown = page.find("#shown")
    assert shown.text == f"{all_rows} of {all_rows} shown"

    for kind in ["access key", "password", "secret"]:
        Select(page.find("#filter-kind")).select_by_visible_text(kind)
        assert page.column(KIND) and all(cell.startswith(kind) for cell in page.column(KIND))
        assert shown.text == f"{len(page.column(KIND))} of {all_rows} shown"

    Select(page.find("#filter-kind")).select_by_index(0)
    page.find("#filter-contains").send_keys("LEDGER payments")
    some = page.column(NAME)
    assert 0 < len(some) < all_rows
    account = Select(page.find("#filter-account"))
    account.select_by_index(1)
    assert len(page.column(NAME)) < len(some)

    page.find("#filter-contains").send_keys("nobody has this")
    assert page.column(NAME) == []
    assert shown.text == f"0 of {all_rows} shown"


def test_a_filter_is_in_the_address_and_can_be_linked_to(browser, folder):
    file = folder / "small.html"
    page = Page(browser, file)
    all_rows = len(page.column(NAME))
    Select(page.find("#filter-owner")).select_by_visible_text("payments")
    Select(page.find("#filter-todo")).select_by_visible_text("check dependents")
    rows = page.column(NAME)
    assert 0 < len(rows) < all_rows and set(page.column(OWNER)) == {"payments"}
    address = browser.current_url
    assert address.endswith("#owner=payments&todo=check+dependents")

    linked = Page(browser, folder / "empty.html")
    linked.browser.get(address)
    assert linked.column(NAME) == rows
    assert Select(linked.find("#filter-owner")).first_selected_option.text == "payments"
    assert 0 <= linked.run("return document.getElementById('keys').getBoundingClientRect().top") < 100

    # An owner without flagged keys has none, and not all.
    browser.get(f"{file.as_uri()}#owner=nobody")
    browser.refresh()
    assert linked.column(NAME) == []
    assert linked.find("#shown").text == f"0 of {all_rows} shown"
    # A link within the page is no filter.
    browser.get(f"{file.as_uri()}#idle")
    browser.refresh()
    assert len(linked.column(NAME)) == all_rows


def copied(browser: webdriver.Chrome, page: Page) -> list[dict[str, str]]:
    """What is on the clipboard after a click on the button."""
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.execute_cdp_cmd("Browser.grantPermissions", {"permissions": permissions})
    page.find("#copy").click()
    text = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_is_shown_is_copied_as_csv(browser, folder):
    page = Page(browser, folder / "small.html")
    Select(page.find("#filter-owner")).select_by_visible_text("payments")
    page.header(NAME).find_element(By.TAG_NAME, "button").click()
    rows = copied(browser, page)
    assert page.find("#copied").text == f"{len(rows)} keys copied"
    assert [row["name"] + row["key_id"] for row in rows] == [
        name.removeprefix("no alias") for name in page.column(NAME)
    ]
    assert {row["owner"] for row in rows} == {"payments"}
    assert [row["idle_days"] for row in rows] == page.column(IDLE)
    assert list(rows[0]) == [
        "name",
        "key_id",
        "account_name",
        "account_id",
        "kind",
        "region",
        "owner",
        "idle_days",
        "age_days",
        "last_use",
        "last_operation",
        "verdict",
        "detail",
        "what_to_do",
        "advice",
        "monthly_cost_usd",
    ]


def test_what_a_spreadsheet_would_run_is_copied_as_text(browser, folder):
    rows = copied(browser, Page(browser, folder / "hostile.html"))
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell for cell in cells if cell.startswith("'=HYPERLINK(")]


def test_many_keys_are_cut_with_a_count_and_still_filter(browser, folder):
    page = Page(browser, folder / "large.html")
    assert len(page.column(NAME)) == 5_000
    text = page.run("return document.querySelector('main').textContent")
    assert re.search(r"5,000 of \d,\d{3} are shown here; the [\d,]+ others", text)
    page.find("#filter-contains").send_keys("ledger-00")
    assert 0 < len(page.column(NAME)) < 500


def test_what_strangers_wrote_is_shown_and_does_not_run(browser, folder):
    page = Page(browser, folder / "hostile.html")
    # An alert would have made the next command fail.
    assert page.run("return window.__pwned") is None
    assert page.run("return document.querySelectorAll('script').length") == 1
    assert page.run("return document.querySelectorAll('img,iframe,object,embed,form[action]').length") == 0
    attributes = page.run("return [...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames())")
    assert not [name for name in attributes if name == "style" or name.startswith("on")]
    assert any("<script>window.__pwned = true; alert(1)</script>" in name for name in page.column(NAME))
    links = page.run("return [...document.querySelectorAll('main a')].map((a) => new URL(a.href).host)")
    assert links and all(host.endswith(".console.aws.amazon.com") for host in links)
    for field in ["#filter-kind", "#filter-account", "#filter-owner", "#filter-todo"]:
        Select(page.find(field)).select_by_index(1)
    assert page.run("return window.__pwned") is None


def test_on_paper_it_is_whole_and_without_controls(browser, folder):
    page = Page(browser, folder / "small.html")
    page.emulate(medium="print")
    assert not page.find("#filters").is_displayed() and not page.find("nav").is_displayed()
    cut = "[...document.querySelectorAll('.scroll')].filter((s) => s.scrollHeight > s.clientHeight + 1).length"
    assert page.run(f"return {cut}") == 0
    pdf = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    (SCREENSHOTS / "small.pdf").write_bytes(base64.b64decode(pdf["data"]))
