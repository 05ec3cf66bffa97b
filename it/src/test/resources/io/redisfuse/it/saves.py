"""saves.py COMMAND …: saves files in the ways in which programs do, many times, in one process.

    increment FILE WAY COUNT       reads a number and saves the next one, from the read on after
                                   each failure, until COUNT saves have succeeded; prints each
                                   number, and at the end the names of all errnos that it met
    outcomes FILE WAY COUNT        as increment, but prints of each save the number and what became of
                                   it: "saved", or an errno's name; and milliseconds
    tokens FILE WAY COUNT PREFIX   reads, then saves a text of its own; prints each text and what
                                   became of it: "ok", or "written" or "unwritten" (had it got as
                                   far as writing the text?) and an errno's name, of
                                   which call
    repeat FILE WAY FIRST LAST     saves text after text; ends with the first failure
    forever FILE WAY               saves text after text, saying so before and after, until one fails
"""

import errno
import mmap
import os
import random
import sys
import time

WIDTH = 40
LINES = 200
DIGITS = 12

# Texts that were handed to the kernel in whole, whatever it said to that.
written = set()


def read(file):
    handle = os.open(file, os.O_RDONLY)
    try:
        return read_handle(handle)
    finally:
        os.close(handle)


def read_handle(handle):
    parts = []
    while part := os.read(handle, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def write_all(handle, text):
    """Writes in parts, as stdio does."""
    for at in range(0, len(text), 4096):
        part = text[at : at + 4096]
        if at + 4096 >= len(text):
            written.add(text)
        while part:
            part = part[os.write(handle, part) :]


def finish(handle, text, sync=False, cut=False):
    """Writes a handle's whole content and closes it, whatever fails; the last failure counts."""
    failure = None
    call = "write"
    try:
        if cut:
            os.ftruncate(handle, 0)
        write_all(handle, text)
        if sync:
            call = "fsync"
            os.fsync(handle)
    except OSError as e:
        failure = e
        failure.call = call
    try:
        os.close(handle)
    except OSError as e:
        failure = e
        failure.call = "close"
    if failure:
        raise failure


def truncate(file, text):
    finish(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), text)


def truncate_and_sync(file, text):
    finish(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), text, sync=True)


def overwrite(file, text):
    """As cp over: the file must exist."""
    finish(os.open(file, os.O_WRONLY | os.O_TRUNC), text)


def in_place(file, text):
    finish(os.open(file, os.O_WRONLY), text)


def cut_open_file(file, text):
    finish(os.open(file, os.O_RDWR), text, cut=True)


def two_handles(file, text):
    first = os.open(file, os.O_RDWR)
    try:
        finish(os.open(file, os.O_WRONLY | os.O_TRUNC), text)
        try:
            read_handle(first)
        except OSError as e:
            # It is saved; a rival has removed it since.
            if e.errno != errno.ESTALE:
                raise
    finally:
        os.close(first)


def mapped(file, text):
    handle = os.open(file, os.O_RDWR)
    failure = None
    try:
        os.ftruncate(handle, len(text))
        with mmap.mmap(handle, len(text)) as memory:
            memory[:] = text
            written.add(text)
            memory.flush()
    except OSError as e:
        failure = e
    try:
        os.close(handle)
    except OSError as e:
        failure = e
    if failure:
        raise failure


def rename_or_remove(temporary, file):
    """What cannot be renamed is removed. After a failure it may have its new name: a save that no
    replica confirmed has happened."""
    try:
        os.rename(temporary, file)
    except OSError:
        try:
            os.unlink(temporary)
        except FileNotFoundError:
            pass
        raise


def renamed(file, text):
    """As programs that save atomically; the name says what is in it."""
    name = "tmp-" + text.split(b"\n")[0].decode().replace(" ", "-")
    temporary = os.path.join(os.path.dirname(file), name + "-" + str(os.getpid()))
    finish(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), text)
    rename_or_remove(temporary, file)


def renamed_scratch(file, text):
    """As sed -i."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    name = "sed" + "".join(random.choice(letters) for _ in range(6))
    rename_new(os.path.join(os.path.dirname(file), name), file, text)


def renamed_tilde(file, text):
    rename_new("%s.%d.tmp~" % (file, os.getpid()), file, text)


def rename_new(temporary, file, text):
    finish(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), text)
    rename_or_remove(temporary, file)


def vim(file, text):
    """As vim: the original becomes the backup, and comes back after a failure."""
    backup = file + "~"
    os.rename(file, backup)
    try:
        finish(os.open(file, os.O_WRONLY | os.O_CREAT, 0o644), text, sync=True, cut=True)
    except OSError:
        os.unlink(file)
        os.rename(backup, file)
        raise
    os.unlink(backup)


def vim_copying(file, text):
    """As vim with backupcopy=yes: the backup is copied back after a failure."""
    backup = file + "~"
    source = os.open(file, os.O_RDONLY)
    try:
        copy = os.open(backup, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        finish(copy, read_handle(source))
    finally:
        os.close(source)
    try:
        finish(os.open(file, os.O_WRONLY | os.O_CREAT, 0o644), text, sync=True, cut=True)
    except OSError:
        try:
            finish(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), read(backup))
        except OSError:
            pass
        os.unlink(backup)
        raise
    os.unlink(backup)


def emacs(file, text):
    """As emacs at its first save of a file."""
    backup = file + "~"
    os.rename(file, backup)
    try:
        finish(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), text, sync=True)
    except OSError:
        os.rename(backup, file)
        raise
    try:
        os.close(os.open(file, os.O_WRONLY))
    except FileNotFoundError:
        # It is saved; a rival has removed it since.
        pass


def joe(file, text):
    """As joe and mg: the backup is a copy, which stays."""
    source = os.open(file, os.O_RDONLY)
    try:
        copy = os.open(file + "~", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        finish(copy, read_handle(source))
    finally:
        os.close(source)
    finish(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), text)


def made_anew(file, text):
    """As older perl -pi: the file is removed while it is open, and made again."""
    source = os.open(file, os.O_RDONLY)
    try:
        read_handle(source)
        os.unlink(file)
        finish(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), text)
    finally:
        os.close(source)


def appended(file, text):
    finish(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), text)


WAYS = {
    way.__name__: way
    for way in (
        truncate,
        truncate_and_sync,
        overwrite,
        in_place,
        cut_open_file,
        two_handles,
        mapped,
        renamed,
        renamed_scratch,
        renamed_tilde,
        vim,
        vim_copying,
        emacs,
        joe,
        made_anew,
        appended,
    )
}


def name_of(failure):
    return errno.errorcode.get(failure.errno, str(failure.errno))


def increment(file, way, count):
    failures = set()
    for _ in range(int(count)):
        while True:
            try:
                number = read(file)
                # Another process may be in the middle of its save; where that is between a
                # truncation and a write, the kernel may show zeros.
                if len(number) != DIGITS or not number.isdigit():
                    continue
                WAYS[way](file, b"%0*d" % (DIGITS, int(number) + 1))
                print("saved", int(number) + 1)
                break
            except OSError as failure:
                failures.add(name_of(failure))
                time.sleep(random.random() / 500)
    print("met", *sorted(failures))


def outcomes(file, way, count):
    successes = 0
    while successes < int(count):
        try:
            number = read(file)
        except OSError:
            # Nothing was to be saved yet.
            time.sleep(0.02)
            continue
        if len(number) != DIGITS or not number.isdigit():
            continue
        how = "saved"
        start = time.monotonic()
        try:
            WAYS[way](file, b"%0*d" % (DIGITS, int(number) + 1))
            successes += 1
        except OSError as failure:
            how = name_of(failure)
        print(int(number) + 1, how, round((time.monotonic() - start) * 1000))
        if how != "saved":
            time.sleep(random.random() / 100)


def tokens(file, way, count, prefix):
    for number in range(int(count)):
        token = ("%s-%06d" % (prefix, number)).ljust(WIDTH, "_")
        written.clear()
        try:
            read(file)
            time.sleep(random.random() / 500)
            WAYS[way](file, token.encode())
            print(token, "ok")
        except OSError as failure:
            whole = "written" if token.encode() in written else "unwritten"
            print(token, whole, name_of(failure), "of", getattr(failure, "call", "another call"))
            if failure.errno == errno.ENOENT:
                # A rival has removed it, and makes it again: not all is to be tried before that.
                time.sleep(0.02)


def text(number):
    return b"begin %d\n" % number + b"%d\n" % number * LINES + b"end %d\n" % number


def repeat(file, way, first, last):
    for number in range(int(first), int(last) + 1):
        try:
            WAYS[way](file, text(number))
        except OSError as failure:
            sys.exit("save %d of %s, %s: %s" % (number, file, way, failure))


def forever(file, way):
    number = 0
    while True:
        number += 1
        print("trying", number, flush=True)
        try:
            WAYS[way](file, text(number))
        except OSError as failure:
            print("failed", number, name_of(failure), flush=True)
            return
        print("saved", number, flush=True)


{"increment": increment, "outcomes": outcomes, "tokens": tokens, "repeat": repeat, "forever": forever}[sys.argv[1]](
    *sys.argv[2:]
)
