"""What the bundle is made of, and why. To add something that a plugin imports, look here first."""

from typing import Final

ROOTS: Final = (
    "init_hooks.__main__",
    # The interpreter's own start, and the codecs that are looked up by name.
    "encodings.aliases",
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_8",
    "importlib.machinery",
    # The in-cluster transport of the Kubernetes client: configuration, token, TLS, retries.
    "kubernetes.client.configuration",
    "kubernetes.client.rest",
    "kubernetes.config.incluster_config",
)

WHOLE_PACKAGES: Final = ("init_hooks", "velero_bridge")

DEFERRED: Final = (
    # cygrpc imports asyncio and grpc imports grpc.aio for asynchronous servers. Ours is not.
    "asyncio",
    "grpc.aio",
    # Needed when there is an error to tell or a credential to load, not before.
    "ast",
    "dis",
    "inspect",
    "linecache",
    "pkgutil",
    "tokenize",
    "traceback",
    # `import kubernetes` brings every part of the package; in-cluster use needs three modules.
    "kubernetes.config",
    "kubernetes.dynamic",
    "kubernetes.informer",
    "kubernetes.leaderelection",
    "kubernetes.stream",
    "kubernetes.utils",
    "kubernetes.watch",
)
"""Modules whose body runs at the first use of anything in them instead of at their import."""

LEFT_OUT: Final = frozenset({
    # The interpreter has these under other names from its start.
    "_frozen_importlib", "_frozen_importlib_external", "os.path",
    # For another operating system, another implementation, another version of Python.
    "_aix_support", "_bootsubprocess", "_overlapped", "_osx_support", "_scproxy", "_winapi", "_winreg",
    "annotationlib", "asyncio.windows_events", "asyncio.windows_utils", "java", "java.lang", "msvcrt", "nt",
    "ntpath", "nturl2path", "org", "vms_lib", "winreg",
    # Written in C with a Python twin beside it, or a part that is asked for with `try`.
    "_bz2", "_ctypes", "_hashlib", "_lzma", "_multiprocessing", "_posixshmem", "_py_abc", "_pydecimal",
    "_uuid", "_asyncio", "_zoneinfo", "bz2", "ctypes", "lzma", "mmap", "readline", "resource", "termios",
    # For a developer at a terminal, tests and installers.
    "bdb", "cmd", "code", "codeop", "distutils", "doctest", "getpass", "lib2to3", "optparse", "pdb",
    "py_compile", "pydoc", "pydoc_data", "site", "sitecustomize", "sysconfig", "test", "tty", "unittest",
    "webbrowser",
    # Other processes, other protocols and other formats than the plugin speaks.
    "ftplib", "html", "netrc", "plistlib", "socketserver", "tarfile", "xml", "xmlrpc",
    # Optional parts of the packages below.
    "OpenSSL", "attr", "attrs", "backports", "brotli", "brotlicffi", "compression", "cryptography", "grpc_health", "grpc_reflection", "grpc_tools", "h2",
    "idna", "js", "pyodide", "socks", "tomli", "tomli_w", "urllib3.contrib.emscripten", "yaml", "certifi",
    # Parts of the Kubernetes client that are no part of its in-cluster transport.
    "kubernetes.client.api", "kubernetes.client.api_client", "kubernetes.client.api_response", "kubernetes.client.models",
    "kubernetes.config.kube_config", "kubernetes.dynamic.client", "kubernetes.dynamic.discovery",
    "kubernetes.informer.informer", "kubernetes.leaderelection.leaderelection",
    "kubernetes.stream.stream", "kubernetes.stream.ws_client", "kubernetes.utils.create_from_yaml", "kubernetes.utils.duration", "kubernetes.utils.quantity", "kubernetes.utils.metrics", "kubernetes.watch.watch",
    # Parts of multiprocessing; the Kubernetes client asks it for the number of processors.
    "multiprocessing.connection", "multiprocessing.dummy", "multiprocessing.forkserver", "multiprocessing.heap", "multiprocessing.managers", "multiprocessing.pool",
    "multiprocessing.popen_fork", "multiprocessing.popen_forkserver", "multiprocessing.popen_spawn_posix", "multiprocessing.popen_spawn_win32", "multiprocessing.queues",
    "multiprocessing.resource_sharer", "multiprocessing.resource_tracker", "multiprocessing.shared_memory", "multiprocessing.sharedctypes", "multiprocessing.spawn", "multiprocessing.synchronize", "multiprocessing.util",
})  # fmt: skip
"""Modules that nothing in the bundle comes to need. Their import fails there with ModuleNotFoundError."""
