# SPDX-License-Identifier: BSD-3-Clause
"""What a figure measures with: programs and simulations, on all processors, each made once."""

import concurrent.futures
import csv
import hashlib
import io
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "campaign"))

import campaign  # noqa: E402
import local  # noqa: E402
import one_run  # noqa: E402
import output  # noqa: E402
from progress import Progress  # noqa: E402


class RunError(Exception):
    """A program of a figure failed; the text is what it said."""


class Experiment:
    """`folder` keeps what every run printed: the same command goes on where it was interrupted."""

    def __init__(self, figure, folder, jobs, quiet):
        self.figure, self.folder, self.jobs, self.quiet = figure, folder, jobs, quiet
        self.build = campaign.identify_build()[0]["build"]
        os.makedirs(os.path.join(folder, "runs"), exist_ok=True)

    def path(self, name):
        """A file that belongs to the figure, such as its scenario."""
        return os.path.join(self.figure.folder, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def programs(self, commands):
        """{key: what the program printed} for {key: [program of the build folder, argument...]}."""
        return self.make({key: (command, None) for key, command in commands.items()})

    def program(self, *command):
        return self.programs({"": list(command)})[""]

    def oracle(self, *arguments):
        """Rows of flowbind-stats oracle, a dictionary each."""
        return list(csv.DictReader(io.StringIO(self.program("flowbind-stats", "oracle", *arguments))))

    def simulations(self, scenarios):
        """{key: {(flow, metric): value}} for {key: (text of a scenario file, seed)}.

        Metrics are those of compare and sweep, over the whole run after its warm-up; "path_share/NAME" too.
        """
        commands = {key: (["flowbind-sim", "--seed", str(seed)], text) for key, (text, seed) in scenarios.items()}
        found = {}
        for key, text in self.make(commands).items():
            rows = csv.reader(io.StringIO(text))
            found[key] = {(flow, metric): float(value) for flow, metric, value in rows}
        return found

    # ---- below: how

    def place(self, command, text):
        # The path of the build folder is no part of it, the programs are
        digest = hashlib.sha256("\0".join([self.build, *command, text or ""]).encode())
        program = os.path.join(campaign.BUILD, command[0])
        try:
            with open(program, "rb") as file:
                digest.update(hashlib.sha256(file.read()).digest())
        except OSError as error:
            raise RunError(f"{program}: {error.strerror}. ./flowbind build makes it") from error
        return os.path.join(self.folder, "runs", digest.hexdigest()[:24])

    def make(self, commands):
        places = {key: self.place(*what) for key, what in commands.items()}
        missing = {places[key]: what for key, what in commands.items() if not os.path.exists(places[key])}
        if missing:
            self.run_all(missing, len(set(places.values())) - len(missing))
        found = {}
        for key, place in places.items():
            with open(place, encoding="utf-8") as file:
                found[key] = file.read()
        return found

    def run_all(self, missing, before):
        progress = Progress(len(missing), before, self.quiet)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            futures = [pool.submit(run_one, place, *what) for place, what in missing.items()]
            try:
                for future in concurrent.futures.as_completed(futures):
                    future.result()
                    progress.step()
            finally:
                for future in futures:
                    future.cancel()
                progress.end()


def run_one(place, command, text):
    with tempfile.TemporaryDirectory() as folder:
        words = [os.path.join(campaign.BUILD, command[0]), *command[1:]]
        if text is not None:
            scenario = os.path.join(folder, "scenario.yaml")
            with open(scenario, "w", encoding="utf-8") as file:
                file.write(text)
            words = [words[0], scenario, *words[1:], "--quiet", "--out", os.path.join(folder, "out")]
        # Nobody looks at a picture of each run: without a PATH there is no gnuplot, and that is fine
        environment = dict(os.environ, PATH="/nonexistent")
        done = subprocess.run(words, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
        if done.returncode not in ((0, 1) if text is not None else (0,)):
            raise RunError(f"{' '.join(command)} {local.spell_code(done.returncode)}:\n{done.stderr[-2000:]}")
        printed = done.stdout if text is None else metrics_text(os.path.join(folder, "out", "results.csv"))
    output.write(place, printed)


def metrics_text(path):
    rows = one_run.metrics(path)
    return "".join(f"{flow},{metric},{value:.9g}\n" for flow, metric, value in rows)
