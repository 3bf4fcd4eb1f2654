/* Writing an archive replaces a file whole or not at all. */
#include "files.h"
#include "gradtape/archive.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

TestSuite(archive_write, .init = make_folder, .fini = remove_folder, .timeout = 120);

enum { COUNT = 500 };

/* An archive with one array of COUNT entries `value`. */
static gt_archive *archive_of(double value)
{
    double data[COUNT];
    for (int i = 0; i < COUNT; i++)
        data[i] = value;
    gt_archive *archive = gt_archive_new();
    gt_array array = {data, GT_F64, GT_SHAPE(COUNT)};
    cr_assert_eq(gt_archive_add(archive, "W", array, NULL), GT_OK);
    return archive;
}

static gt_status write_value(double value, const char *path, gt_error *error)
{
    gt_archive *archive = archive_of(value);
    gt_status status = gt_archive_write(archive, path, false, error);
    gt_archive_free(archive);
    return status;
}

/* The value that all entries of the file have. */
static double value_in(const char *path)
{
    gt_error error = {GT_OK, ""};
    gt_archive *archive = gt_archive_read(path, &error);
    cr_assert_not_null(archive, "%s", error.message);
    const double *data = gt_archive_find(archive, "W").data;
    cr_assert_not_null(data);
    double value = data[0];
    for (int i = 0; i < COUNT; i++)
        cr_assert(data[i] == value);
    gt_archive_free(archive);
    return value;
}

static void expect_written(double value, const char *path)
{
    gt_error error = {GT_OK, ""};
    cr_assert_eq(write_value(value, path, &error), GT_OK, "%s", error.message);
    cr_assert(value_in(path) == value);
}

static mode_t mode_of(const char *path)
{
    struct stat about;
    cr_assert_eq(lstat(path, &about), 0);
    return about.st_mode & 07777;
}

Test(archive_write, new_and_replaced)
{
    expect_written(1, path_of("a.npz"));
    expect_written(2, path_of("a.npz"));
    cr_assert_eq(folder_count(), 1);
}

Test(archive_write, relative_paths)
{
    cr_assert_eq(chdir(folder), 0);
    expect_written(1, "a.npz");
    expect_written(2, "./a.npz");
    cr_assert(value_in(path_of("a.npz")) == 2);
    cr_assert_eq(folder_count(), 1);
    cr_assert_eq(chdir("/"), 0);
}

/* A new file has the permissions that the umask leaves, a replaced one keeps its own. */
Test(archive_write, permissions)
{
    mode_t old_mask = umask(027);
    expect_written(1, path_of("a.npz"));
    cr_assert_eq(mode_of(path_of("a.npz")), 0640);
    cr_assert_eq(chmod(path_of("a.npz"), 0604), 0);
    expect_written(2, path_of("a.npz"));
    cr_assert_eq(mode_of(path_of("a.npz")), 0604);
    umask(old_mask);
}

Test(archive_write, write_protected_file)
{
    if (geteuid() == 0)
        cr_skip_test("root may write everywhere");
    expect_written(1, path_of("a.npz"));
    cr_assert_eq(chmod(path_of("a.npz"), 0444), 0);
    gt_error error = {GT_OK, ""};
    cr_assert_eq(write_value(2, path_of("a.npz"), &error), GT_ERROR_FILE);
    cr_assert(value_in(path_of("a.npz")) == 1);
    cr_assert_eq(folder_count(), 1);
}

/* Links stay links; what they point to is replaced, also when it is not there yet. */
Test(archive_write, links)
{
    cr_assert_eq(symlink("b.npz", path_of("a.npz")), 0);
    cr_assert_eq(symlink(path_of("c.npz"), path_of("b.npz")), 0);
    expect_written(1, path_of("a.npz"));
    expect_written(2, path_of("a.npz"));
    struct stat about;
    cr_assert(lstat(path_of("a.npz"), &about) == 0 && S_ISLNK(about.st_mode));
    cr_assert(lstat(path_of("b.npz"), &about) == 0 && S_ISLNK(about.st_mode));
    cr_assert(lstat(path_of("c.npz"), &about) == 0 && S_ISREG(about.st_mode));
    cr_assert(value_in(path_of("c.npz")) == 2);
    cr_assert_eq(folder_count(), 3);
}

static void expect_refused(const char *path, gt_status expected, const char *words)
{
    gt_error error = {GT_OK, ""};
    cr_assert_eq(write_value(1, path, &error), expected, "%s", error.message);
    cr_assert_not_null(strstr(error.message, words), "'%s' has no '%s'", error.message, words);
    cr_assert_eq(write_value(1, path, NULL), expected);
}

Test(archive_write, places_where_nothing_can_be_written)
{
    expect_refused("", GT_ERROR_ARGUMENT, "names no file");
    expect_refused(path_of(""), GT_ERROR_ARGUMENT, "names no file");
    expect_refused(folder, GT_ERROR_FILE, "no regular file");
    expect_refused("/dev/null", GT_ERROR_FILE, "no regular file");
    expect_refused(path_of("none/a.npz"), GT_ERROR_FILE, "No such file");
    gt_error error;
    cr_assert_eq(write_value(1, NULL, &error), GT_ERROR_ARGUMENT);
    cr_assert_eq(symlink("loop", path_of("loop")), 0);
    expect_refused(path_of("loop"), GT_ERROR_FILE, "symbolic links");
    cr_assert_eq(mkfifo(path_of("fifo"), 0600), 0);
    expect_refused(path_of("fifo"), GT_ERROR_FILE, "no regular file");
    char name[300];
    memset(name, 'x', sizeof name);
    name[299] = '\0';
    expect_refused(path_of(name), GT_ERROR_FILE, "too long");
    cr_assert_eq(folder_count(), 2);
}

Test(archive_write, longest_file_name)
{
    char name[256];
    memset(name, 'x', sizeof name);
    name[255] = '\0';
    expect_written(1, path_of(name));
    expect_written(2, path_of(name));
    cr_assert_eq(folder_count(), 1);
}

/* What killed processes left is removed; what another process still writes is not. */
Test(archive_write, left_over_temporary_files)
{
    static const char *const left[] = {"a.npz.1-0.tmp", "a.npz.99999999-12.tmp"};
    static const char *const others[] = {"a.npz.tmp",     "a.npz.1.tmp",  "a.npz.1-0.tmpx", "a.npz.x-0.tmp",
                                         "b.npz.1-0.tmp", "a.npz.-0.tmp", "a.npz.1-.tmp"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        write_file(path_of(left[i]), "left over", 9);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        write_file(path_of(others[i]), "another's", 9);
    cr_assert_eq(symlink(path_of("b.npz.1-0.tmp"), path_of("a.npz.1-1.tmp")), 0);
    write_file(path_of("a.npz.2-0.tmp"), "is written", 10);
    int held = open(path_of("a.npz.2-0.tmp"), O_RDONLY);
    cr_assert_eq(flock(held, LOCK_EX), 0);
    expect_written(1, path_of("a.npz"));
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        cr_expect_neq(access(path_of(left[i]), F_OK), 0, "%s is still there", left[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_eq(access(path_of(others[i]), F_OK), 0, "%s is gone", others[i]);
    cr_expect_eq(access(path_of("a.npz.2-0.tmp"), F_OK), 0);
    cr_expect_eq(folder_count(), 10);
    close(held);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* As on a full disk, at every place in the file: the old file stays and nothing else is left. */
Test(archive_write, no_room)
{
    signal(SIGXFSZ, SIG_IGN);
    expect_written(1, path_of("a.npz"));
    struct stat about;
    cr_assert_eq(stat(path_of("a.npz"), &about), 0);
    gt_archive *archive = archive_of(2);
    for (off_t size = 0; size < about.st_size; size += size < 200 || size > 4000 ? 1 : 97) {
        gt_error error = {GT_OK, ""};
        limit_file_size((rlim_t)size);
        gt_status status = gt_archive_write(archive, path_of("a.npz"), false, &error);
        limit_file_size(RLIM_INFINITY);
        cr_assert_eq(status, GT_ERROR_FILE, "%d bytes: %s", (int)size, error.message);
        cr_assert_not_null(strstr(error.message, "File too large"), "%s", error.message);
        cr_assert(value_in(path_of("a.npz")) == 1);
        cr_assert_eq(folder_count(), 1);
    }
    limit_file_size((rlim_t)about.st_size);
    cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), false, NULL), GT_OK);
    limit_file_size(RLIM_INFINITY);
    cr_assert(value_in(path_of("a.npz")) == 2);
    gt_archive_free(archive);
}

Test(archive_write, no_room_for_an_empty_archive)
{
    signal(SIGXFSZ, SIG_IGN);
    expect_written(1, path_of("a.npz"));
    gt_archive *archive = gt_archive_new();
    limit_file_size(21);
    cr_assert_eq(gt_archive_write(archive, path_of("a.npz"), false, NULL), GT_ERROR_FILE);
    limit_file_size(RLIM_INFINITY);
    cr_assert(value_in(path_of("a.npz")) == 1);
    cr_assert_eq(folder_count(), 1);
    gt_archive_free(archive);
}

/* A process that does nothing but replace the file is killed at any moment. */
Test(archive_write, killed)
{
    expect_written(0, path_of("a.npz"));
    for (int round = 0; round < 40; round++) {
        pid_t child = fork();
        cr_assert_geq(child, 0);
        if (child == 0)
            for (int i = 1;; i++)
                write_value(i, path_of("a.npz"), NULL);
        nanosleep(&(struct timespec){.tv_nsec = 1000000 + round * 211000}, NULL);
        cr_assert_eq(kill(child, SIGKILL), 0);
        cr_assert_eq(waitpid(child, NULL, 0), child);
        cr_assert(value_in(path_of("a.npz")) >= 0);
    }
}
