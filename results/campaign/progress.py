# SPDX-License-Identifier: BSD-3-Clause
"""A bar with the time left on a terminal; elsewhere a line every five seconds."""

import sys
import time


def spell_time(seconds):
    seconds = max(0, round(seconds))
    if seconds >= 3600:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"
    return f"{seconds // 60} min {seconds % 60:02d} s" if seconds >= 60 else f"{seconds} s"


class Progress:
    """How many of how many; `before` were there at the start."""

    def __init__(self, total, before, quiet, what="runs"):
        self.total, self.before, self.quiet, self.what = total, before, quiet, what
        self.done, self.start = 0, time.monotonic()
        self.next = self.start + (0.3 if sys.stderr.isatty() else 5)
        self.shown = False

    def step(self):
        self.reach(self.done + 1)

    def reach(self, done, remark=""):
        """`remark` is what else there is to say, such as how many wait in a queue."""
        self.done = done
        now = time.monotonic()
        if self.quiet or now < self.next:
            return
        terminal = sys.stderr.isatty()
        self.next = now + (0.1 if terminal else 5)
        each = (now - self.start) / max(1, self.done)
        left = f", {spell_time(each * (self.total - self.done))} left" if self.done else ""
        already = f", {self.before} were there" if self.before else ""
        filled = round(24 * self.done / max(1, self.total))
        bar = "[" + "#" * filled + "." * (24 - filled) + "] " if terminal else ""
        text = f"{bar}{self.done} of {self.total} {self.what}{left}{already}{remark}"
        print(f"\r\033[K{text}" if terminal else f"flowbind: {text}\n", end="", file=sys.stderr, flush=True)
        self.shown = terminal

    def end(self):
        if self.shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
