/* Runs the built command and keeps what it says. Needs files.h's folder. */
#ifndef GT_TESTS_PROGRAM_H
#define GT_TESTS_PROGRAM_H

#include "files.h"

#include <fcntl.h>
#include <sys/wait.h>

typedef struct program_run {
    int status; /* exit status; 128 + signal if it was killed */
    char *output, *errors;
} program_run;

static inline char *read_text(const char *path)
{
    file_bytes file = read_file(path);
    file.bytes[file.size] = '\0';
    return (char *)file.bytes;
}

/* Runs a program that PATH may find; its NULL-terminated list begins with its name. */
static inline program_run run_other_program(const char *const *list, const char *output)
{
    const char *output_path = output != NULL ? output : path_of("stdout");
    const char *errors_path = path_of("stderr");
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        unsetenv("COLUMNS"); /* the width of help is tested */
        int out = open(output_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int err = open(errors_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (out < 0 || err < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
            _exit(125);
        execvp(list[0], (char *const *)list);
        _exit(126);
    }
    int state;
    cr_assert_eq(waitpid(child, &state, 0), child);
    program_run run = {WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state), NULL, NULL};
    run.output = output != NULL ? NULL : read_text(output_path);
    run.errors = read_text(errors_path);
    return run;
}

/* Runs GT_PROGRAM with a NULL-terminated list of arguments; `output` NULL keeps its output. */
static inline program_run run_program(const char *const *arguments, const char *output)
{
    enum { MOST_ARGUMENTS = 62 };
    const char *list[MOST_ARGUMENTS + 2] = {GT_PROGRAM};
    for (int i = 0; arguments[i] != NULL; i++) {
        cr_assert_lt(i, MOST_ARGUMENTS);
        list[i + 1] = arguments[i];
    }
    return run_other_program(list, output);
}

#define RUN(...) run_program((const char *const[]){__VA_ARGS__, NULL}, NULL)

static inline void free_run(program_run run)
{
    free(run.output);
    free(run.errors);
}

/* The command must end with `status` and say `text` on stderr. */
static inline void expect_failure(program_run run, int status, const char *text)
{
    cr_expect_eq(run.status, status, "status %d, not %d: %s", run.status, status, run.errors);
    cr_expect_not_null(strstr(run.errors, text), "expected: %s\nbut it said: %s", text, run.errors);
    free_run(run);
}

#endif
