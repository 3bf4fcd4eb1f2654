/*
 * How many cores a process may use in a container: files of the system's are read from a folder of the
 * test's. The program is linked with the static library and -Wl,--wrap=fopen64.
 */
#include "system_files.h"

#include "gradtape/threads.h"

TestSuite(cores, .init = make_folder, .fini = remove_folder);

static void system_file(const char *path, const char *text)
{
    write_file(path_instead_of(path), (const uint8_t *)text, strlen(text));
}

#define GROUPS "/sys/fs/cgroup"
#define FIRST GROUPS "/cpu/cpu.cfs_"

/* All limits here are of one core, or none: what the machine has is not known. */
Test(cores, control_groups)
{
    uint32_t all = gt_threads_available();
    cr_expect_geq(all, 1);
    system_file("/proc/self/cgroup", "1:name=old:/x\n0::/a/b\n");
    cr_expect_eq(gt_threads_available(), all, "a group without a limit");
    system_file(GROUPS "/a/b/cpu.max", "max 100000\n");
    cr_expect_eq(gt_threads_available(), all);
    system_file(GROUPS "/a/cpu.max", "50000 100000\n");
    cr_expect_eq(gt_threads_available(), 1, "half a core, of the group around it");
    system_file(GROUPS "/a/cpu.max", "100000 100000\n");
    cr_expect_eq(gt_threads_available(), 1);
    static const char *const nothing[] = {"0 100000\n", "-1 100000\n", "50000 0\n", "nonsense\n", ""};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        system_file(GROUPS "/a/cpu.max", nothing[i]);
        cr_expect_eq(gt_threads_available(), all, "%s", nothing[i]);
    }
    system_file(GROUPS "/cpu.max", "1 100000\n");
    cr_expect_eq(gt_threads_available(), 1, "of the outermost group");
}

Test(cores, groups_of_the_first_version)
{
    uint32_t all = gt_threads_available();
    system_file(FIRST "quota_us", "50000\n");
    cr_expect_eq(gt_threads_available(), all, "without a period");
    system_file(FIRST "period_us", "100000\n");
    cr_expect_eq(gt_threads_available(), 1);
    system_file(FIRST "period_us", "nonsense\n");
    cr_expect_eq(gt_threads_available(), all);
    system_file(FIRST "period_us", "100000\n");
    system_file(FIRST "quota_us", "-1\n");
    cr_expect_eq(gt_threads_available(), all, "no limit");
    system_file("/proc/self/cgroup", "3:cpu:/x\n");
    cr_expect_eq(gt_threads_available(), all);
}
