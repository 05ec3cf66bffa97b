"""Runs commands that hang, and interrupts them: says how each has ended, and whether at once."""

import signal
import subprocess
import sys
import threading
import time

AT_ONCE = 15


def interrupted(mount, command):
    process = subprocess.Popen(command.split(), cwd=mount, stderr=subprocess.DEVNULL)
    time.sleep(1)
    if process.poll() is not None:
        return "did not hang"
    since = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        return "did not end"
    if time.monotonic() - since > AT_ONCE:
        return "ended late"
    return "was interrupted" if process.returncode == -signal.SIGINT else "failed"


def disturbed(path):
    """A signal that asks nobody to stop makes nothing fail: it takes as long as it takes."""
    signal.signal(signal.SIGWINCH, lambda number, frame: None)
    for delay in (0.3, 0.6):
        threading.Timer(
            delay, signal.pthread_kill, (threading.main_thread().ident, signal.SIGWINCH)
        ).start()
    try:
        with open(path) as file:
            return file.read()
    except OSError as e:
        return str(e)


if __name__ == "__main__":
    if sys.argv[1] == "disturb":
        print(disturbed(sys.argv[2]), end="")
    else:
        for line in sys.argv[2:]:
            print(line.split()[0], interrupted(sys.argv[1], line), flush=True)
