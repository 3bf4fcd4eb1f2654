/* What the cell language says to newcomers: one mistake, one message, at its place, with what to write instead. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HEAD                                                                                                           \
    "cell c\n  input x[n_x]\n  state h[n_a]\n"                                                                         \
    "  param W[n_a, n_a + n_x], U[n_a, n_a], V[n_a, n_x], b[n_a]\n  z = concat(h, x)\n"
#define NEXT "  h' = tanh(W @ z + b)\n"

typedef struct typed {
    const char *text;
    uint32_t line, column;
    const char *message, *hint;
} typed;

/*
 * What people type who know NumPy, PyTorch, MATLAB or a paper, and the one message that they get:
 * the text, where, what is wrong, and what to write instead.
 *
 * LINE stands in a cell with input x, state h, parameters W, U, V and b, and z = concat(h, x);
 * OWN is the same without an equation for h'; WHOLE is all of the text.
 */
static const typed table[] = {
#define WHOLE(text, line, column, message, hint) {text, line, column, message, hint},
#define OWN(text, line, column, message, hint) {HEAD text "\n", line, column, message, hint},
#define LINE(text, line, column, message, hint) {HEAD text "\n" NEXT, line, column, message, hint},
#include "lang_hints/calls.h"
#include "lang_hints/characters.h"
#include "lang_hints/declarations.h"
#include "lang_hints/equations.h"
#include "lang_hints/operators.h"
#include "lang_hints/slices.h"
#include "lang_hints/statements.h"
};

static gt_parsed_cell *parse(const char *text)
{
    static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}};
    gt_cell_parse_options options = {.file = "t.cell", .dimensions = sizes, .dimension_count = 2};
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), &options);
    cr_assert_not_null(parsed);
    return parsed;
}

/* The i-th error; NULL past the last. */
static const gt_diagnostic *error_at(const gt_parsed_cell *parsed, size_t i)
{
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    for (size_t k = 0; k < count; k++)
        if (list[k].severity == GT_SEVERITY_ERROR && i-- == 0)
            return &list[k];
    return NULL;
}

static void expect(const typed *t)
{
    gt_parsed_cell *parsed = parse(t->text);
    const gt_diagnostic *first = error_at(parsed, 0), *second = error_at(parsed, 1);
    cr_expect_not_null(first, "nothing is wrong with %s", t->text);
    if (first != NULL) {
        cr_expect_str_eq(first->message, t->message, "%s\n%s\nnot\n%s", t->text, first->message, t->message);
        cr_expect(first->line == t->line && first->column == t->column, "%s at %u:%u, not %u:%u", t->text, first->line,
                  first->column, t->line, t->column);
        cr_expect((first->hint == NULL) == (t->hint == NULL) && (t->hint == NULL || strcmp(first->hint, t->hint) == 0),
                  "%s\n%s\nnot\n%s", t->text, first->hint != NULL ? first->hint : "no hint", t->hint);
    }
    cr_expect_null(second, "%s\nthen: %s", t->text, second != NULL ? second->message : "");
    gt_parsed_cell_free(parsed);
}

Test(lang_hints, one_mistake_is_one_message)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        expect(&table[i]);
}

/* A hint that says what to write is right if that can be written: what is behind "write ", in place of the line. */
Test(lang_hints, what_is_to_be_written_can_be)
{
    int tried = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[1000], words[400];
        const char *hint = table[i].hint;
        bool call = strncmp(table[i].message, "there is no function", 20) == 0 ||
                    strncmp(table[i].message, "functions stand alone", 21) == 0;
        if (!call || hint == NULL || strncmp(hint, "write ", 6) != 0)
            continue;
        snprintf(words, sizeof words, "%.*s", (int)strcspn(hint + 6, ":"), hint + 6);
        bool slices = strchr(words, ':') != NULL || strchr(words, '[') != NULL || strstr(words, " v") != NULL ||
                      strstr(words, "v ") != NULL || strchr(words, '@') != NULL;
        if (slices)
            continue; /* of arrays that do not go together in this cell, or of nobody's */
        snprintf(text, sizeof text, HEAD "  q = %s\n" NEXT, words);
        gt_parsed_cell *parsed = parse(text);
        const gt_diagnostic *d = error_at(parsed, 0);
        cr_expect_null(d, "%s: %s", words, d != NULL ? d->message : "");
        gt_parsed_cell_free(parsed);
        tried++;
    }
    cr_expect_geq(tried, 50);
}

/* What other tools write and what changes nothing is understood. */
Test(lang_hints, what_is_plain_is_accepted)
{
    static const char *const lines[] = {
        "  q\xC2\xA0=\xC2\xA0h",
        "  q =\xE3\x80\x80h",
        "  q\t=\th",
        "  q = h\r",
        "  q = + h",
        "  q = sum(h, 0)",
        "  q = .5 * h",
        "  q = h.T.T",
        "  t = h",
        "  e = h",
        "  for_ = h",
        "  if = h",
        "  let = h",
        "  inputs = h",
        "  q = h -- b",
        "  q = 2.*h",
        "  q = 2./(1 + h * h)",
        "  q = h<-1",
        "  q = h[:-1]",
        "  q = (h\n + b)",
        "  q = concat(h, x,\n  h)",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[600];
        snprintf(text, sizeof text, HEAD "%s\n" NEXT, lines[i]);
        gt_parsed_cell *parsed = parse(text);
        const gt_diagnostic *d = error_at(parsed, 0);
        cr_expect_null(d, "%s: %s", lines[i], d != NULL ? d->message : "");
        gt_parsed_cell_free(parsed);
    }
}

/* The names that a line declares are known, whatever is wrong with one of them. */
Test(lang_hints, a_mistake_in_a_declaration_costs_one_name)
{
    static const char *const lines[] = {
        "W[n_a, n_x] = banana, U[n_a, n_a]",
        "W[n_a, n_x] ~ banana(1, 2), U[n_a, n_a]",
        "W[n_a, n_x] ~ normal(0, 1), U[n_a, n_a]",
        "W[n_a n_x], U[n_a, n_a]",
        "W[n_a, n_x, 2, 2], U[n_a, n_a]",
        "W(n_a, n_x), U[n_a, n_a]",
        "W, U[n_a, n_a]",
        "U[n_a, n_a], W[n_a, n_x] = ",
        "W[n_a, n_x] = (1 + 2, U[n_a, n_a]",
        "W[n_a, n_x]; U[n_a, n_a]",
        "W[n_a, n_x] U[n_a, n_a]",
        "W[n_a, n_x] = [1, 2], U[n_a, n_a]",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char text[400];
        snprintf(text, sizeof text, "cell c\n input x[n_x]\n state h[n_a]\n param %s\n h' = tanh(W @ x + U @ h)\n",
                 lines[i]);
        gt_parsed_cell *parsed = parse(text);
        const gt_diagnostic *first = error_at(parsed, 0), *second = error_at(parsed, 1);
        cr_expect(first != NULL && first->line == 4, "%s", lines[i]);
        cr_expect_null(second, "%s: then %s", lines[i], second != NULL ? second->message : "");
        gt_parsed_cell_free(parsed);
    }
}

/* A character of no keyboard is pointed at once, however often it is there. */
Test(lang_hints, a_character_is_told_of_once)
{
    gt_parsed_cell *parsed = parse("cell c # \xE2\x80\x99\n input x[n]\n state a[n], c[n]\n a\xE2\x80\x99 = x\n "
                                   "c\xE2\x80\x99 = a\xE2\x80\x99 + c\n");
    const gt_diagnostic *d = error_at(parsed, 0);
    cr_assert_not_null(d);
    cr_expect_str_eq(d->hint, "write the prime of the keyboard, as in h' (\xE2\x80\x99 is there 3 times)");
    cr_expect_null(error_at(parsed, 1));
    gt_parsed_cell_free(parsed);
}
