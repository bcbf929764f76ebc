"""How gunicorn serves: threads, each with a database connection that it keeps."""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
keepalive = 65  # longer than the idle time of usual proxies, so that they close first
timeout = 60
graceful_timeout = 10
preload_app = True  # a fault shows at once, and workers share the memory
control_socket_disable = True
limit_request_field_size = 16_380  # a token of 10 kB gets the same answer as any other wrong one
forwarded_allow_ips = ""  # only TRUSTED_PROXY_COUNT says whether to believe forwarded headers
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 a heartbeat file

# Each worker counts for itself; here they meet. prometheus_client looks for the name when it is
# first imported, so nothing above may import it.
OWN_FIGURES = not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if OWN_FIGURES:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="regulars-metrics-")


def when_ready(_server: Any) -> None:
    """Keep what all workers share out of sight of the garbage collector.

    Looking through all of it stops every thread of a worker for a tenth of a second and more, and
    finds nothing; it also makes each worker copy the memory it looks at.
    """
    gc.collect()
    gc.freeze()


def on_exit(_server: Any) -> None:
    """Forget the figures, unless the operator keeps them."""
    if OWN_FIGURES:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
