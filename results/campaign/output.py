# SPDX-License-Identifier: BSD-3-Clause
"""Files that are whole or not there, whatever happens while they are written."""

import os


class OutputError(Exception):
    """Results cannot be written."""


KEPT = "What is finished is kept; the same command goes on."


def remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def write(path, text):
    try:
        with open(path + ".new", "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.replace(path + ".new", path)
    except OSError as error:
        remove(path + ".new")
        raise OutputError(f"cannot write {path}: {error.strerror}. {KEPT}") from error
