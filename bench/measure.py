"""Runs a program and says what it took: python measure.py [--evict FILE] PROGRAM ARGUMENT...

With --evict, the system first forgets what it has of the file in its page cache (not on macOS and Windows).

Prints one JSON line: wall and cpu (user + system) in seconds, peak (largest resident set) in MB.
Its own start-up is not counted. Imports nothing heavy, so that what it forks is small.
"""

import json
import os
import subprocess
import sys
import time

command = sys.argv[1:]
if command[0] == "--evict":
    if not hasattr(os, "posix_fadvise"):
        sys.exit("this system cannot be told to forget a file in its page cache")
    with open(command[1], "rb") as file:
        os.fsync(file)
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    command = command[2:]

start = time.perf_counter()
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
said = child.stderr.read()
_, status, usage = os.wait4(child.pid, 0)
wall = time.perf_counter() - start
code = os.waitstatus_to_exitcode(status)
if code != 0:
    sys.exit(f"{' '.join(command)} failed with {code}:\n{said.decode(errors='replace')[-2000:]}")
# Linux counts in KiB, macOS in bytes.
unit = 2**20 if sys.platform == "darwin" else 2**10
print(json.dumps({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / unit}))
