"""How gunicorn serves: threads, each with a database connection that it keeps."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
keepalive = 65  # longer than the idle time of usual proxies, so that they close first
timeout = 60
graceful_timeout = 10
preload_app = True  # a fault shows at once, and workers share the memory
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 a heartbeat file

# Each worker counts for itself; here they meet, before the first of them counts anything.
figures = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="regulars-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures


def child_exit(_server: Any, worker: Any) -> None:
    """Take the figures of a worker that ended out of the sum."""
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Forget the figures."""
    shutil.rmtree(figures, ignore_errors=True)
