/* The option tables of the command line: what is read, what is refused and with which words. */
#include "command/json.h"
#include "command/options.h"
#include "command/terminal.h"
#include "gradtape/nearest.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const gt_command example = {.name = "example", .summary = "shows what options do"};

typedef struct settings {
    const char *cell;
    const char *out;
    gt_text_list text;
    int64_t hidden;
    double rate, minutes;
    int64_t memory;
    int dtype;
    int form;
    bool json;
    bool hidden_given;
} settings;

static const char *const dtypes[] = {"f64", "f32", NULL};

/* Runs the parser on a NULL-terminated list of arguments behind the command's name. */
static bool parse(settings *s, bool required, int *status, char **list)
{
    const gt_option operands[] = {GT_OPERAND_TEXT("CELL", &s->cell, "the cell's name"), GT_OPTION_END};
    const gt_option options[] = {
        GT_OPTION_TEXTS("text", "FILE", &s->text, "text to read"),
        GT_OPTION_TEXT("out", "FILE", &s->out, "file to write", .letter = 'o', .required = required),
        GT_OPTION_INTEGER("hidden", "N", &s->hidden, 1, 1000, "units", .given = &s->hidden_given),
        GT_OPTION_REAL("rate", "R", &s->rate, 0, 1, "learning rate"),
        GT_OPTION_REAL("minutes", "N", &s->minutes, 0, INFINITY, "how long"),
        GT_OPTION_BYTES("memory", &s->memory, "at most so much"),
        GT_OPTION_CHOICE("dtype", &s->dtype, dtypes, "element type"),
        GT_OPTION_SET("rolled", &s->form, 1, "one scan"),
        GT_OPTION_SET("unrolled", &s->form, 2, "a copy of the cell for each step"),
        GT_OPTION_FLAG("json", &s->json, "print JSON"),
        GT_OPTION_END,
    };
    const gt_usage usage = {.command = &example, .operands = operands, .options = options};
    char *arguments[16] = {(char[]){"example"}};
    int count = 1;
    for (; list[count - 1] != NULL; count++)
        arguments[count] = list[count - 1];
    return gt_usage_parse(&usage, count, arguments, status);
}

#define LIST(...) ((char *[]){__VA_ARGS__, NULL})

Test(options, values_in_every_form)
{
    settings s = {.hidden = 128, .rate = 0.5};
    int status;
    cr_assert(
        parse(&s, false, &status,
              LIST("--hidden=7", "lstm", "--rate", "1e-3", "--dtype", "f32", "--rolled", "-ofile.npz", "--json")));
    cr_expect_eq(s.hidden, 7);
    cr_expect(s.hidden_given);
    cr_expect_str_eq(s.cell, "lstm");
    cr_expect(s.rate == 1e-3);
    cr_expect_eq(s.dtype, 1);
    cr_expect_eq(s.form, 1);
    cr_expect_str_eq(s.out, "file.npz");
    cr_expect(s.json);
}

/* A command that has no options at all. */
Test(options, no_table, .init = cr_redirect_stderr)
{
    static char *lines[][3] = {{"x", "--name", "5"}, {"x", "-n", "5"}, {"x", "-name", "5"}, {"x", "word", "5"}};
    const gt_usage usage = {.command = &example};
    for (int i = 0; i < 4; i++) {
        int status = -1;
        cr_expect_not(gt_usage_parse(&usage, 3, lines[i], &status));
        cr_expect_eq(status, GT_EXIT_USAGE);
    }
    int status = -1;
    cr_expect(gt_usage_parse(&usage, 1, lines[0], &status));
}

/* One that must be there and has no word for its value. */
Test(options, a_required_one_without_a_word, .init = cr_redirect_stderr)
{
    const char *name = NULL;
    static char *line[] = {"x"};
    const gt_option options[] = {GT_OPTION_TEXT("name", NULL, &name, "a name", .required = true), GT_OPTION_END};
    const gt_usage usage = {.command = &example, .options = options};
    int status = -1;
    cr_expect_not(gt_usage_parse(&usage, 1, line, &status));
    cr_expect_eq(status, GT_EXIT_USAGE);
    cr_expect_null(name);
}

Test(options, defaults_stay)
{
    settings s = {.hidden = 128, .rate = 0.5, .form = 2};
    int status;
    cr_assert(parse(&s, false, &status, LIST("gru")));
    cr_expect_eq(s.hidden, 128);
    cr_expect_not(s.hidden_given);
    cr_expect(s.rate == 0.5);
    cr_expect_eq(s.dtype, 0);
    cr_expect_eq(s.form, 2);
    cr_expect_null(s.out);
    cr_expect_not(s.json);
    cr_expect_eq(s.text.count, 0);
}

Test(options, a_list_takes_what_follows_and_repeats)
{
    settings s = {0};
    int status;
    cr_assert(parse(&s, false, &status, LIST("rnn", "--text", "a", "b", "--json", "--text=c")));
    cr_assert_eq(s.text.count, 3);
    cr_expect_str_eq(s.text.items[0], "a");
    cr_expect_str_eq(s.text.items[1], "b");
    cr_expect_str_eq(s.text.items[2], "c");
    gt_text_list_free(&s.text);
    cr_expect_eq(s.text.count, 0);
    cr_expect_null(s.text.items);
}

Test(options, two_dashes_end_the_options)
{
    settings s = {0};
    int status;
    cr_assert(parse(&s, false, &status, LIST("--", "--json")));
    cr_expect_str_eq(s.cell, "--json");
    cr_expect_not(s.json);
}

/* Each list is refused with a message that contains the text. */
static void refuse(bool required, char **list, const char *text)
{
    fflush(stderr);
    settings s = {.hidden = 128, .rate = 0.5};
    int status = -1;
    cr_expect_not(parse(&s, required, &status, list), "accepted, instead of: %s", text);
    cr_expect_eq(status, GT_EXIT_USAGE);
    cr_expect_eq(s.text.count, 0);
    cr_expect_null(s.text.items);
    fflush(stderr);
    char message[1024] = "";
    FILE *output = cr_get_redirected_stderr();
    size_t length = fread(message, 1, sizeof message - 1, output);
    message[length] = '\0';
    cr_expect_not_null(strstr(message, text), "expected '%s' in: %s", text, message);
    cr_expect_not_null(strstr(message, "gradtape example"), "no command in: %s", message);
}

#define REFUSE(NAME, REQUIRED, TEXT, ...)                                                                              \
    Test(options, refuses_##NAME, .init = cr_redirect_stderr)                                                          \
    {                                                                                                                  \
        refuse(REQUIRED, LIST(__VA_ARGS__), TEXT);                                                                     \
    }

REFUSE(a_misspelt_option, false, "unknown option '--hiden'; did you mean '--hidden'?", "rnn", "--hiden", "3")
REFUSE(an_unknown_option, false, "unknown option '--zzz'", "rnn", "--zzz")
REFUSE(a_single_dash, false, "unknown option '-hidden'; did you mean '--hidden'?", "rnn", "-hidden", "3")
REFUSE(a_number_out_of_range, false, "--hidden expects a whole number from 1 to 1000, not '0'", "rnn", "--hidden", "0")
REFUSE(a_negative_number, false, "--hidden expects a whole number from 1 to 1000, not '-5'", "rnn", "--hidden", "-5")
REFUSE(text_for_a_number, false, "--hidden expects a whole number from 1 to 1000, not '12x'", "rnn", "--hidden=12x")
REFUSE(an_empty_number, false, "--hidden expects a whole number from 1 to 1000, not ''", "rnn", "--hidden=")
REFUSE(a_huge_number, false, "not '99999999999999999999'", "rnn", "--hidden", "99999999999999999999")
REFUSE(not_a_number, false, "--rate expects a number from 0 to 1, not 'nan'", "rnn", "--rate", "nan")
REFUSE(a_wrong_choice, false, "--dtype expects f64 or f32, not 'f46'; did you mean 'f64'?", "rnn", "--dtype", "f46")
REFUSE(a_strange_choice, false, "--dtype expects f64 or f32, not 'double'", "rnn", "--dtype", "double")
REFUSE(a_missing_value, false, "--hidden needs a value: --hidden N", "rnn", "--hidden")
REFUSE(an_option_for_a_value, false, "--out needs a value: --out FILE", "rnn", "--out", "--json")
REFUSE(an_empty_text, false, "--out is empty", "rnn", "--out=")
REFUSE(a_value_for_a_flag, false, "--json takes no value, but 'yes' was given", "rnn", "--json=yes")
REFUSE(a_repetition, false, "--rate is given twice", "rnn", "--rate", "1", "--rate", "0")
REFUSE(a_contradiction, false, "--rolled and --unrolled exclude each other", "rnn", "--rolled", "--unrolled")
REFUSE(a_missing_operand, false, "CELL is missing: the cell's name", "--json")
REFUSE(one_operand_too_many, false, "'gru' is one argument too many", "rnn", "gru")
REFUSE(a_missing_required_option, true, "--out FILE is missing: file to write", "rnn")
REFUSE(an_error_behind_a_list, false, "unknown option '--jsonn'", "rnn", "--text", "a", "b", "--jsonn")

Test(options, help_comes_from_the_table, .init = cr_redirect_stdout)
{
    unsetenv("COLUMNS");
    settings s = {.hidden = 128, .rate = 0.25, .form = 1};
    int status = -1;
    /* Also behind an option that is wrong, and with the defaults unchanged. */
    cr_expect_not(parse(&s, true, &status, LIST("--hidden", "3", "--nonsense", "--help")));
    cr_expect_eq(status, GT_EXIT_GOOD);
    fflush(stdout);
    static char text[8192];
    size_t length = fread(text, 1, sizeof text - 1, cr_get_redirected_stdout());
    text[length] = '\0';
    const char *const parts[] = {"Usage: gradtape example CELL --out FILE [OPTION]...",
                                 "shows what options do",
                                 "CELL",
                                 "the cell's name",
                                 "-o, --out FILE",
                                 "--text FILE...",
                                 "units (default 128)",
                                 "learning rate (default 0.25)",
                                 "--dtype f64|f32",
                                 "element type (default f64)",
                                 "one scan (default)",
                                 "a copy of the cell for each step\n",
                                 "-h, --help"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_expect_not_null(strstr(text, parts[i]), "'%s' is not in: %s", parts[i], text);
    for (const char *line = text; *line != '\0';) {
        size_t columns = strcspn(line, "\n");
        cr_expect_leq(columns, 80, "too long: %.*s", (int)columns, line);
        line += columns + (line[columns] == '\n');
    }
}

/* In characters, not bytes. */
Test(terminal, text_is_measured_in_characters)
{
    cr_expect_eq(gt_terminal_columns("größe", strlen("größe")), 5);
    cr_expect_eq(gt_terminal_fit("größe", 3), 4);
    cr_expect_eq(gt_terminal_fit("größe", 9), 7);
    cr_expect_eq(gt_terminal_fit("größe", 0), 0);
}

Test(terminal, text_is_wrapped_at_the_width, .init = cr_redirect_stdout)
{
    gt_terminal_wrap(stdout, "ää öö üü ää\n\nb c", 2, 0, 8);
    fflush(stdout);
    char text[128];
    text[fread(text, 1, sizeof text - 1, cr_get_redirected_stdout())] = '\0';
    cr_expect_str_eq(text, "ää öö üü\n  ää\n\n  b c\n");
}

Test(nearest, distances)
{
    cr_expect_eq(gt_nearest_distance("hidden", "hidden"), 0);
    cr_expect_eq(gt_nearest_distance("hiden", "hidden"), 1);
    cr_expect_eq(gt_nearest_distance("hiddne", "hidden"), 1);
    cr_expect_eq(gt_nearest_distance("", "abc"), 3);
    cr_expect_eq(gt_nearest_distance("abc", ""), 3);
    cr_expect_eq(gt_nearest_distance("kitten", "sitting"), 3);
    cr_expect_eq(gt_nearest_distance("WAA", "Waa"), 0);
    char endless[200];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    cr_expect_eq(gt_nearest_distance(endless, "x"), 62);
}

Test(nearest, suggests_only_what_is_near)
{
    gt_nearest search = {.wanted = "lsmt"};
    gt_nearest_offer(&search, "rnn");
    gt_nearest_offer(&search, "gru");
    cr_expect_null(search.best);
    gt_nearest_offer(&search, "lstm");
    cr_assert_not_null(search.best);
    cr_expect_str_eq(search.best, "lstm");
}

#ifdef GT_HAVE_JANSSON
Test(json, a_document, .init = cr_redirect_stdout)
{
    gt_json *json = gt_json_begin(&example, 3);
    gt_json_array(json, "list");
    gt_json_object(json, NULL);
    gt_json_text(json, "name", "a \"quoted\" name");
    gt_json_real(json, "good", 0.1);
    gt_json_real(json, "bad", 0.0 / 0.0);
    gt_json_boolean(json, "yes", true);
    gt_json_shape(json, "shape", GT_SHAPE(5, 10));
    gt_json_close(json);
    gt_json_integer(json, NULL, 7);
    gt_json_close(json);
    cr_expect_eq(gt_json_finish(json, GT_EXIT_BAD), GT_EXIT_BAD);
    fflush(stdout);
    char text[1024];
    size_t length = fread(text, 1, sizeof text - 1, cr_get_redirected_stdout());
    text[length] = '\0';
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (*from != ' ' && *from != '\n')
            *to++ = *from;
    *to = '\0';
    cr_expect_str_eq(text, "{\"command\":\"example\",\"version\":3,\"list\":[{\"name\":"
                           "\"a\\\"quoted\\\"name\",\"good\":0.10000000000000001,\"bad\":null,"
                           "\"yes\":true,\"shape\":[5,10]},7]}");
}

Test(json, a_wrong_use_is_no_crash, .init = cr_redirect_stderr)
{
    gt_json *json = gt_json_begin(&example, 1);
    gt_json_integer(json, NULL, 1); /* no key inside of an object */
    gt_json_object(json, "x");
    gt_json_close(json);
    cr_expect_eq(gt_json_finish(json, GT_EXIT_GOOD), GT_EXIT_USAGE);
    cr_expect_eq(gt_json_finish(NULL, GT_EXIT_GOOD), GT_EXIT_USAGE);
}
#endif

/* ---- an operand that is a list ------------------------------------------------------------- */

static bool parse_list(gt_text_list *cells, gt_text_list *tasks, int *status, char **list)
{
    const char *first = NULL;
    const gt_option operands[] = {GT_OPERAND_TEXT("FIRST", &first, "the first"),
                                  GT_OPERAND_TEXTS("CELL", cells, "cells"), GT_OPTION_END};
    const gt_option options[] = {GT_OPTION_TEXTS("task", "TASK", tasks, "a task", .one_each = true), GT_OPTION_END};
    const gt_usage usage = {.command = &example, .operands = operands, .options = options};
    char *arguments[16] = {(char[]){"example"}};
    int count = 1;
    for (; list[count - 1] != NULL; count++)
        arguments[count] = list[count - 1];
    return gt_usage_parse(&usage, count, arguments, status);
}

Test(options, an_operand_may_be_a_list)
{
    gt_text_list cells = {NULL, 0}, tasks = {NULL, 0};
    int status;
    cr_assert(parse_list(&cells, &tasks, &status,
                         LIST("one", "lstm", "--task", "adding", "gru", "--task=copy", "--", "-mine")));
    cr_assert_eq(cells.count, 3);
    cr_expect_str_eq(cells.items[0], "lstm");
    cr_expect_str_eq(cells.items[1], "gru");
    cr_expect_str_eq(cells.items[2], "-mine");
    cr_expect_eq(tasks.count, 2);
    gt_text_list_free(&cells);
    gt_text_list_free(&tasks);
}

Test(options, a_list_of_operands_is_not_empty, .init = cr_redirect_stderr)
{
    gt_text_list cells = {NULL, 0}, tasks = {NULL, 0};
    int status;
    cr_assert_not(parse_list(&cells, &tasks, &status, LIST("one", "--task", "adding")));
    cr_expect_eq(status, GT_EXIT_USAGE);
    cr_assert_not(parse_list(&cells, &tasks, &status, LIST("one", "lstm", "gru", "--tusk")));
    cr_expect(cells.items == NULL && cells.count == 0 && tasks.items == NULL); /* nothing is left of them */
}

Test(options, numbers_of_bytes)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } rows[] = {{"1", 1}, {"64k", 64000}, {"64K", 64000}, {"1.5G", 1500000000}, {"2m", 2000000}, {"1e3", 1000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        settings s = {.hidden = 1};
        int status = -1;
        char text[16];
        strcpy(text, rows[i].text);
        cr_expect(parse(&s, false, &status, LIST("--memory", text, "lstm")), "%s", rows[i].text);
        cr_expect_eq(s.memory, rows[i].bytes, "%s: %lld", rows[i].text, (long long)s.memory);
    }
}

Test(options, numbers_that_are_none, .init = cr_redirect_stderr)
{
    static const char *const rows[][2] = {
        {"--memory", "much"}, {"--memory", ""},     {"--memory", "64kB"}, {"--memory", "0.5"},
        {"--memory", "-1"},   {"--memory", "1e19"}, {"--memory", "nan"},  {"--memory", "64x"},
        {"--memory", "k"},    {"--minutes", "-1"},  {"--minutes", "nan"}, {"--minutes", "5 "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        settings s = {.hidden = 1};
        int status = -1;
        char name[16], text[16];
        strcpy(name, rows[i][0]);
        strcpy(text, rows[i][1]);
        cr_expect_not(parse(&s, false, &status, LIST(name, text, "lstm")), "%s %s", name, text);
        cr_expect_eq(status, GT_EXIT_USAGE, "%s %s", name, text);
    }
}
