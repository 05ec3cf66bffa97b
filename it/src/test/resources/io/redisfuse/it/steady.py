"""Saves one file again and again, as editors do, and says of each save how it ended and how long it took.

    steady.py FILE

Every other save writes another file and renames it over this one. Each content is the number of the save. When a save is
refused since there is another text, it reads that, and says its number too. Ends with its standard input.
"""
import errno
import os
import select
import sys
import time


def overwrite(path, text):
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        os.write(descriptor, text)
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)


def replace(path, text):
    other = path + "~"
    overwrite(other, text)
    os.rename(other, path)


def found(path):
    """What is there, as soon as that can be read; nothing is 0."""
    while True:
        try:
            with open(path, "rb") as file:
                return int(file.read() or b"0")
        except FileNotFoundError:
            return 0
        except OSError:
            time.sleep(0.05)


def main():
    path = sys.argv[1]
    number = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        number += 1
        way = replace if number % 2 == 0 else overwrite
        begun = time.monotonic()
        try:
            way(path, b"%d" % number)
            outcome = "saved"
        except OSError as e:
            outcome = errno.errorcode.get(e.errno, str(e.errno))
        ended = time.monotonic()
        there = found(path) if outcome == "EBUSY" else number
        print(number, outcome, int((ended - begun) * 1000), int(ended * 1000), there, flush=True)
        if outcome != "saved":
            time.sleep(0.05)


main()
