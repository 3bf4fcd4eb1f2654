/* A command that has nothing to save ends at once when it is told to, and says so. */
#include "program.h"

#include <signal.h>
#include <sys/stat.h>
#include <time.h>

TestSuite(signals, .init = make_folder, .fini = remove_folder, .timeout = 120);

static void wait_a_while(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

/* What it answers, as a shell gives it; -1: it went on for ten seconds. */
static int wait_for_end(pid_t child)
{
    int state = 0;
    for (int i = 0; i < 1000; i++, wait_a_while())
        if (waitpid(child, &state, WNOHANG) == child)
            return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    kill(child, SIGKILL);
    waitpid(child, &state, 0);
    return -1;
}

static pid_t start(const char *const *arguments)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child > 0)
        return child;
    signal(SIGINT, SIG_DFL); /* a shell's job in the background would ignore it */
    int out = open(path_of("out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, 1);
    dup2(out, 2);
    execv(GT_PROGRAM, (char *const *)arguments);
    _exit(126);
}

static void expect_end(pid_t child, const char *const *arguments, int signal_number)
{
    kill(child, signal_number);
    int status = wait_for_end(child);
    char *said = read_text(path_of("out")), expected[64];
    snprintf(expected, sizeof expected, "gradtape %s: interrupted\n", arguments[1]);
    cr_expect_eq(status, 128 + signal_number, "%s: status %d", arguments[1], status);
    cr_expect_str_eq(said, expected);
    free(said);
}

#define RUNS(...) ((const char *const[]){"gradtape", __VA_ARGS__, NULL})

/*
 * Each reads the cell from a pipe, and is told to end once it has it: it then
 * records and plans for longer than this test waits.
 */
static void check_while_it_works(const char *const *arguments, const char *pipe, int signal_number)
{
    static const char cell[] = "cell slow\n  input x[n_x]\n  state a[n_a]\n  param W[n_a, n_a+n_x]\n"
                               "  a' = tanh(W @ concat(a, x))\n";
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    pid_t child = start(arguments);
    int into = open(pipe, O_WRONLY);
    cr_assert_geq(into, 0);
    cr_assert_eq(write(into, cell, sizeof cell - 1), (ssize_t)sizeof cell - 1);
    close(into);
    for (int i = 0; i < 20; i++)
        wait_a_while();
    expect_end(child, arguments, signal_number);
    unlink(pipe);
}

Test(signals, end_a_check_a_plan_and_a_measurement_while_they_work)
{
    char pipe[256];
    snprintf(pipe, sizeof pipe, "%s", path_of("slow.cell"));
    const int numbers[] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        check_while_it_works(RUNS("check", pipe, "--dims", "n_x=400,n_a=400", "--steps", "400"), pipe, numbers[i]);
        check_while_it_works(RUNS("plan", pipe, "--unrolled", "--dims", "n_x=9,n_a=9", "--steps", "200000"), pipe,
                             numbers[i]);
        check_while_it_works(RUNS("bench", pipe, "--unrolled", "--dims", "n_x=9,n_a=9", "--steps", "200000"), pipe,
                             numbers[i]);
        check_while_it_works(
            RUNS("graph", pipe, "--steps", "100000", "--backward", "-o", "/dev/null", "--format", "dot"), pipe,
            numbers[i]);
    }
}

/* grad waits for a cell that does not come. */
Test(signals, end_a_command_that_waits)
{
    char pipe[256];
    snprintf(pipe, sizeof pipe, "%s", path_of("never.cell"));
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    const char *const *arguments = RUNS("grad", pipe, "--in", "a.npz", "--out", "b.npz");
    pid_t child = start(arguments);
    for (int i = 0; i < 20; i++)
        wait_a_while();
    expect_end(child, arguments, SIGTERM);
}
