"""Programs that lock files. Prints what it has seen, a line each."""

import errno
import fcntl
import os
import random
import sqlite3
import sys
import time


def say(*words):
    print(*words, flush=True)


def count(times):
    """Counts under a lock: a whole one in a string, one of all bytes in a field."""
    for _ in range(int(times)):
        for name, lock in (("n", fcntl.flock), ("h.n", fcntl.lockf)):
            with open(name, "r+") as file:
                lock(file, fcntl.LOCK_EX)
                value = int(file.read())
                file.seek(0)
                file.write(str(value + 1))


def ranges(log, times, seed):
    """Locks parts of a file, and logs from when to when: what overlaps must be shared."""
    chance = random.Random(int(seed))
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with open("bytes", "r+") as file:
        for _ in range(int(times)):
            kind = chance.choice(["flock", "lockf"])
            shared = chance.random() < 0.5
            first = chance.randrange(8) if kind == "lockf" else 0
            length = chance.randrange(1, 9 - first) if kind == "lockf" else 8
            how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            if kind == "lockf":
                fcntl.lockf(file, how, length, first)
            else:
                fcntl.flock(file, how)
            since = time.monotonic_ns()
            time.sleep(chance.random() / 500)
            until = time.monotonic_ns()
            line = f"{kind} {'shared' if shared else 'exclusive'} {first} {length} {since} {until}\n"
            os.write(out, line.encode())
            if kind == "lockf":
                fcntl.lockf(file, fcntl.LOCK_UN, length, first)
            else:
                fcntl.flock(file, fcntl.LOCK_UN)


def insert(who, times):
    """Inserts into a database in small transactions."""
    database = sqlite3.connect("db", timeout=120, isolation_level=None)
    database.execute("create table if not exists t(who text, number integer)")
    for number in range(int(times)):
        database.execute("begin immediate")
        database.execute("insert into t values(?, ?)", (who, number))
        database.execute("commit")
    say("done")


def check():
    database = sqlite3.connect("db", timeout=120)
    say(*database.execute("pragma integrity_check").fetchone())
    say(*database.execute("select count(*), count(distinct who || number) from t").fetchone())


def hold(name, until):
    """Locks a file, and writes it when it is told to, as if it had the lock still."""
    with open(name, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("begun ")
        say("held")
        while not os.path.exists(until):
            time.sleep(0.05)
        file.write("late")
        try:
            file.close()
            say("saved")
        except OSError as e:
            say(errno.errorcode[e.errno])


def take(name, text):
    since = time.monotonic()
    with open(name, "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        say("taken after", round(time.monotonic() - since))
        file.truncate(0)
        file.write(text)
    say("saved")


def deadlock(first, second, here, there):
    """Locks one file, waits until another process has locked the other one, and locks that."""
    with open(first, "r+") as one, open(second, "r+") as other:
        fcntl.lockf(one, fcntl.LOCK_EX)
        open(here, "w").close()
        while not os.path.exists(there):
            time.sleep(0.01)
        try:
            fcntl.lockf(other, fcntl.LOCK_EX)
            say("locked")
        except OSError as e:
            say(errno.errorcode[e.errno])


if __name__ == "__main__":
    os.chdir(sys.argv[1])
    globals()[sys.argv[2]](*sys.argv[3:])
