"""witness.py: looks at files as it is told to on its standard input, a line each, words apart by tabs.

    hold NAME FILE                  opens a file, to read it through that descriptor
    map NAME FILE                   maps a file into memory, and closes it
    remove FILE                     removes it, if that can be done
    look WAY WHAT                   says what is seen, of a file or of what is held by a name
    await SECONDS EXPECTED WAY WHAT looks, says what is seen and flushes that; then looks on until
                                    that is as expected; says when it was, by the system's monotonic
                                    clock in nanoseconds, or what is seen instead

Ways: stat (the size), read (opens, reads and closes), held, grown (how much is read through the held
descriptor), mapped, name (whether it is there), listed. What is not there is "none".
"""

import mmap
import os
import sys
import time

held = {}
mapped = {}


def hold(name, file):
    held[name] = os.open(file, os.O_RDONLY)


def map_file(name, file):
    handle = os.open(file, os.O_RDONLY)
    mapped[name] = mmap.mmap(handle, 0, prot=mmap.PROT_READ)
    os.close(handle)


def remove(file):
    try:
        os.unlink(file)
    except OSError:
        # Somebody else was faster.
        pass


def read(file):
    handle = os.open(file, os.O_RDONLY)
    try:
        return os.read(handle, 1 << 16).decode()
    finally:
        os.close(handle)


def name(file):
    os.stat(file)
    return "there"


WAYS = {
    "stat": lambda file: str(os.stat(file).st_size),
    "read": read,
    "held": lambda name: os.pread(held[name], 8, 0).decode(),
    "grown": lambda name: str(len(os.pread(held[name], 1 << 16, 0))),
    "mapped": lambda name: mapped[name][:8].decode(),
    "name": name,
    "listed": lambda directory: ",".join(sorted(os.listdir(directory))),
}


def look(way, what):
    try:
        return WAYS[way](what)
    except FileNotFoundError:
        return "none"


def say(*words):
    print(*words, sep="\t", flush=True)


def await_sight(seconds, expected, way, what):
    end = time.monotonic_ns() + int(seconds) * 1_000_000_000
    seen = look(way, what)
    say("saw", seen)
    while seen != expected:
        if time.monotonic_ns() > end:
            say("still", seen)
            return
        # Hardly a pause: so that whoever else works here gets a turn.
        time.sleep(0.000_02)
        seen = look(way, what)
    say("at", time.monotonic_ns())


for line in sys.stdin:
    command, *words = line.rstrip("\n").split("\t")
    if command == "await":
        await_sight(*words)
    elif command == "look":
        say("saw", look(*words))
    else:
        {"hold": hold, "map": map_file, "remove": remove}[command](*words)
        say("done")
