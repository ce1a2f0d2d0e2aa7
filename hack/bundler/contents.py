"""What the bundle is made of, and why. To add something that a plugin imports, look here first."""

from typing import Final

ROOTS: Final = (
    # The interpreter's own start, and the codecs that are looked up by name.
    "encodings.aliases",
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.utf_8",
    # The in-cluster transport of the Kubernetes client: configuration, token, TLS, retries.
    "kubernetes.client.configuration",
    "kubernetes.client.rest",
    "kubernetes.config.incluster_config",
)
"""Modules that are in the bundle whoever imports them."""

STARTED: Final = (
    "encodings.utf_8",
    "init_hooks.__main__",
    "init_hooks.action",
    "init_hooks.cluster_config",
    "velero_bridge._go_plugin.log",
    "velero_bridge._go_plugin.rpc_server",
    "velero_bridge._go_plugin.server",
    "velero_bridge._velero.plugin_lister",
    "velero_bridge._velero.restore_item_action",
)
"""Modules that every start of the plugin imports, though some by an import inside a function."""

NEEDED_FOR_HOOKS: Final = ("init_hooks.hooked_pod", "init_hooks.operation")
"""Modules that the first pod with a hook imports: they are not packed, since its restore waits for them."""

WHOLE_PACKAGES: Final = ("init_hooks", "velero_bridge")

DEFERRED: Final = (
    # cygrpc imports them for asynchronous servers and for OpenCensus. Ours is neither.
    "asyncio",
    "grpc._observability",
    # Needed when there is an error to tell, a credential to load, an address to look up; not before.
    "ast",
    "dis",
    "inspect",
    "ipaddress",
    "linecache",
    "pkgutil",
    "selectors",
    "socket",
    "textwrap",
    "tokenize",
    "traceback",
    # msgspec's other formats, and what describes types rather than reads and writes values.
    "msgspec.inspect",
    "msgspec.msgpack",
    "msgspec.structs",
    "msgspec.toml",
    "msgspec.yaml",
)
"""Modules whose body runs at the first use of anything in them instead of at their import."""

PARTS: Final = {
    # Its core, which velero_bridge serves with; see instead/grpc.
    "grpc": ("_cython", "_cython.cygrpc", "_observability", "_typing"),
    # Its in-cluster transport; see instead/kubernetes.
    "kubernetes": (
        "client",
        "client.configuration",
        "client.exceptions",
        "client.rest",
        "config",
        "config.config_exception",
        "config.incluster_config",
        "utils",
        "utils._retry_base",
        "utils.keepalive",
        "utils.retry",
    ),
    # The Kubernetes client asks it for the number of processors.
    "multiprocessing": ("context", "process", "reduction"),
}
"""Packages of which only these modules are in the bundle."""

LEFT_OUT: Final = frozenset({
    # The interpreter has these under other names from its start.
    "_frozen_importlib", "_frozen_importlib_external", "os.path",
    # For another operating system, another implementation, another version of Python.
    "_aix_support", "_bootsubprocess", "_overlapped", "_osx_support", "_scproxy", "_winapi", "_winreg",
    "annotationlib", "asyncio.windows_events", "asyncio.windows_utils", "compression", "encodings.mbcs", "java", "js",
    "msvcrt", "nt", "ntpath", "nturl2path", "org", "pyodide", "urllib3.contrib.emscripten", "vms_lib", "winreg",
    # Written in C, with a Python twin beside it or asked for with `try`.
    "_asyncio", "_bz2", "_ctypes", "_hashlib", "_lzma", "_multiprocessing", "_posixshmem", "_uuid", "_zoneinfo",
    "bz2", "ctypes", "lzma", "mmap", "readline", "resource", "termios",
    # Written in Python, with a twin in C.
    "_py_abc", "_pydecimal",
    # For a developer at a terminal, tests and installers.
    "bdb", "cmd", "code", "codeop", "distutils", "doctest", "getpass", "lib2to3", "optparse", "pdb", "py_compile",
    "pydoc", "pydoc_data", "site", "sitecustomize", "sysconfig", "test", "tty", "unittest", "webbrowser",
    # Other processes than its own.
    "concurrent.futures.process",
    # Other protocols and other formats than the plugin speaks.
    "ftplib", "html", "netrc", "plistlib", "socketserver", "tarfile", "xml", "xmlrpc", "yaml",
    # What grpc, msgspec and urllib3 use when it is there.
    "attr", "attrs", "backports", "brotli", "brotlicffi", "certifi", "grpc_health",
    "grpc_reflection", "grpc_tools", "idna", "tomli", "tomli_w",
    "urllib3.contrib.pyopenssl", "urllib3.contrib.socks", "urllib3.http2.connection",
})  # fmt: skip
"""Modules that nothing in the bundle comes to need. Their import fails there with ModuleNotFoundError."""
