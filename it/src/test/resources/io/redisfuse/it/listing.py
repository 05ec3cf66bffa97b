"""Lists a directory in small parts with pauses between them, as no ordinary program does: prints
each name in a line as it comes. Usage: listing.py DIRECTORY PAUSE_MILLISECONDS"""
import ctypes
import os
import struct
import sys
import time

SYS_GETDENTS64 = {"x86_64": 217, "aarch64": 61, "riscv64": 61}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
part = ctypes.create_string_buffer(2048)
directory = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
while True:
    length = libc.syscall(SYS_GETDENTS64, directory, part, len(part))
    if length < 0:
        sys.exit("getdents64: " + os.strerror(ctypes.get_errno()))
    if length == 0:
        break
    position = 0
    while position < length:
        (entry,) = struct.unpack_from("H", part.raw, position + 16)
        name = part.raw[position + 19 : position + entry].split(b"\0")[0]
        if name not in (b".", b".."):
            print(name.decode(), flush=True)
        position += entry
    time.sleep(int(sys.argv[2]) / 1000)
