/* The program: a Python interpreter whose modules are all inside this file. It reads no environment variable of
   Python's, looks for no module on disk and starts with the module __main__ of the frozen ones (start.py). */

#include <Python.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct _frozen bundle_modules[];

static void set(PyConfig *config, wchar_t **field, const char *value)
{
    PyStatus status = PyConfig_SetBytesString(config, field, value);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
}

static void start_interpreter(int argc, char **argv, char *executable)
{
    PyPreConfig preconfig;
    PyPreConfig_InitIsolatedConfig(&preconfig);
    preconfig.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&preconfig);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }

    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.install_signal_handlers = 1;
    config.module_search_paths_set = 1;
    config.optimization_level = 2;
    config.pathconfig_warnings = 0;
    config.site_import = 0;
    config.write_bytecode = 0;
    status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    set(&config, &config.executable, executable);
    set(&config, &config.program_name, executable);
    *strrchr(executable, '/') = '\0';
    set(&config, &config.home, executable);

    PyImport_FrozenModules = bundle_modules;
    status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    PyConfig_Clear(&config);
}

int main(int argc, char **argv)
{
    char executable[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", executable, sizeof executable - 1);
    if (length < 0) {
        perror("velero-init-hooks: /proc/self/exe can't be read, so its own place is not known; expected /proc to be mounted");
        return 1;
    }
    executable[length] = '\0';
    start_interpreter(argc, argv, executable);

    if (PyImport_ImportFrozenModule("__main__") < 0) {
        PyErr_Print(); /* ends the process when it is SystemExit */
        return 1;
    }
    return Py_FinalizeEx() < 0 ? 120 : 0;
}
