"""The HTML report in a real browser: it renders without a word on the console, sorts, filters, fits, can be read, and
runs nothing that a stranger wrote. Screenshots go to target/screenshots/, for people to look at."""

from __future__ import annotations

import base64
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
from report_browser import DESKTOP, PHONE, Page, chromium

PAGES = ["empty", "small", "large", "hostile"]
SCREENSHOTS = REPOSITORY / "target" / "screenshots"
NAME, KIND, IDLE = 2, 3, 5

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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["empty", "small", "hostile"])
def test_its_text_stands_out(browser, folder, name, scheme):
    assert Page(browser, folder / f"{name}.html", scheme=scheme).run(LOW_CONTRAST) == []


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


def test_filters_narrow_the_table_and_count_what_is_left(browser, folder):
    page = Page(browser, folder / "small.html")
    all_rows = len(page.column(NAME))
    shown = page.find("#shown")
    assert shown.text == f"{all_rows} of {all_rows} shown"

    Select(page.find("#filter-kind")).select_by_visible_text("access key")
    assert set(page.column(KIND)) == {"access key"}
    assert shown.text == f"{len(page.column(KIND))} of {all_rows} shown"

    Select(page.find("#filter-kind")).select_by_index(0)
    page.find("#filter-text").send_keys("LEDGER payments")
    some = page.column(NAME)
    assert 0 < len(some) < all_rows
    account = Select(page.find("#filter-account"))
    account.select_by_index(1)
    assert len(page.column(NAME)) < len(some)

    page.find("#filter-text").send_keys("nobody has this")
    assert page.column(NAME) == []
    assert shown.text == f"0 of {all_rows} shown"


def test_many_keys_are_cut_with_a_count_and_still_filter(browser, folder):
    page = Page(browser, folder / "large.html")
    assert len(page.column(NAME)) == 5_000
    assert "5000 of 6,565 are shown here; the 1,565 others" in page.run(
        "return document.querySelector('main').textContent"
    )
    page.find("#filter-text").send_keys("ledger-00")
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
    for field in ["#filter-kind", "#filter-account"]:
        Select(page.find(field)).select_by_index(2)
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
