/*
 * How large a cache is, as the system tells or somebody says: files of the system's are read from a folder of
 * the test's. The program is linked with the static library and -Wl,--wrap=fopen64. What is found is read once:
 * each test is a process of its own.
 */
#include "system_files.h"

#include "base/caches.h"

TestSuite(caches, .init = make_folder, .fini = remove_folder);

/* A file of the first processor's. */
static void told(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/%s", name);
    write_file(path_instead_of(path), (const uint8_t *)text, strlen(text));
    unsetenv("GRADTAPE_CACHE");
}

/* Caches of levels 1 and 2, the second of that size and shared by that list of processors. */
static void tell(const char *size, const char *shared)
{
    told("cache/index0/level", "1\n");
    told("cache/index0/size", "48K\n");
    told("cache/index1/level", "2\n");
    if (size != NULL)
        told("cache/index1/size", size);
    if (shared != NULL)
        told("cache/index1/shared_cpu_list", shared);
}

Test(caches, nothing_is_told)
{
    unsetenv("GRADTAPE_CACHE");
    cr_expect_eq(gt_cache_bytes(), 1 << 20);
    told("cache/index0/level", "2\n");
    cr_expect_eq(gt_cache_bytes(), 1 << 20, "it is read once");
}

Test(caches, no_second_level_is_told)
{
    for (int i = 0; i < 8; i++) {
        char name[40];
        snprintf(name, sizeof name, "cache/index%d/level", i);
        told(name, "1\n");
    }
    cr_expect_eq(gt_cache_bytes(), 1 << 20);
}

Test(caches, a_core_has_one_for_itself)
{
    tell("2048K\n", "0\n");
    cr_expect_eq(gt_cache_bytes(), 2048 << 10);
}

/* Of six processors that share it two are one core. */
Test(caches, cores_share_one)
{
    tell("3M\n", "0-3,8,10\n");
    told("topology/thread_siblings_list", "0,8\n");
    cr_expect_eq(gt_cache_bytes(), 1 << 20);
}

Test(caches, what_the_system_tells_makes_no_sense)
{
    tell("2048K\n", "none\n");
    told("topology/thread_siblings_list", "0-3\n");
    cr_expect_eq(gt_cache_bytes(), 2048 << 10, "of no more than one");
}

Test(caches, a_size_is_missing)
{
    tell(NULL, NULL);
    cr_expect_eq(gt_cache_bytes(), 1 << 20);
}

Test(caches, a_file_is_empty)
{
    tell("", NULL);
    cr_expect_eq(gt_cache_bytes(), 1 << 20);
}

Test(caches, is_too_small_to_be_true)
{
    tell("1K\n", NULL);
    cr_expect_eq(gt_cache_bytes(), 1 << 14);
}

Test(caches, somebody_says_another_size)
{
    tell("2048K\n", NULL);
    cr_assert_eq(setenv("GRADTAPE_CACHE", "512K", 1), 0);
    cr_expect_eq(gt_cache_check(NULL), GT_OK);
    cr_expect_eq(gt_cache_bytes(), 512 << 10);
}

Test(caches, sizes_that_are_none_are_refused)
{
    static const char *const none[] = {"0", "-1", "x", "1G", "12K ", "2048M", "1025M", " 1M"};
    gt_error error = {0};
    cr_assert_eq(setenv("GRADTAPE_CACHE", "", 1), 0);
    cr_expect_eq(gt_cache_check(&error), GT_OK);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        cr_assert_eq(setenv("GRADTAPE_CACHE", none[i], 1), 0);
        cr_expect_eq(gt_cache_check(&error), GT_ERROR_ARGUMENT, "%s", none[i]);
        cr_expect_not_null(strstr(error.message, "it is a size up to 1024M, such as 512K or 1M"), "%s", error.message);
    }
}
