#include "base/caches.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char VARIABLE[] = "GRADTAPE_CACHE";
static const char CPU[] = "/sys/devices/system/cpu/cpu0";
enum { LEVEL = 2, MOST_CACHES = 8, UNTOLD = 1 << 20, LEAST = 1 << 14, MOST = 1 << 30 };

/* "512K", "1M" or "524288", as Linux writes sizes of caches, too; 0 if it is none. */
static int64_t size_of(const char *text)
{
    char *end;
    if (*text < '0' || *text > '9')
        return 0;
    int64_t size = strtoll(text, &end, 10);
    int64_t unit = *end == 'K' ? 1 << 10 : *end == 'M' ? 1 << 20 : 1;
    end += unit > 1;
    if (*end != '\0' || size < 1 || size > MOST / unit)
        return 0;
    return size * unit;
}

/* ---- what Linux tells ---------------------------------------------------------------------- */

/* The line of a file of the first processor; false if there is none. */
static bool read_line(const char *folder, const char *name, char line[64])
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s/%s", CPU, folder, name);
    FILE *file = fopen(path, "r");
    bool there = file != NULL && fgets(line, 64, file) != NULL;
    if (file != NULL)
        fclose(file);
    if (there)
        line[strcspn(line, "\n")] = '\0';
    return there;
}

/* Of a list such as "0-3,8", how many there are; 1 if that is not told. */
static int64_t count_of_list(const char *folder, const char *name)
{
    char line[64];
    int64_t count = 0;
    if (!read_line(folder, name, line))
        return 1;
    for (char *at = line; *at >= '0' && *at <= '9';) {
        int64_t first = strtoll(at, &at, 10), last = *at == '-' ? strtoll(at + 1, &at, 10) : first;
        count += last - first + 1;
        at += *at == ',';
    }
    return count > 0 ? count : 1;
}

/* 0 if it is not told. */
static int64_t told_by_system(void)
{
    for (int i = 0; i < MOST_CACHES; i++) {
        char folder[32], line[64];
        snprintf(folder, sizeof folder, "cache/index%d", i);
        if (!read_line(folder, "level", line))
            return 0;
        if (atoi(line) != LEVEL || !read_line(folder, "size", line))
            continue;
        int64_t sharing = count_of_list(folder, "shared_cpu_list") / count_of_list("topology", "thread_siblings_list");
        return size_of(line) / (sharing > 0 ? sharing : 1);
    }
    return 0;
}

/* ---- what is asked for --------------------------------------------------------------------- */

int64_t gt_cache_bytes(void)
{
    static _Atomic int64_t known = 0; /* two threads may find it at once: they find the same */
    int64_t bytes = atomic_load_explicit(&known, memory_order_relaxed);
    if (bytes > 0)
        return bytes;
    const char *asked = getenv(VARIABLE);
    bytes = asked == NULL ? 0 : size_of(asked);
    if (bytes == 0)
        bytes = told_by_system();
    if (bytes == 0)
        bytes = UNTOLD;
    if (bytes < LEAST)
        bytes = LEAST;
    atomic_store_explicit(&known, bytes, memory_order_relaxed);
    return bytes;
}

gt_status gt_cache_check(gt_error *error)
{
    const char *asked = getenv(VARIABLE);
    if (asked == NULL || *asked == '\0' || size_of(asked) > 0)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "the environment variable %s is \"%.40s\"; it is a size up to 1024M, such as 512K or 1M",
                        VARIABLE, asked);
}
