"""The HTML report in Chromium."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By

PHONE, DESKTOP, WIDE = 390, 1280, 1720
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser that nobody sees."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Named, so that Selenium looks for neither on the network.
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    # axe-core goes through every element, which takes its time where processors are shared.
    driver.set_script_timeout(180)
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """A report in the browser."""

    def __init__(self, browser: webdriver.Chrome, file: Path, width: int = DESKTOP, scheme: str = "light") -> None:
        self.browser = browser
        self.width = width
        self.resize(900)
        self.emulate(scheme=scheme)
        browser.get_log("browser")
        browser.get(file.as_uri())

    def resize(self, height: int) -> None:
        size = {"width": self.width, "height": height, "deviceScaleFactor": 1, "mobile": self.width < 500}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def emulate(self, medium: str = "", scheme: str = "light") -> None:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": features})

    def run(self, script: str) -> Any:
        return self.browser.execute_script(script)

    def find(self, selector: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def column(self, number: int) -> list[str]:
        """The cells of a column of the flagged keys that are shown, from top to bottom."""
        return self.run(
            "return [...document.querySelectorAll('#key-table tbody tr:not([hidden])')]"
            f".map((row) => row.cells[{number}].textContent.trim())"
        )

    def header(self, number: int) -> Any:
        return self.find(f"#key-table thead th:nth-child({number + 1})")

    def screenshot(self, file: Path, most: int = 6000, scale: float = 1, section: str = "") -> None:
        """The page from its top to its end, or to where nobody would scroll; or as much from a section on."""
        height = self.run("return document.documentElement.scrollHeight")
        height = height if section else min(height, most)
        # Rows that are out of sight are not drawn, and those that come into sight are soon after.
        self.resize(height)
        self.browser.execute_async_script("requestIdleCallback(() => requestAnimationFrame(arguments[0]))")
        top = self.run(f"return document.querySelector('{section}').getBoundingClientRect().top - 24") if section else 0
        clip = {"x": 0, "y": top, "width": self.width, "height": min(height, most), "scale": scale}
        png = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": clip})
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(png["data"]))
