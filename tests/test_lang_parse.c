/* The parser of the cell language: trees, printing, and what it says of mistakes. */
#include "lang/copy.h"
#include "lang/parse.h"
#include "lang/print.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct parsed {
    gt_pool pool;
    gt_lang_diagnostics diagnostics;
    gt_lang_file *file;
} parsed;

static void parse_bytes(parsed *p, const char *text, size_t size)
{
    *p = (parsed){0};
    p->diagnostics.pool = &p->pool;
    p->file = gt_lang_parse(&p->pool, "test.cell", text, size, &p->diagnostics);
    cr_assert_not_null(p->file);
}

static void parse(parsed *p, const char *text)
{
    parse_bytes(p, text, strlen(text));
}

static void done(parsed *p)
{
    gt_lang_diagnostics_free(&p->diagnostics);
    gt_pool_free(&p->pool);
}

/* The expression in an equation of a cell. */
static gt_lang_expression *parse_expression(parsed *p, const char *expression)
{
    char text[4096];
    snprintf(text, sizeof text, "cell c\n  y = %s\n", expression);
    parse(p, text);
    if (p->diagnostics.count > 0)
        cr_log_error("%s: %s", expression, p->diagnostics.list[0].message);
    cr_assert_eq(p->diagnostics.count, 0);
    cr_assert_eq(p->file->cell_count, 1);
    cr_assert_eq(p->file->cells[0].equation_count, 1);
    return p->file->cells[0].equations[0].value;
}

static void expect_print(const char *expression, const char *expected)
{
    parsed p, again;
    char text[4096], repeated[4096];
    gt_lang_expression *tree = parse_expression(&p, expression);
    size_t length = gt_lang_print(tree, text, sizeof text);
    cr_expect_str_eq(text, expected, "%s is printed as %s", expression, text);
    cr_expect_eq(length, strlen(text));
    gt_lang_expression *same = parse_expression(&again, text);
    cr_expect(gt_lang_equal(tree, same), "%s does not read back", text);
    gt_lang_print(same, repeated, sizeof repeated);
    cr_expect_str_eq(repeated, text);
    char cut[4] = "";
    cr_expect_eq(gt_lang_print(tree, cut, sizeof cut), length);
    cr_expect(strncmp(cut, text, 3) == 0 && cut[3] == '\0');
    done(&p);
    done(&again);
}

Test(lang_print, has_the_parentheses_that_are_needed)
{
    static const char *const cases[][2] = {
        {"a + b * c", "a + b * c"},
        {"(a + b) * c", "(a + b) * c"},
        {"a - (b - c)", "a - (b - c)"},
        {"(a - b) - c", "a - b - c"},
        {"a * (b / c)", "a * (b / c)"},
        {"((a))", "a"},
        {"-x**2", "-x**2"},
        {"(-x)**2", "(-x)**2"},
        {"2**-1", "2**-1"},
        {"2**3**2", "2**3**2"},
        {"(2**3)**2", "(2**3)**2"},
        {"-(a * b)", "-(a * b)"},
        {"-a * b", "-a * b"},
        {"a * -b", "a * -b"},
        {"a - -b", "a - -b"},
        {"+a", "a"},
        {"W@z+b", "W @ z + b"},
        {"(W @ z).T", "(W @ z).T"},
        {"W.T[:n,  1 :]", "W.T[:n, 1:]"},
        {"W[:, :n_a].T @ d", "W[:, :n_a].T @ d"},
        {"W[:, n_a-1:2*n_a]", "W[:, n_a - 1:2 * n_a]"},
        {"1 - tanh(c')**2", "1 - tanh(c')**2"},
        {"sum(u, axis=0)", "sum(u, axis=0)"},
        {"sum(u, 1)", "sum(u, axis=1)"},
        {"mean(u, axis=-2, keepdims=True)", "mean(u, axis=0)"},
        {"sum(u)", "sum(u)"},
        {"where(a < b, u, (v))", "where(a < b, u, v)"},
        {"(a < b) == (c >= d)", "(a < b) == (c >= d)"},
        {"a + b < c * d", "a + b < c * d"},
        {"concat(a, b, c,)", "concat(a, b, c)"},
        {"1e-5 + .5 + 1. + 0.1", "1e-05 + 0.5 + 1 + 0.1"},
        {"1.T", "1.T"},
        {"maximum(-1, minimum(x, 1))", "maximum(-1, minimum(x, 1))"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_print(cases[i][0], cases[i][1]);
}

/* ---- random trees -------------------------------------------------------------------------- */

static gt_lang_expression *grow(gt_pool *pool, int depth)
{
    gt_lang_place none = {0};
    int kind = depth == 0 ? rand() % 2 : rand() % 7;
    if (kind == 0)
        return gt_lang_new_number(pool, (rand() % 1000) / 8.0, none);
    if (kind == 1)
        return gt_lang_new_name(pool, rand() % 2 ? "a'" : "W", none);
    if (kind == 2)
        return gt_lang_new_negation(pool, grow(pool, depth - 1));
    if (kind == 3)
        return gt_lang_new_transpose(pool, grow(pool, depth - 1));
    if (kind == 4)
        return gt_lang_new_call(pool, GT_LANG_TANH, (gt_lang_expression *[]){grow(pool, depth - 1)}, 1);
    gt_lang_operation operation = (gt_lang_operation)(rand() % (GT_LANG_POWER + 1));
    return gt_lang_new_binary(pool, operation, grow(pool, depth - 1), grow(pool, depth - 1));
}

Test(lang_print, random_trees_read_back)
{
    srand(1);
    for (int i = 0; i < 2000; i++) {
        gt_pool pool = {0};
        char text[4000];
        gt_lang_expression *tree = grow(&pool, 5);
        cr_assert_lt(gt_lang_print(tree, text, sizeof text), sizeof text);
        parsed p;
        gt_lang_expression *same = parse_expression(&p, text);
        cr_expect(gt_lang_equal(tree, same), "%s", text);
        done(&p);
        gt_pool_free(&pool);
    }
}

Test(lang_copy, replaces_one_place)
{
    parsed p;
    char text[100];
    gt_lang_expression *tree = parse_expression(&p, "f * c + i * W[:, n:]");
    gt_lang_expression *product = tree->arguments[1];
    gt_lang_expression *copy =
        gt_lang_copy_with(&p.pool, tree, product->arguments[0], gt_lang_new_name(&p.pool, "o", product->place));
    gt_lang_print(copy, text, sizeof text);
    cr_expect_str_eq(text, "f * c + o * W[:, n:]");
    gt_lang_print(tree, text, sizeof text);
    cr_expect_str_eq(text, "f * c + i * W[:, n:]");
    cr_expect_not(gt_lang_equal(tree, copy));
    cr_expect(gt_lang_equal(tree, gt_lang_copy(&p.pool, tree)));
    gt_lang_print_marked(tree, product, "<<", ">>", text, sizeof text);
    cr_expect_str_eq(text, "f * c + <<i * W[:, n:]>>");
    done(&p);
}

/* ---- cells --------------------------------------------------------------------------------- */

static const char two_cells[] = "\xEF\xBB\xBF# A first one,\r\n"
                                "#  in two lines.\r\n"
                                "cell one # unimportant\r\n"
                                "  input x[n_x]\r\n"
                                "  state a[n_a], c[2 * n_a] = 0.5\r\n"
                                "  param W[n_a, n_a + n_x], b[n_a] = 1, V[n_a, n_x] ~ uniform(-0.1, 1/10)\r\n"
                                "  param U[n_a, n_a] ~ orthogonal\r\n"
                                "  z = concat(a,   # a comment in brackets\r\n"
                                "             x)\r\n"
                                "  a' = W @ z\r\n"
                                "  c' = c\r\n"
                                "  output y = a'\r\n"
                                "backward\r\n"
                                "  da = W[:, :n_a].T @ da'\r\n"
                                "cell two";

Test(lang_parse, two_cells)
{
    parsed p;
    parse(&p, two_cells);
    if (p.diagnostics.count > 0)
        cr_log_error("%u: %s", p.diagnostics.list[0].line, p.diagnostics.list[0].message);
    cr_assert_eq(p.diagnostics.count, 0);
    cr_assert_eq(p.file->cell_count, 2);
    const gt_lang_cell *cell = &p.file->cells[0];
    cr_expect_str_eq(cell->name, "one");
    cr_expect_str_eq(cell->documentation, "A first one, in two lines.");
    cr_assert_eq(cell->declaration_count, 7);
    const gt_lang_declaration *d = cell->declarations;
    cr_expect_eq(d[0].role, GT_LANG_INPUT);
    cr_expect_eq(d[2].initializer.kind, GT_INITIALIZE_CONSTANT);
    cr_expect_eq(d[2].initializer.a, 0.5);
    cr_expect_eq(d[3].initializer.kind, GT_INITIALIZE_GLOROT);
    cr_expect(d[4].columns == NULL && d[4].initializer.a == 1);
    cr_expect_eq(d[5].initializer.kind, GT_INITIALIZE_UNIFORM);
    cr_expect(d[5].initializer.a == -0.1 && d[5].initializer.b == 0.1);
    cr_expect_eq(d[6].initializer.kind, GT_INITIALIZE_ORTHOGONAL);
    cr_assert_eq(cell->equation_count, 4);
    const gt_lang_equation *e = cell->equations;
    cr_expect_eq(e[0].place.line, 8);
    cr_expect_eq(e[0].place.column, 3);
    cr_expect_eq(e[1].target, GT_LANG_NEXT);
    cr_expect_str_eq(e[1].name, "a'");
    cr_expect_eq(e[1].value->operator_place.column, 10);
    cr_expect_eq(e[1].value->place.length, 5);
    cr_expect_eq(e[3].target, GT_LANG_OUTPUT);
    cr_assert_eq(cell->backward_count, 1);
    cr_expect_str_eq(cell->backward[0].name, "da");
    cr_expect_str_eq(p.file->cells[1].name, "two");
    cr_expect_not(p.file->cells[1].has_backward);
    done(&p);
}

/* ---- mistakes ------------------------------------------------------------------------------ */

typedef struct mistake {
    const char *text;
    uint32_t line, column;
    const char *message; /* its beginning */
    const char *hint;    /* its beginning, or NULL */
} mistake;

static void expect_mistake(const mistake *m)
{
    parsed p;
    parse(&p, m->text);
    cr_assert_geq(p.diagnostics.count, 1, "nothing is wrong with %s", m->text);
    const gt_diagnostic *d = &p.diagnostics.list[0];
    cr_expect(strncmp(d->message, m->message, strlen(m->message)) == 0, "%s: %s", m->text, d->message);
    cr_expect(d->line == m->line && d->column == m->column, "%s: at %u:%u", m->text, d->line, d->column);
    cr_expect(m->hint == NULL || (d->hint != NULL && strncmp(d->hint, m->hint, strlen(m->hint)) == 0), "%s: %s",
              m->text, d->hint != NULL ? d->hint : "no hint");
    cr_expect_eq(p.diagnostics.count, 1, "%s: then %s", m->text,
                 p.diagnostics.count > 1 ? p.diagnostics.list[1].message : "");
    done(&p);
}

Test(lang_parse, mistakes_are_reported_once_at_their_place)
{
    static const mistake mistakes[] = {
        {"", 1, 1, "there is no cell", NULL},
        {"# nothing", 1, 10, "there is no cell", NULL},
        {"input x[n]\ncell c\n", 1, 1, "a cell begins with its name", "write cell NAME"},
        {"x = 1\ncell c\n", 1, 1, "expected cell and a name", "a cell is 'cell NAME'"},
        {"cell\n x = 1", 1, 5, "expected the name of the cell, not the end of the line", NULL},
        {"cell c'\n", 1, 6, "the name of a cell has no prime", NULL},
        {"cell c\n z = \n y = 1\n", 2, 6, "expected an expression, not the end of the line", NULL},
        {"cell c\n z = concat(a, x\n f = sigmoid(z)\n", 2, 12, "this bracket is never closed", NULL},
        {"cell c\n z = (a + x\n", 2, 6, "this bracket is never closed", NULL},
        {"cell c\n z = concat(a\n     x)\n y = 1\n", 3, 6, "expected , or ) behind the argument, not 'x'", NULL},
        {"cell c\n z = a b\n", 2, 8, "expected an operator or the end of the line, not 'b'", NULL},
        {"cell c\n z = 2a\n", 2, 6, "a name cannot begin with a digit", NULL},
        {"cell c\n z = 1e999\n", 2, 6, "the number is too large", NULL},
        {"cell c\n z = a ^ 2\n", 2, 8, "a power is written **", NULL},
        {"cell c\n z = a < b < c\n", 2, 12, "comparisons do not chain", NULL},
        {"cell c\n z = np.tanh(a)\n", 2, 6, "functions stand alone, without np.", "write tanh(a)"},
        {"cell c\n z = tnah(a)\n", 2, 6, "there is no function tnah", "did you mean tanh?"},
        {"cell c\n z = dot(a, b)\n", 2, 6, "there is no function dot", "write a @ b"},
        {"cell c\n z = tanh(a, b)\n", 2, 6, "tanh takes one argument, not 2", NULL},
        {"cell c\n z = concat()\n", 2, 6, "concat takes at least one argument, not 0", NULL},
        {"cell c\n z = sum(a, axis=4)\n", 2, 18, "axis is 0", NULL},
        {"cell c\n z = sum(a, axis=n)\n", 2, 18, "axis is 0", NULL},
        {"cell c\n z = tanh(a, axis=1)\n", 2, 14, "tanh takes no 'axis='", NULL},
        {"cell c\n z = sum(a, keepdims=False)\n", 2, 22, "sums and means always keep", NULL},
        {"cell c\n z = W[0]\n", 2, 8, "a slice needs its colon", "row 0 alone is W[0:1]"},
        {"cell c\n z = W[0:4:2]\n", 2, 11, "a slice has no step", NULL},
        {"cell c\n z = W[:, :, :]\n", 2, 14, "a slice has at most two axes", NULL},
        {"cell c\n z += a\n", 2, 4, "a name is assigned once; there is no +=", NULL},
        {"cell c\n W[1:] = a\n", 2, 3, "a part of an array cannot be assigned", NULL},
        {"cell c\n parm W[n]\n", 2, 2, "there is no word parm in a cell", "write param"},
        {"cell c\n outptu y = 1\n", 2, 9, "expected = behind the name", "did you mean output?"},
        {"cell c\n param W\n", 2, 8, "W needs a size", "W[n_a, n_x] is a matrix"},
        {"cell c\n param W[n, k, l, m]\n", 2, 17, "a parameter has at most 3 sizes", NULL},
        {"cell c\n input a[n, k]\n", 2, 11, "an input has one size", NULL},
        {"cell c\n state a[n, k, l, j]\n", 2, 17, "a state has at most 3 sizes", NULL},
        {"cell c\n input x[n] = 1\n", 2, 13, "an input has no initial value", NULL},
        {"cell c\n state a[n] ~ glorot\n", 2, 15, "a state is no parameter that begins glorot", NULL},
        {"cell c\n param W[n] ~ gloro\n", 2, 15, "there is no initializer gloro", "did you mean glorot?"},
        {"cell c\n param W[n] ~ normal\n", 2, 21, "expected ( and a number", NULL},
        {"cell c\n param W[n] ~ normal(-1)\n", 2, 15, "a standard deviation is not negative", NULL},
        {"cell c\n param W[n] ~ uniform(2, 1)\n", 2, 15, "the lower limit comes first", NULL},
        {"cell c\n param W[n] = 1/0\n", 2, 15, "the number is not finite", NULL},
        {"cell c\n param tanh[n]\n", 2, 8, "tanh is a function", NULL},
        {"cell c\n param state[n]\n", 2, 8, "state is a word of the language", NULL},
        {"cell c\n param a'[n]\n", 2, 8, "a declared name has no prime", NULL},
        {"cell c\n z = 1\n param W[n]\n", 3, 2, "declarations come before the equations", NULL},
        {"cell c\n output y' = 1\n", 2, 9, "an output has no prime", NULL},
        {"cell c\nbackward\n output y = 1\n", 3, 2, "outputs belong before", NULL},
        {"cell c\nbackward\nbackward\n", 3, 1, "the cell has a backward block already", NULL},
        {"cell c\n z = \"a\"\n", 2, 6, "there are no strings", NULL},
        {"cell c\n z = \xCE\xB1\n", 2, 6, "\xCE\xB1: a name has the letters from a to z", "write alpha"},
        {"cell c\n # \xFF\n z = 1\n", 2, 1, "this line is not UTF-8", NULL},
        {"cell c\n z = a \\\n", 2, 8, "a line goes on while a bracket is open", NULL},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        expect_mistake(&mistakes[i]);
}

Test(lang_parse, independent_mistakes_are_reported_together)
{
    parsed p;
    parse(&p, "cell c\n  input x[n\n  state a[n]\n  z = tnah(a)\n  y = (1 + 2\n  v = 1 +\n  a' = a\ncell d\n  u = ]\n");
    cr_assert_eq(p.diagnostics.count, 5);
    static const uint32_t lines[] = {2, 4, 5, 6, 9};
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(p.diagnostics.list[i].line, lines[i], "%u", p.diagnostics.list[i].line);
    cr_expect_eq(p.file->cells[0].equation_count, 4);
    done(&p);
}

Test(lang_parse, nothing_is_too_deep)
{
    enum { DEEP = 100000 };
    static char text[4 * DEEP + 100];
    static const char *const patterns[][3] = {
        {"(", "1", ")"}, {"-", "1", ""},    {"tanh(", "x", ")"}, {"2**", "2", ""}, {"x[", ":", "]"},
        {"", "x", ".T"}, {"x[", "n", ":]"}, {"1<(", "1", ")"},   {"[", "", "]"},
    };
    for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++) {
        char *end = stpcpy(text, "cell c\n z = ");
        size_t room = (size_t)(text + sizeof text - end) / 2 - 10;
        for (size_t i = 0; i < DEEP && (i + 1) * strlen(patterns[k][0]) < room; i++)
            end = stpcpy(end, patterns[k][0]);
        end = stpcpy(end, patterns[k][1]);
        for (size_t i = 0; i < DEEP / 4; i++)
            end = stpcpy(end, patterns[k][2]);
        parsed p;
        parse(&p, text);
        cr_expect_geq(p.diagnostics.count, 1, "pattern %zu", k);
        done(&p);
    }
}

/* A chain of operators is no nesting: nothing recurs along it. */
Test(lang_parse, a_flat_sum_has_any_length)
{
    enum { TERMS = 100000 };
    static char text[8 * TERMS + 100], printed[sizeof text], again[sizeof text];
    static const char *const terms[] = {" + x", " - 2 * x", " * x", " + x**2"};
    for (size_t k = 0; k < sizeof terms / sizeof *terms; k++) {
        char *end = stpcpy(text, "cell c\n z = x");
        for (size_t i = 0; i < TERMS && end < text + sizeof text - 100; i++)
            end = stpcpy(end, terms[k]);
        parsed p;
        parse(&p, text);
        cr_assert_eq(p.diagnostics.count, 0, "%s", p.diagnostics.list[0].message);
        gt_lang_expression *tree = p.file->cells[0].equations[0].value;
        cr_expect_lt(tree->depth, 5);
        gt_lang_expression *copy = gt_lang_copy(&p.pool, tree);
        cr_expect(gt_lang_equal(tree, copy));
        gt_lang_expression *half = gt_lang_copy_with(&p.pool, tree, tree->chain[tree->chain_length / 2],
                                                     gt_lang_new_name(&p.pool, "y", tree->place));
        cr_expect_eq(half->chain_length, tree->chain_length - tree->chain_length / 2 - 1);
        gt_lang_print(tree, printed, sizeof printed);
        cr_expect_str_eq(printed, text + strlen("cell c\n z = "));
        gt_lang_print(copy, again, sizeof again);
        cr_expect_str_eq(again, printed);
        done(&p);
    }
}

Test(lang_parse, bytes_that_are_no_text)
{
    static const char zero[] = "cell c\n z = 1\0 + 2\n y = 2\n";
    parsed p;
    parse_bytes(&p, zero, sizeof zero - 1);
    cr_assert_eq(p.diagnostics.count, 1);
    cr_expect_eq(p.diagnostics.list[0].column, 7);
    done(&p);
    static char large[5000000];
    memset(large, ' ', sizeof large);
    parse_bytes(&p, large, sizeof large);
    cr_assert_eq(p.diagnostics.count, 1);
    done(&p);
}

/* Whatever is cut off, put in or thrown out, something comes back, and it is soon. */
Test(lang_parse, survives_damage)
{
    srand(2);
    static const char pieces[] = "()[]'=:,.*@+-/<>!~#\n\r\t \\0129aWx_\x80\xFF";
    for (int i = 0; i < 3000; i++) {
        char text[sizeof two_cells + 8];
        size_t size = sizeof two_cells - 1;
        memcpy(text, two_cells, size);
        for (int k = 0; k < 1 + rand() % 4; k++)
            text[rand() % (int)size] = pieces[rand() % (int)(sizeof pieces - 1)];
        parsed p;
        parse_bytes(&p, text, (size_t)rand() % size);
        done(&p);
    }
}
