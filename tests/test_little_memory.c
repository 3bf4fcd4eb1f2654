/*
 * Commands under falling limits of memory, down to where the system starts them no more. Each ends
 * by itself and in time, with what was asked for or with a message, and leaves no process behind.
 */
#include "program.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

/* KiB, from one limit to the next, and seconds that a command may take on a busy machine. */
enum { MOST = 300 << 10, LEAST = 4 << 10, PERCENT = 85, LIMIT = 40 };

static void make_text(void)
{
    FILE *file = fopen(path_of("text"), "w");
    for (int i = 0; i < 200; i++)
        fprintf(file, "Line %d of a text, of which some is read.\n", i);
    fclose(file);
}

static void prepare(void)
{
    make_folder();
    make_text();
    /* What a command leaves behind becomes a child of this process. */
    cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

TestSuite(little_memory, .init = prepare, .fini = remove_folder);

static pid_t start(const char *const *arguments, long limit)
{
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child > 0)
        return child;
    const char *list[32] = {GT_PROGRAM};
    for (int i = 0; arguments[i] != NULL; i++)
        list[i + 1] = arguments[i];
    int out = open(path_of("stdout"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int err = open(path_of("stderr"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const struct rlimit memory = {(rlim_t)limit << 10, (rlim_t)limit << 10};
    if (chdir(folder) != 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || setrlimit(RLIMIT_AS, &memory) != 0)
        _exit(125);
    execv(GT_PROGRAM, (char *const *)list);
    _exit(126);
}

/* Waits until the child ends; ends it when its time is over. */
static bool wait_for(pid_t child, int *state)
{
    const struct timespec moment = {.tv_nsec = 2000000};
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (;;) {
        pid_t ended = waitpid(child, state, WNOHANG);
        cr_assert(ended == child || ended == 0);
        if (ended == child)
            return true;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - begin.tv_sec > LIMIT) {
            kill(child, SIGKILL);
            waitpid(child, state, 0);
            return false;
        }
        nanosleep(&moment, NULL);
    }
}

static bool is_whole_picture(const char *text)
{
    size_t length = strlen(text);
    return length > 7 && strcmp(text + length - 7, "</svg>\n") == 0;
}

/* After success, what was asked for is there. */
static void expect_results(const char *const *arguments, long limit)
{
    char *printed = read_text(path_of("stdout"));
    cr_expect_neq(printed[0], '\0', "%s, %ld KiB: printed nothing", arguments[0], limit);
    free(printed);
    if (strcmp(arguments[0], "graph") == 0) {
        char *picture = read_text(path_of("picture.svg"));
        cr_expect(is_whole_picture(picture), "%ld KiB: a part of a picture", limit);
        free(picture);
    }
}

/* Whether the command could be started at all. */
static bool run_within(const char *const *arguments, long limit)
{
    int state = 0;
    cr_assert(wait_for(start(arguments, limit), &state), "%s, %ld KiB: did not end", arguments[0], limit);
    cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1, "%s, %ld KiB: left a process behind", arguments[0], limit);
    cr_expect_eq(errno, ECHILD);
    if (WIFEXITED(state) && WEXITSTATUS(state) == 127)
        return false;
    cr_expect(WIFEXITED(state), "%s, %ld KiB: signal %d", arguments[0], limit, WTERMSIG(state));
    char *errors = read_text(path_of("stderr"));
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
        expect_results(arguments, limit);
    else
        cr_expect(WEXITSTATUS(state) == 2 && strstr(errors, "gradtape") != NULL, "%s, %ld KiB: status %d, %s",
                  arguments[0], limit, WEXITSTATUS(state), errors);
    free(errors);
    return true;
}

static void run_under_falling_limits(const char *const *arguments)
{
    int runs = 0;
    for (long limit = MOST; limit > LEAST && run_within(arguments, limit); limit = limit * PERCENT / 100)
        runs++;
    cr_expect_gt(runs, 5, "%s: hardly run", arguments[0]);
}

#define FALLING(...) run_under_falling_limits((const char *const[]){__VA_ARGS__, NULL})

Test(little_memory, check, .timeout = 150)
{
    FALLING("check", GT_CELLS "/lstm.cell", "--steps", "3");
}

Test(little_memory, notebook, .timeout = 150)
{
    FALLING("notebook", "--exercise", "lstm_backward", "--brief");
}

#ifdef GT_TEST_ARCHIVES
Test(little_memory, grad_by_the_interpreter, .timeout = 150)
{
    FALLING("grad", "lstm", "--in", GT_FIXTURES "/grad_lstm_in.npz", "--out", "out.npz", "--engine", "interpreter");
}
#endif

#ifdef GT_TEST_MODELS
Test(little_memory, train, .timeout = 150)
{
    FALLING("train", "--text", "text", "--save", "model.npz", "--overwrite", "--hidden", "16", "--iterations", "3",
            "--batch", "2", "--steps", "4");
}
#endif

#ifdef GT_DOT
Test(little_memory, a_picture, .timeout = 150)
{
    FALLING("graph", "lstm", "-o", "picture.svg");
}
#endif
