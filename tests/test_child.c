/* Other programs, run within limits. */
#include "files.h"

#include "dump/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

TestSuite(child, .init = make_folder, .fini = remove_folder, .timeout = 60);

#define SHELL "/bin/sh"

/* A shell with a script, and limits that no test reaches by accident. */
static gt_child script(const char *text)
{
    static const char *arguments[4];
    arguments[0] = SHELL, arguments[1] = "-c", arguments[2] = text;
    return (gt_child){.program = SHELL,
                      .arguments = arguments,
                      .input = "",
                      .seconds = 30,
                      .memory = (size_t)1 << 30,
                      .most_output = 1 << 20};
}

static void expect_end(gt_child *child, gt_child_end end, int code)
{
    gt_error error = {0};
    cr_assert_eq(gt_child_run(child, &error), GT_OK, "%s", error.message);
    cr_expect_eq(child->end, end, "it ended as %d", child->end);
    cr_expect_eq(child->code, code, "%d", child->code);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

Test(child, answers)
{
    gt_child child = script("cat; echo good; echo bad >&2; exit 3");
    child.input = "words\n", child.input_size = 6;
    expect_end(&child, GT_CHILD_EXITED, 3);
    cr_expect_str_eq(child.output.bytes, "words\ngood\n");
    cr_expect_str_eq(child.errors.bytes, "bad\n");
    gt_child_free(&child);
}

/* More than any pipe holds, both ways at once. */
Test(child, takes_and_gives_much)
{
    enum { SIZE = 3000000 };
    char *input = malloc(SIZE);
    for (int i = 0; i < SIZE; i++)
        input[i] = (char)(i % 251);
    gt_child child = script("cat");
    child.input = input, child.input_size = SIZE, child.most_output = SIZE;
    expect_end(&child, GT_CHILD_EXITED, 0);
    cr_assert_eq(child.output.count, SIZE);
    cr_expect_eq(memcmp(child.output.bytes, input, SIZE), 0);
    free(input);
    gt_child_free(&child);
}

/* What is written to who does not read would be a SIGPIPE. */
Test(child, need_not_read)
{
    enum { SIZE = 3000000 };
    char *input = calloc(SIZE, 1);
    gt_child child = script("exec 0<&-; echo done");
    child.input = input, child.input_size = SIZE;
    expect_end(&child, GT_CHILD_EXITED, 0);
    cr_expect_str_eq(child.output.bytes, "done\n");
    free(input);
    gt_child_free(&child);
}

Test(child, ends_by_a_signal)
{
    gt_child child = script("kill -SEGV $$");
    expect_end(&child, GT_CHILD_SIGNALLED, SIGSEGV);
    gt_child_free(&child);
}

/* With its outputs open, with them closed, and busy. */
Test(child, is_stopped_when_its_time_is_over)
{
    static const char *const scripts[] = {"exec sleep 1000", "exec >&- 2>&-; exec sleep 1000", "while :; do :; done",
                                          "trap '' TERM INT; exec sleep 1000"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        gt_child child = script(scripts[i]);
        child.seconds = 0.2;
        double start = now();
        expect_end(&child, GT_CHILD_OUT_OF_TIME, 0);
        double seconds = now() - start;
        cr_expect(seconds >= 0.2 && seconds < 20, "%g s for %s", seconds, scripts[i]);
        cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "%s is left", scripts[i]);
        gt_child_free(&child);
    }
}

Test(child, has_as_much_memory_as_it_is_given)
{
    static const char eats[] = "tail -c 300000000 /dev/zero | wc -c; exec tail -n 1 /dev/zero";
    gt_child child = script(eats);
    child.memory = (size_t)64 << 20;
    gt_error error = {0};
    cr_assert_eq(gt_child_run(&child, &error), GT_OK, "%s", error.message);
    cr_expect_neq(child.end, GT_CHILD_OUT_OF_TIME);
    cr_expect(child.end == GT_CHILD_SIGNALLED || child.code != 0);
    cr_expect_not_null(strstr(child.errors.bytes, "memory"), "%s", child.errors.bytes);
    gt_child_free(&child);
}

/* A lower limit of the caller holds. */
Test(child, has_no_more_memory_than_its_parent)
{
    struct rlimit limit = {(rlim_t)1 << 30, (rlim_t)2 << 30};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    gt_child child = script("ulimit -v; ulimit -H -v; ulimit -c");
    child.memory = SIZE_MAX;
    expect_end(&child, GT_CHILD_EXITED, 0);
    cr_expect_str_eq(child.output.bytes, "1048576\n2097152\n0\n");
    gt_child_free(&child);
}

Test(child, may_write_as_much_as_it_is_given)
{
    gt_child child = script("exec cat /dev/zero");
    expect_end(&child, GT_CHILD_TOO_MUCH_OUTPUT, 0);
    cr_expect_eq(child.output.count, child.most_output);
    gt_child_free(&child);
    child = script("head -c 1048576 /dev/zero; head -c 1000000 /dev/zero >&2");
    expect_end(&child, GT_CHILD_EXITED, 0);
    cr_expect_eq(child.output.count, child.most_output);
    cr_expect_lt(child.errors.count, 100000);
    gt_child_free(&child);
}

Test(child, cannot_be_started)
{
    gt_error error = {0};
    gt_child child = script("");
    child.program = path_of("none");
    cr_expect_eq(gt_child_run(&child, &error), GT_ERROR_FILE);
    cr_expect_not_null(strstr(error.message, "none': No such file"), "%s", error.message);
    write_file(path_of("text"), "words", 5);
    cr_assert_eq(chmod(path_of("text"), 0700), 0);
    child.program = path_of("text");
    cr_expect_eq(gt_child_run(&child, &error), GT_ERROR_FILE);
    cr_expect_not_null(strstr(error.message, "text': Exec format error"), "%s", error.message);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
    struct rlimit none = {4, 4};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    cr_expect_eq(gt_child_run(&child, &error), GT_ERROR_FILE);
    cr_expect_not_null(strstr(error.message, "Too many open files"), "%s", error.message);
}

static int open_count(void)
{
    int count = 0;
    for (int i = 0; i < 256; i++)
        count += fcntl(i, F_GETFD) >= 0;
    return count;
}

Test(child, leaves_no_descriptor_open)
{
    int before = open_count();
    for (int i = 0; i < 3; i++) {
        gt_child child = script("cat");
        expect_end(&child, GT_CHILD_EXITED, 0);
        gt_child_free(&child);
        child.program = "/none";
        cr_expect_eq(gt_child_run(&child, NULL), GT_ERROR_FILE);
    }
    cr_expect_eq(open_count(), before);
}

/* A caller without standard streams, as a daemon may be: pipes get their numbers. */
Test(child, needs_no_standard_streams)
{
    for (int closed = 1; closed < 8; closed++) {
        pid_t process = fork();
        cr_assert_geq(process, 0);
        if (process == 0) {
            for (int i = 0; i < 3; i++)
                if ((closed & 1 << i) != 0)
                    close(i);
            gt_child child = script("cat; echo bad >&2");
            child.input = "words", child.input_size = 5;
            bool good = gt_child_run(&child, NULL) == GT_OK && child.output.count == 5 &&
                        memcmp(child.output.bytes, "words", 5) == 0 && child.errors.count == 4;
            _exit(good ? 0 : 1);
        }
        int state;
        cr_assert_eq(waitpid(process, &state, 0), process);
        cr_expect_eq(state, 0, "without the streams of mask %d", closed);
    }
}

/* ---- signals ------------------------------------------------------------------------------- */

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms = alarms + 1;
}

/* A caller's signals interrupt what waits, and nothing is lost; its ways with them are its own. */
Test(child, lives_with_the_callers_signals)
{
    struct sigaction action = {.sa_handler = count_alarm};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    cr_assert_neq(signal(SIGPIPE, SIG_IGN), SIG_ERR);
    sigset_t set, after;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    ualarm(5000, 5000);
    gt_child child = script("cat; kill -USR1 $$; echo not reached");
    child.input = "words", child.input_size = 5;
    expect_end(&child, GT_CHILD_SIGNALLED, SIGUSR1);
    cr_expect_str_eq(child.output.bytes, "words");
    gt_child_free(&child);
    child = script("sleep 0.1; echo awake");
    expect_end(&child, GT_CHILD_EXITED, 0);
    cr_expect_str_eq(child.output.bytes, "awake\n");
    gt_child_free(&child);
    ualarm(0, 0);
    sigprocmask(SIG_SETMASK, NULL, &after);
    cr_expect_eq(sigismember(&after, SIGUSR1), 1);
    cr_expect_eq(sigismember(&after, SIGALRM), 0);
    cr_expect_gt(alarms, 0);
}

Test(child, of_a_caller_that_ignores_its_children)
{
    cr_assert_neq(signal(SIGCHLD, SIG_IGN), SIG_ERR);
    gt_child child = script("echo words; exit 1");
    expect_end(&child, GT_CHILD_EXITED, 0);
    cr_expect_str_eq(child.output.bytes, "words\n");
    gt_child_free(&child);
}

/* ---- finding ------------------------------------------------------------------------------- */

Test(child, is_found_in_the_folders_of_path)
{
    char found[256], small[8], path[600];
    write_file(path_of("tool"), "#!/bin/sh\n", 10);
    snprintf(path, sizeof path, ":/nowhere::%s:", folder);
    setenv("PATH", path, 1);
    cr_expect_not(gt_child_find("tool", found, sizeof found), "it may not be executed");
    cr_assert_eq(chmod(path_of("tool"), 0700), 0);
    cr_expect(gt_child_find("tool", found, sizeof found));
    cr_expect_str_eq(found, path_of("tool"));
    cr_expect_not(gt_child_find("tool", small, sizeof small));
    cr_expect_not(gt_child_find("no-tool", found, sizeof found));
    cr_assert_eq(mkdir(path_of("a"), 0700), 0);
    cr_expect_not(gt_child_find("a", found, sizeof found), "a folder is no program");
    cr_assert_eq(rmdir(path_of("a")), 0);
    cr_assert_eq(chdir(folder), 0);
    setenv("PATH", "", 1);
    cr_expect_not(gt_child_find("tool", found, sizeof found), "found in the current folder");
    unsetenv("PATH");
    cr_expect(gt_child_find("env", found, sizeof found));
}
