"""Runs a program and says what it took: python measure.py PROGRAM ARGUMENT...

Prints one JSON line: wall and cpu (user + system) in seconds, peak (largest resident set) in MB.
Its own start-up is not counted. Imports nothing heavy, so that what it forks is small.
"""

import json
import os
import subprocess
import sys
import time

start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
said = child.stderr.read()
_, status, usage = os.wait4(child.pid, 0)
wall = time.perf_counter() - start
code = os.waitstatus_to_exitcode(status)
if code != 0:
    sys.exit(f"{' '.join(sys.argv[1:])} failed with {code}:\n{said.decode(errors='replace')[-2000:]}")
# Linux counts in KiB, macOS in bytes.
unit = 2**20 if sys.platform == "darwin" else 2**10
print(json.dumps({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / unit}))
