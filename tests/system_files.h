/*
 * What the system tells of itself, as a test wants it: files of /sys and /proc are those of the test's folder. For
 * programs that are linked with -Wl,--wrap=fopen64.
 */
#ifndef TESTS_SYSTEM_FILES_H
#define TESTS_SYSTEM_FILES_H

#include "files.h"

FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);

/* "/sys/fs/cgroup/cpu.max" as ".sys.fs.cgroup.cpu.max" of the folder. */
static inline const char *path_instead_of(const char *path)
{
    char name[256];
    snprintf(name, sizeof name, "%s", path);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '/' ? '.' : *c;
    return path_of(name);
}

FILE *__wrap_fopen64(const char *path, const char *mode)
{
    bool of_system = strncmp(path, "/sys/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
    return __real_fopen64(of_system ? path_instead_of(path) : path, mode);
}

#endif
