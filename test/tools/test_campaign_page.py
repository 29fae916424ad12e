#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""report.html in a real browser: headless Chromium, driven by chromedriver (the WebDriver protocol over HTTP).

The variables FLOWBIND_SIM and FLOWBIND_STATS name the programs. Where Chromium is not installed, what needs it is
skipped.
"""

import base64
import html.parser
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import campaign_world as world
from campaign_world import Skipped, run, write


class Browser:
    """A session of chromedriver."""

    def __init__(self):
        for program in ("chromium", "chromedriver"):
            if not shutil.which(program):
                raise Skipped(f"there is no {program} here (apt-get install chromium chromium-driver)")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}/session"
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1300,900",
                 f"--user-data-dir={os.path.abspath('profile')}"]
        wanted = {"browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                  "goog:chromeOptions": {"args": words, "binary": shutil.which("chromium")}}
        end = time.monotonic() + 60
        while True:
            try:
                self.url += "/" + self.ask("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
                return
            except urllib.error.HTTPError as error:
                self.driver.kill()
                raise AssertionError(error.read().decode()) from error
            except urllib.error.URLError:
                if time.monotonic() > end:
                    self.driver.kill()
                    raise
                time.sleep(0.1)

    def ask(self, path, body=None, method="POST"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def do(self, script):
        """What a piece of JavaScript returns."""
        return self.ask("/execute/sync", {"script": script, "args": []})

    def log(self, kind):
        return self.ask("/se/log", {"type": kind})

    def open(self, path):
        self.ask("/url", {"url": "file://" + urllib.request.pathname2url(os.path.abspath(path))})

    def close(self):
        try:
            self.ask("", method="DELETE")
        finally:
            self.driver.terminate()
            self.driver.wait()


class References(html.parser.HTMLParser):
    """What a page would fetch."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            fetched = name in ("src", "href", "xlink:href", "action", "data")
            if fetched and value and not value.startswith(("#", "data:")):
                self.found.append((tag, name, value))


def make_pages():
    write("<b>.yaml", "# a policy <script>alert(1)</script>\n" + world.OTHER)
    run("compare", "s.yaml", "--policy", "scenario", "--policy", "<b>.yaml", "--runs", "3", "--out", "compare")
    run("sweep", "c.yaml", "--out", "sweep")


def check_page(browser, path):
    text = world.read(path)
    assert not References(text).found, References(text).found
    assert not re.search(r"@import|url\((?!#|\"data:|'data:)", text)
    names = re.findall(r"""\bid=['"]([^'"]+)""", text)
    assert len(names) == len(set(names)), "two things of the page have the same name"
    browser.log("performance")
    browser.open(path)
    fetched = [json.loads(line["message"])["message"] for line in browser.log("performance")]
    asked = [event["params"]["request"]["url"] for event in fetched if event["method"] == "Network.requestWillBeSent"]
    # chrome: is the browser's own start page, which may still be at work.
    assert len([url for url in asked if not url.startswith(("data:", "chrome:"))]) == 1, asked
    assert not browser.log("browser"), "the browser complains"
    # Pictures: visible, with lines in them, within the width of the page.
    boxes = browser.do("return [...document.querySelectorAll('figure svg')].map(s => {"
                       "const r = s.getBoundingClientRect(); "
                       "return [r.width, r.height, s.querySelectorAll('path, polygon, text').length]})")
    assert boxes and all(width > 400 and height > 200 and parts > 20 for width, height, parts in boxes), boxes
    assert browser.do("return document.documentElement.scrollWidth <= window.innerWidth")
    words = browser.do("return document.body.innerText")
    for word in ("To repeat it", "./flowbind", "commit", "ns-3", "seeds", "1 to 3", "mean delay"):
        assert word in words, word
    return words


def check_sorting(browser, number):
    """Clicks the head of a column of numbers: values go up; again: down."""
    column = f"[...document.querySelectorAll('tbody tr')].map(r => r.cells[{number}].dataset.sort)"
    button = f"document.querySelectorAll('thead button')[{number}]"
    browser.do(f"{button}.click()")
    up = [float(text) for text in browser.do("return " + column) if text]
    browser.do(f"{button}.click()")
    down = [float(text) for text in browser.do("return " + column) if text]
    assert up == sorted(up) and down == sorted(down, reverse=True) and len(set(up)) > 3, (up, down)


def check_filter(browser, word):
    browser.do(f"const i = document.querySelector('input.filter'); i.value = '{word}';"
               "i.dispatchEvent(new Event('input'))")
    shown = browser.do("return [...document.querySelectorAll('tbody tr')].filter(r => r.offsetHeight)"
                       ".map(r => r.innerText)")
    every = browser.do("return document.querySelectorAll('tbody tr').length")
    assert shown and len(shown) < every and all(word in row for row in shown), shown


def test_pages_in_a_browser():
    make_pages()
    browser = Browser()
    try:
        words = check_page(browser, "compare/report.html")
        assert "difference to scenario" in words and "significant" in words, words
        assert browser.do("return document.querySelectorAll('details').length") == 2
        assert "alert(1)" in browser.do("return document.querySelectorAll('pre')[1].textContent")
        check_sorting(browser, 3)
        check_filter(browser, "loss")
        check_page(browser, "sweep/report.html")
        check_sorting(browser, 4)
        check_filter(browser, "80ms")
        # A picture of it, for who wants to look.
        place = os.environ.get("FLOWBIND_SCREENSHOT")
        if place:
            with open(place, "wb") as file:
                file.write(base64.b64decode(browser.ask("/screenshot", method="GET")))
    finally:
        browser.close()


if __name__ == "__main__":
    sys.exit(world.main([test_pages_in_a_browser]))
