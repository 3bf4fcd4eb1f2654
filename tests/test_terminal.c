/* What the command line finds out about the terminal it writes to, and what it lets through to it.
 */
#define _GNU_SOURCE /* posix_openpt and its like */
#include "command/terminal.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* A terminal of so many columns, to be written to. */
static FILE *open_terminal(unsigned short columns)
{
    int outside = posix_openpt(O_RDWR | O_NOCTTY);
    if (outside < 0 || grantpt(outside) != 0 || unlockpt(outside) != 0)
        cr_skip_test("no pseudoterminal here");
    const struct winsize size = {.ws_row = 24, .ws_col = columns};
    cr_assert_eq(ioctl(outside, TIOCSWINSZ, &size), 0);
    int inside = open(ptsname(outside), O_RDWR | O_NOCTTY);
    cr_assert_geq(inside, 0);
    FILE *file = fdopen(inside, "w");
    cr_assert_not_null(file);
    return file; /* the other end stays open until the test's process ends */
}

static void set(const char *name, const char *value)
{
    if (value == NULL)
        unsetenv(name);
    else
        setenv(name, value, 1);
}

/* ---- width --------------------------------------------------------------------------------- */

static void expect_width(FILE *file, const char *columns, int width, int known)
{
    set("COLUMNS", columns);
    cr_expect_eq(gt_terminal_width(file), width, "COLUMNS=%s: %d", columns, gt_terminal_width(file));
    cr_expect_eq(gt_terminal_known_width(file), known, "COLUMNS=%s: %d", columns, gt_terminal_known_width(file));
}

Test(terminal, width_of_a_file_is_that_of_columns)
{
    FILE *file = tmpfile();
    expect_width(file, NULL, 80, 0);
    expect_width(file, "100", 100, 100);
    expect_width(file, "7", 40, 40);
    expect_width(file, "100000", 500, 500);
    static const char *const nonsense[] = {"", "wide", "80x", "0", "-5"};
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++)
        expect_width(file, nonsense[i], 80, 0);
    fclose(file);
}

Test(terminal, width_of_a_terminal_is_its_own)
{
    setenv("TERM", "xterm", 1);
    expect_width(open_terminal(132), "100", 132, 132);
    expect_width(open_terminal(20), NULL, 40, 40);
    expect_width(open_terminal(0), "100", 100, 100); /* one that does not know */
    expect_width(open_terminal(0), NULL, 80, 0);
    setenv("TERM", "dumb", 1);
    expect_width(open_terminal(132), NULL, 132, 0);
}

/* ---- styles -------------------------------------------------------------------------------- */

static bool overwrites(FILE *file, const char *term)
{
    set("TERM", term);
    return gt_terminal_overwrites(file);
}

Test(terminal, a_line_is_overwritten_on_a_terminal_that_can)
{
    FILE *terminal = open_terminal(80), *file = tmpfile();
    cr_expect(gt_terminal_is(terminal));
    cr_expect_not(gt_terminal_is(file));
    cr_expect(overwrites(terminal, "xterm"));
    cr_expect(overwrites(terminal, NULL));
    cr_expect_not(overwrites(terminal, "dumb"));
    cr_expect_not(overwrites(file, "xterm"));
}

static const char *style(FILE *file, gt_style wanted, const char *term, const char *no_color)
{
    set("TERM", term);
    set("NO_COLOR", no_color);
    return gt_terminal_style(file, wanted);
}

Test(terminal, colour_is_for_terminals_whose_user_wants_it)
{
    FILE *terminal = open_terminal(80), *file = tmpfile();
    cr_expect_str_eq(style(terminal, GT_STYLE_BAD, "xterm", NULL), "\033[1;31m");
    cr_expect_str_eq(style(terminal, GT_STYLE_BAD, "xterm", ""), "\033[1;31m"); /* no-color.org: not empty */
    cr_expect_str_eq(style(terminal, GT_STYLE_BAD, "xterm", "1"), "");
    cr_expect_str_eq(style(terminal, GT_STYLE_BAD, "dumb", NULL), "");
    cr_expect_str_eq(style(terminal, GT_STYLE_BAD, NULL, NULL), "");
    cr_expect_str_eq(style(file, GT_STYLE_BAD, "xterm", NULL), "");
    /* All are told apart, and each is ended by the plain one. */
    for (int a = GT_STYLE_PLAIN; a <= GT_STYLE_NOTE; a++)
        for (int b = GT_STYLE_PLAIN; b < a; b++)
            cr_expect_str_neq(style(terminal, (gt_style)a, "xterm", NULL), style(terminal, (gt_style)b, "xterm", NULL));
    cr_expect_str_eq(style(terminal, GT_STYLE_PLAIN, "xterm", NULL), "\033[0m");
}

/* ---- text of others ------------------------------------------------------------------------ */

static void expect_said(const char *text, const char *expected)
{
    char *said = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&said, &size);
    gt_terminal_say(stream, "<%s>", text);
    fclose(stream);
    cr_expect_str_eq(said, expected);
    free(said);
}

Test(terminal, what_controls_a_terminal_is_shown_instead)
{
    expect_said("größe", "<größe>");
    expect_said("\033[2J\a", "<\\x1b[2J\\x07>");
    expect_said("a\nb\177", "<a\\x0ab\\x7f>");
    expect_said("\302\233", "<\\x9b>");             /* one character that begins a sequence */
    expect_said("a\342\200\256b", "<a\\u{202e}b>"); /* turns the direction of text */
    expect_said("\342\201\246\330\234\342\200\217", "<\\u{2066}\\u{061c}\\u{200f}>");
    expect_said("\377\303", "<\\xff\\xc3>");
}

Test(terminal, a_long_text_is_said_whole)
{
    static char text[5000], expected[5003];
    memset(text, 'x', sizeof text - 1);
    snprintf(expected, sizeof expected, "<%s>", text);
    expect_said(text, expected);
}

/* The first of the three variables that says anything decides. */
Test(terminal, letters_beyond_ascii_are_asked_of_the_locale)
{
    static const struct {
        const char *all, *type, *language;
        bool has;
    } rows[] = {
        {NULL, NULL, NULL, false},          {"", "", "", false},
        {"C", NULL, "de_DE.UTF-8", false},  {NULL, "en_US.UTF-8", "C", true},
        {"", NULL, "de_DE.utf8", true},     {NULL, NULL, "ja_JP.UTF8", true},
        {NULL, NULL, "ja_JP.eucJP", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        set("LC_ALL", rows[i].all);
        set("LC_CTYPE", rows[i].type);
        set("LANG", rows[i].language);
        cr_expect_eq(gt_terminal_has_utf8(), rows[i].has, "row %zu", i);
    }
}
