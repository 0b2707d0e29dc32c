# SPDX-License-Identifier: MIT
"""Processes of a test that never outlive it: the kernel ends them with their parent, and the parent ends them by their
ids. And waiting on a state with a deadline."""

import concurrent.futures
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)
parent = os.getpid()


def build_directory():
    return pathlib.Path(os.environ.get("LOYALD_BUILD", ROOT / "build" / "dev")).resolve()


def program(name):
    path = build_directory() / name
    if not path.exists():
        raise SystemExit(f"{path} is not there; build it (cmake --build --preset dev), or set LOYALD_BUILD")
    return str(path)


def die_with_parent():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def environment(env=None):
    """Ours, without what loyald would take for settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOYALD_")}
    return {**kept, **(env or {})}


# The kernel ends a child with the thread that made it: so all are made by one, which lives as long as this process.
spawner = concurrent.futures.ThreadPoolExecutor(1)


def start(arguments, log=None, env=None, **more):
    """A process whose output goes to a log file; it dies with this one."""
    return spawner.submit(spawn, arguments, log, env, more).result()


def spawn(arguments, log, env, more):
    output = open(log, "ab") if log is not None else subprocess.DEVNULL
    try:
        return subprocess.Popen(
            [str(each) for each in arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env=environment(env), preexec_fn=die_with_parent, **more,
        )  # fmt: skip
    finally:
        if log is not None:
            output.close()


def kill(process):
    """SIGKILL, by its id, and its end awaited."""
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


def run(arguments, env=None):
    """Runs to its end; what it said, or an error that says it."""
    done = subprocess.run(
        [str(each) for each in arguments], capture_output=True, text=True, timeout=180, env=environment(env)
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def wait_until(what, condition, seconds=60, pause=0.05):
    """Waits until the condition gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain until {what}")
        time.sleep(pause)  # between two looks at the state


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
