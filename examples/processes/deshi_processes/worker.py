"""Run one task: `python -m deshi_processes.worker TASK RESULT`."""

import pickle
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the driver's, which ends this process
    task, result = map(Path, sys.argv[1:])
    result.write_bytes(pickle.dumps(pickle.loads(task.read_bytes())()))
