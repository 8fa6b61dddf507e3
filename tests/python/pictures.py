"""Takes the pictures of the README: the demo's HTML report, on a desk by day and by night, and on a phone; and how it
has changed from night to night."""

from __future__ import annotations

import sys
from pathlib import Path

from report_browser import Page, chromium

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
# What a README can carry.
LARGEST_BYTES = 200_000


def main(report: Path) -> None:
    with chromium() as browser:
        for scheme in ["light", "dark"]:
            Page(browser, report, width=1280, scheme=scheme).screenshot(
                PICTURES / f"report-{scheme}.png", most=1480, scale=0.7
            )
            Page(browser, report, width=1280, scheme=scheme).screenshot(
                PICTURES / f"trend-{scheme}.png", most=640, scale=0.7, section="#trend"
            )
        Page(browser, report, width=390, scheme="dark").screenshot(PICTURES / "report-phone.png", most=1052)
    for picture in PICTURES.glob("*.png"):
        size = picture.stat().st_size
        print(f"{picture.name}: {size:,} bytes")
        assert size < LARGEST_BYTES


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
