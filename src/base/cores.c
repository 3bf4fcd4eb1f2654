/* How many cores this process may use. */
#include "gradtape/threads.h"

#include "base/utf8.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sched.h>
#endif
#include <unistd.h>

enum { PATH_SIZE = 512 };

static long smaller(long a, long b)
{
    return a < b ? a : b;
}

static long allowed_by_affinity(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__) && defined(CPU_COUNT)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
#endif
    return online;
}

/* ---- control groups ------------------------------------------------------------------------ */

/* "QUOTA PERIOD" or "max PERIOD" of one group, in processor time; LONG_MAX if there is no limit. */
static long limit_of_group(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return LONG_MAX;
    long quota = 0, period = 0;
    bool limited = fscanf(file, "%ld %ld", &quota, &period) == 2 && quota > 0 && period > 0;
    fclose(file);
    return limited ? quota / period + (quota % period != 0) : LONG_MAX;
}

/* The same of the first version of control groups, with a file for each number. */
static long limit_of_first_version(void)
{
    static const char *const names[2] = {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"};
    long numbers[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(names[i], "r");
        if (file == NULL)
            return LONG_MAX;
        if (fscanf(file, "%ld", &numbers[i]) != 1)
            numbers[i] = 0;
        fclose(file);
    }
    return numbers[0] > 0 && numbers[1] > 0 ? numbers[0] / numbers[1] + (numbers[0] % numbers[1] != 0) : LONG_MAX;
}

/* The least limit of the process's group and of those around it. */
static long allowed_by_groups(void)
{
    char line[PATH_SIZE] = "", path[PATH_SIZE + 64];
    long least = limit_of_first_version();
    FILE *file = fopen("/proc/self/cgroup", "r");
    if (file == NULL)
        return least;
    while (fgets(line, sizeof line, file) != NULL && strncmp(line, "0::", 3) != 0)
        line[0] = '\0';
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    char *group = line[0] != '\0' ? line + 3 : line; /* "/a/b" */
    for (;;) {
        gt_utf8_format(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
        least = smaller(least, limit_of_group(path));
        char *last = strrchr(group, '/');
        if (last == NULL)
            break;
        *last = '\0';
    }
    return least;
}

uint32_t gt_threads_available(void)
{
    long count = smaller(smaller(allowed_by_affinity(), allowed_by_groups()), GT_MOST_THREADS);
    return count < 1 ? 1 : (uint32_t)count;
}
