"""refused.py DIRECTORY: changes what is there in every way, and says how each ended: "ok", or an errno's name."""

import errno
import os
import sys

CREATED = os.O_WRONLY | os.O_CREAT


def close_with(flags, name, text, sync=False):
    handle = os.open(name, flags, 0o644)
    try:
        os.write(handle, text)
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)


def overwrite():
    close_with(os.O_WRONLY | os.O_TRUNC, "a", b"overwritten")


def sync():
    close_with(os.O_WRONLY | os.O_TRUNC, "s", b"synced", sync=True)


def in_place():
    close_with(os.O_WRONLY, "p", b"T")


def field():
    close_with(os.O_WRONLY | os.O_TRUNC, "hash.f", b"field")


def replace():
    close_with(CREATED | os.O_TRUNC, "r~", b"replaced")
    os.rename("r~", "r")


def append():
    close_with(os.O_WRONLY | os.O_APPEND, "e", b"appended")


def new():
    close_with(CREATED, "new", b"new")


def exclusive():
    os.close(os.open("exclusive", CREATED | os.O_EXCL))


def mkdir():
    os.mkdir("directory")


def move():
    os.rename("b", "c")


def read():
    with open("a", "rb") as file:
        file.read()
    with open("hash.f", "rb") as file:
        file.read()
    os.listdir(".")


def unlink():
    os.unlink("b")


def main():
    os.chdir(sys.argv[1])
    for way in (overwrite, sync, in_place, field, replace, append, new, exclusive, mkdir, move, read, unlink):
        try:
            way()
            outcome = "ok"
        except OSError as e:
            outcome = errno.errorcode[e.errno]
        print(way.__name__, outcome, flush=True)


main()
