"""Processes of the suite: each with a group of its own, ended by its id, also when the suite fails."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

# Nothing here may go through a proxy.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def http(method, url, data=None, headers=None, timeout=30):
    """Status and body of a call; an error status is an answer like any other."""
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with _opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def free_port():
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, holds, seconds=30, pause=0.1):
    """Waits until `holds()` gives something true and answers that; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


class Process:
    """A started program. `environment` is all that it gets, beside what every program needs."""

    def __init__(self, command, environment=None, output=subprocess.DEVNULL, **more):
        needed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.popen = subprocess.Popen(
            [str(part) for part in command],
            env={**needed, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output != subprocess.PIPE else None,
            start_new_session=True,
            **more,
        )

    def alive(self):
        return self.popen.poll() is None

    def descendants(self):
        """Ids of the processes that it started, directly or not."""
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                        parents[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
                except OSError:
                    continue  # it ended meanwhile
        found, open_ids = [], [self.popen.pid]
        while open_ids:
            parent = open_ids.pop()
            children = [pid for pid, of in parents.items() if of == parent]
            found += children
            open_ids += children
        return found

    def stop(self):
        """Ends it with everything that it started."""
        for sign, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.popen.pid, sign)
            except ProcessLookupError:
                break
            try:
                self.popen.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()
