/* gradtape graph with a program `dot` that is missing, fails, or never ends. */
#include "program.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

/* The folder is the first where programs are looked for. */
static void begin(void)
{
    make_folder();
    char path[256];
    snprintf(path, sizeof path, "%s:/usr/bin:/bin", folder);
    setenv("PATH", path, 1);
}

TestSuite(picture_command, .init = begin, .fini = remove_folder, .timeout = 60);

static void write_dot(const char *script)
{
    char text[1024];
    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    write_file(path_of("dot"), text, strlen(text));
    cr_assert_eq(chmod(path_of("dot"), 0700), 0);
}

/* Nothing is drawn, and the picture that was there stays. */
static void expect_no_picture(const char *format, const char *words)
{
    char name[16];
    snprintf(name, sizeof name, "old.%s", format);
    write_file(path_of(name), "old", 3);
    expect_failure(RUN("graph", "rnn", "-o", path_of(name)), 2, words);
    char *old = read_text(path_of(name));
    cr_expect_str_eq(old, "old");
    free(old);
}

Test(picture_command, without_dot)
{
    setenv("PATH", folder, 1);
    expect_no_picture("png", "'dot' is not in a folder of PATH; install Graphviz");
    expect_failure(RUN("graph", "rnn", "-o", "-", "--format", "pdf"), 2, "or write .svg");
    static const char *const names[] = {"rnn.dot", "rnn.svg"};
    for (int i = 0; i < 2; i++) {
        program_run run = RUN("graph", "rnn", "-o", path_of(names[i]));
        cr_expect_eq(run.status, 0, "%s", run.errors);
        free_run(run);
    }
}

Test(picture_command, draws_what_dot_draws)
{
    write_dot("[ \"$*\" = '-Kneato -n2 -Tpdf' ] && grep -q digraph && printf '%%PDF-1.5 %%%%EOF\\n'; echo warning >&2");
    program_run run = RUN("graph", "rnn", "-o", "-", "--format", "pdf");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_str_eq(run.output, "%PDF-1.5 %%EOF\n");
    cr_expect_str_eq(run.errors, "");
    free_run(run);
}

Test(picture_command, dot_fails)
{
    write_dot("printf '\\n  no \\033[31mpaper\\ta second\\nline' >&2; exit 3");
    expect_no_picture("png", "/dot' failed with exit status 3: no [31mpapera second; write .svg");
    write_dot("kill -ABRT $$");
    expect_no_picture("pdf", "was ended by signal 6; write .svg");
    write_dot("exec tail -c +1 /nowhere");
    expect_no_picture("png", "No such file");
    write_file(path_of("dot"), "\x7f", 1);
    expect_no_picture("png", "/dot': Exec format error");
}

Test(picture_command, dot_writes_garbage)
{
    static const char *const scripts[] = {"exit 0",
                                          "echo garbage",
                                          "head -c 100000 /dev/zero",
                                          "printf '%%PDF-1.5'",
                                          "printf '%%%%EOF\\n'",
                                          "printf '%%PDF-1.5 %%%%EO\\n'"};
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        write_dot(scripts[i]);
        expect_no_picture("pdf", "wrote what is no whole .pdf file");
        expect_no_picture("png", "wrote what is no whole .png file");
    }
    write_dot("echo garbage; echo out of memory >&2");
    expect_no_picture("pdf", "no whole .pdf file: out of memory; write .svg");
}

/* 2 GB, and a little more than twice its 60 seconds of the processor's time; no core dump. */
Test(picture_command, dot_has_limits)
{
    write_dot("echo $(ulimit -v) $(ulimit -t) $(ulimit -c) >&2; exit 1");
    expect_no_picture("png", ": 2097152 121 0; write .svg");
}

/* ---- the end of the command ---------------------------------------------------------------- */

/* Starts the command as a shell does, in a group of its own, with a dot that sleeps. */
static pid_t start_and_sleep(pid_t *dot)
{
    write_dot("echo $$ >\"$(dirname \"$0\")\"/pid.part; mv \"$(dirname \"$0\")\"/pid.part "
              "\"$(dirname \"$0\")\"/pid; exec sleep 1000");
    cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the dot of a dead command is ours */
    pid_t command = fork();
    cr_assert_geq(command, 0);
    if (command == 0) {
        setpgid(0, 0);
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, 1);
        execl(GT_PROGRAM, GT_PROGRAM, "graph", "rnn", "-o", path_of("rnn.png"), (char *)NULL);
        _exit(126);
    }
    while (access(path_of("pid"), F_OK) != 0) {
        cr_assert_eq(waitpid(command, NULL, WNOHANG), 0, "the command ended before its dot began");
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    char *text = read_text(path_of("pid"));
    *dot = (pid_t)strtol(text, NULL, 10);
    free(text);
    cr_assert_gt(*dot, 1);
    return command;
}

static void expect_killed_by(pid_t process, int number)
{
    int state;
    cr_assert_eq(waitpid(process, &state, 0), process);
    cr_expect(WIFSIGNALED(state), "status %d", WEXITSTATUS(state));
    cr_expect(WTERMSIG(state) == number || WTERMSIG(state) == SIGKILL, "signal %d", WTERMSIG(state));
}

Test(picture_command, dot_dies_with_the_command)
{
    pid_t dot, command = start_and_sleep(&dot);
    cr_assert_eq(kill(command, SIGKILL), 0);
    expect_killed_by(command, SIGKILL);
    expect_killed_by(dot, SIGKILL);
    cr_expect_neq(access(path_of("rnn.png"), F_OK), 0);
}

/* Ctrl-C goes to the group; a signal for the command alone ends both, too. */
Test(picture_command, an_interrupt_ends_both)
{
    for (int alone = 0; alone < 2; alone++) {
        pid_t dot, command = start_and_sleep(&dot);
        cr_assert_eq(kill(alone ? command : -command, SIGINT), 0);
        expect_killed_by(command, SIGINT);
        expect_killed_by(dot, SIGINT);
        cr_expect_neq(access(path_of("rnn.png"), F_OK), 0);
        cr_assert_eq(unlink(path_of("pid")), 0);
    }
}
