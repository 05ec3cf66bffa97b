"""Saves one file again and again, as editors do, and says of each save how it ended and how long it took.

    steady.py FILE

Every other save writes another file and renames it over this one. Each content is the number of the save. Ends with its
standard input.
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
        print(number, outcome, int((ended - begun) * 1000), int(ended * 1000), flush=True)
        if outcome != "saved":
            time.sleep(0.05)


main()
