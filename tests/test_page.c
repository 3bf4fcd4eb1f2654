/* Reports on narrow terminals: folded between words; elsewhere as they are. */
#define _GNU_SOURCE /* posix_openpt and its like */
#include "command/page.h"
#include "command/terminal.h"
#include "program.h"

#include <sys/ioctl.h>
#include <termios.h>

TestSuite(page, .init = make_folder, .fini = remove_folder);

/* ---- folding ------------------------------------------------------------------------------- */

static void expect_fold(const char *line, int width, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    cr_assert_not_null(stream);
    gt_page_fold(stream, line, strlen(line), width);
    fclose(stream);
    cr_expect_str_eq(text, expected, "expected:\n%s\nbut got:\n%s", expected, text);
    free(text);
}

Test(page, what_fits_is_left_alone)
{
    expect_fold("", 40, "");
    expect_fold("a  line   as it was ", 20, "a  line   as it was ");
    expect_fold("σ = größer", 10, "σ = größer");
}

Test(page, words_go_to_the_next_line)
{
    expect_fold("one two three four", 12, "one two\n    three\n    four");
    expect_fold("  one two three", 12, "  one two\n      three");
}

Test(page, what_is_behind_a_label_stays_below_itself)
{
    expect_fold("label  one two three", 16, "label  one two\n       three");
    expect_fold("       one two three", 16, "       one two\n       three");
}

Test(page, behind_a_long_label_it_goes_below_the_label)
{
    expect_fold("  a long label      one two three", 20, "  a long label\n      one two three");
    expect_fold("  a long label      one two three four five", 20,
                "  a long label\n      one two three\n      four five");
}

Test(page, a_word_longer_than_the_line_is_not_broken)
{
    expect_fold("abcdefghijklmnop q", 10, "abcdefghijklmnop\n    q");
}

Test(page, styles_take_no_column)
{
    expect_fold("\033[1mone\033[0m two \033[32mthree\033[0m", 13, "\033[1mone\033[0m two \033[32mthree\033[0m");
    expect_fold("\033[1mone\033[0m two \033[32mthree\033[0m", 12, "\033[1mone\033[0m two\n    \033[32mthree\033[0m");
}

Test(page, characters_are_counted_not_bytes)
{
    expect_fold("äöü äöü äöü", 11, "äöü äöü äöü");
    expect_fold("äöü äöü äöü", 10, "äöü äöü\n    äöü");
}

/* ---- commands ------------------------------------------------------------------------------ */

static const char *const commands[][8] = {
    {"plan", "lstm"},
    {"cells"},
    {"notebook", "--exercise", "lstm_backward"},
    {"check", "lstm", "--steps", "2"},
    {"check", "--help"},
    {"grad", "--help"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void expect_within(const char *text, int limit, const char *command)
{
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\r\n");
        cr_expect_leq(gt_terminal_columns(line, length), limit, "%s: too long: %.*s", command, (int)length, line);
        line += length + strspn(line + length, "\r\n");
    }
}

/* The text without anything that folding may change. */
static void squeeze(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (strchr(" \r\n", *from) == NULL)
            *to++ = *from;
    *to = '\0';
}

static program_run run_with_columns(const char *const *arguments, const char *columns)
{
    const char *list[16] = {"env", columns, GT_PROGRAM};
    for (int i = 0; arguments[i] != NULL; i++)
        list[i + 3] = arguments[i];
    return run_other_program(list, NULL);
}

Test(page, columns_in_the_environment_are_kept_to, .timeout = 60)
{
    for (int i = 0; i < COMMANDS; i++) {
        program_run run = run_with_columns(commands[i], "COLUMNS=40");
        cr_expect_eq(run.status, 0, "%s: %s", commands[i][0], run.errors);
        expect_within(run.output, 40, commands[i][0]);
        free_run(run);
    }
}

#ifdef GT_TEST_ARCHIVES
Test(page, the_table_of_grad_fits)
{
    const char *in = GT_FIXTURES "/grad_lstm_in.npz", *out = path_of("out.npz");
    program_run run =
        run_with_columns((const char *const[]){"grad", "lstm", "--in", in, "--out", out, NULL}, "COLUMNS=40");
    cr_expect_eq(run.status, 0, "%s", run.errors);
    expect_within(run.output, 40, "grad");
    cr_expect_not_null(strstr(run.output, "  written    shape            largest\n"), "%s", run.output);
    free_run(run);
}
#endif

Test(page, nothing_is_lost_by_folding, .timeout = 60)
{
    program_run wide = RUN("plan", "lstm");
    program_run narrow = run_with_columns((const char *const[]){"plan", "lstm", NULL}, "COLUMNS=40");
    cr_expect_gt(strlen(narrow.output), strlen(wide.output));
    squeeze(wide.output);
    squeeze(narrow.output);
    cr_expect_str_eq(narrow.output, wide.output);
    free_run(wide);
    free_run(narrow);
}

Test(page, a_narrow_notebook_has_the_same_numbers, .timeout = 60)
{
    program_run run =
        run_with_columns((const char *const[]){"notebook", "--exercise", "lstm_backward", NULL}, "COLUMNS=60");
    cr_expect_not_null(strstr(run.output, "\ndx[1][2]\n  notebook       0.00218254 0.28205375 -0.48292508\n"), "%s",
                       run.output);
    cr_expect_not_null(strstr(run.output, "\n  handwritten    0.00218254 0.28205375 -0.48292508\n"));
    cr_expect_not_null(strstr(run.output, "dx.shape (3, 10, 4)"));
    free_run(run);
}

/* ---- a terminal ---------------------------------------------------------------------------- */

/* Runs GT_PROGRAM on a terminal of 40 columns that TERM names, and returns what it shows. */
static char *run_on_terminal(const char *const *arguments, const char *name)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        cr_skip_test("no pseudoterminal here");
    const struct winsize size = {.ws_row = 24, .ws_col = 40};
    cr_assert_eq(ioctl(terminal, TIOCSWINSZ, &size), 0);
    int inside = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    cr_assert_geq(inside, 0);
    pid_t child = fork();
    if (child == 0) {
        const char *list[16] = {GT_PROGRAM};
        for (int i = 0; arguments[i] != NULL; i++)
            list[i + 1] = arguments[i];
        unsetenv("COLUMNS");
        setenv("TERM", name, 1);
        setenv("NO_COLOR", "1", 1);
        if (dup2(inside, 1) < 0)
            _exit(125);
        execv(GT_PROGRAM, (char *const *)list);
        _exit(126);
    }
    close(inside);
    char *text = calloc(1, 1 << 20);
    size_t used = 0;
    for (ssize_t got; (got = read(terminal, text + used, (1 << 20) - 1 - used)) > 0;)
        used += (size_t)got;
    int state;
    cr_assert_eq(waitpid(child, &state, 0), child);
    cr_expect(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    close(terminal);
    return text;
}

static const char *const plan[] = {"plan", "gru", NULL};

Test(page, a_terminals_width_is_kept_to, .timeout = 60)
{
    char *shown = run_on_terminal(plan, "xterm");
    expect_within(shown, 40, "plan");
    cr_expect_not_null(strstr(shown, "FLOP"));
    free(shown);
}

Test(page, a_dumb_terminal_and_a_pipe_get_whole_lines, .timeout = 60)
{
    static const char first[] = "gru, one training step of 64 examples over 64 steps, n_x = 256, n_a = 256, f32";
    char *shown = run_on_terminal(plan, "dumb");
    program_run piped = run_program(plan, NULL);
    cr_expect_eq(strncmp(shown, first, strlen(first)), 0, "%s", shown);
    cr_expect_eq(strncmp(piped.output, first, strlen(first)), 0);
    squeeze(shown);
    squeeze(piped.output);
    cr_expect_str_eq(shown, piped.output);
    free(shown);
    free_run(piped);
}
