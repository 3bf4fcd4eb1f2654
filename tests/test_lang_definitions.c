/* Functions that are formulas: those that are always there, and those of a text. */
#include "gradtape.h"
#include "lang/definitions.h"
#include "lang/parsed.h"
#include "lang_step.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gt_parsed_cell *parse(const char *before, const char *equations)
{
    char text[4096];
    int size = snprintf(text, sizeof text, "%scell c\n input x[n]\n state h[n]\n%s", before, equations);
    cr_assert_lt(size, (int)sizeof text);
    return gt_cell_parse(text, (size_t)size, NULL);
}

static void expect_values(const char *before, const char *value, double a, double b, double c)
{
    static const double xs[] = {-1.5, 0.25, 2.5};
    char equations[1024];
    double found[3];
    snprintf(equations, sizeof equations, " h' = h + %s\n", value);
    gt_parsed_cell *parsed = parse(before, equations);
    step_cell(parsed, xs, found);
    gt_parsed_cell_free(parsed);
    const double expected[] = {a, b, c};
    for (int i = 0; i < 3; i++)
        cr_expect(fabs(found[i] - expected[i]) <= 1e-14, "%s: entry %d is %.17g, not %.17g", value, i, found[i],
                  expected[i]);
}

static double sigmoid(double u)
{
    return 1 / (1 + exp(-u));
}

Test(lang_definitions, those_that_are_always_there)
{
    double square = (1.5 * 1.5 + 0.25 * 0.25 + 2.5 * 2.5), norm = sqrt(square), root = sqrt(square / 3 + 1e-5),
           mean = 1.25 / 3, variance = square / 3 - mean * mean, spread = sqrt(variance + 0.1);
    expect_values("", "silu(x)", -1.5 * sigmoid(-1.5), 0.25 * sigmoid(0.25), 2.5 * sigmoid(2.5));
    expect_values("", "elu(x)", exp(-1.5) - 1, 0.25, 2.5);
    expect_values("", "elu(x, 0.5)", (exp(-1.5) - 1) / 2, 0.25, 2.5);
    expect_values("", "leaky_relu(x)", -0.015, 0.25, 2.5);
    expect_values("", "leaky_relu(x, slope=0.5)", -0.75, 0.25, 2.5);
    expect_values("", "hardsigmoid(2 * x)", 0, 0.25 / 3 + 0.5, 1);
    expect_values("", "logsigmoid(x)", log(sigmoid(-1.5)), log(sigmoid(0.25)), log(sigmoid(2.5)));
    expect_values("", "sign(x)", -1, 1, 1);
    expect_values("", "floor(x)", -2, 0, 2);
    expect_values("", "round(x)", -1, 0, 3);
    expect_values("", "mod(x, 2)", 0.5, 0.25, 0.5);
    expect_values("", "x % -2", -1.5, -1.75, -1.5);
    expect_values("", "1 + x % 2 * 3", 2.5, 1.75, 2.5);
    expect_values("", "norm(x)", norm, norm, norm);
    expect_values("", "rmsnorm(x)", -1.5 / root, 0.25 / root, 2.5 / root);
    expect_values("", "layernorm(x, 0.1)", (-1.5 - mean) / spread, (0.25 - mean) / spread, (2.5 - mean) / spread);
    expect_values("", "softmax(x, axis=1)", 1, 1, 1); /* of one example */
    expect_values("", "straight(x > 0, sigmoid(x))", 0, 1, 1);
}

/* As the table says of each: a formula in the language, which reads its arguments alone. */
Test(lang_definitions, each_is_a_definition_of_its_own)
{
    for (uint32_t i = 0; gt_lang_composition_at(i, NULL) != NULL; i++) {
        const char *signature, *name = gt_lang_composition_at(i, &signature);
        char text[400];
        cr_expect(strncmp(signature, name, strlen(name)) == 0 && signature[strlen(name)] == '(', "%s", signature);
        if (strcmp(name, "layernorm") == 0)
            continue; /* the name of a function, which no text can give */
        snprintf(text, sizeof text, "def %s\n", signature);
        gt_parsed_cell *parsed = parse(text, " h' = h + x\n");
        cr_expect_eq(gt_parsed_cell_status(parsed, NULL), GT_OK, "%s", signature);
        gt_parsed_cell_free(parsed);
    }
}

Test(lang_definitions, of_a_text)
{
    expect_values("def f(u, v = 2) = u * v\n", "f(x)", -3, 0.5, 5);
    expect_values("def f(u, v = 2) = u * v\n", "f(v=x, u=3)", -4.5, 0.75, 7.5);
    expect_values("def f(u) = u**2\ndef g(u) = f(u + 1) - f(u)\n", "g(x)", -2, 1.5, 6);
    expect_values("def silu(u) = u + 1 # another\n", "silu(x)", -0.5, 1.25, 3.5);
    expect_values("def f(pi) = 2 * pi\n", "f(x)", -3, 0.5, 5);
    expect_values("def f(u) = u * pi / pi\n", "f(x)", -1.5, 0.25, 2.5);
}

/* ---- what is computed ---------------------------------------------------------------------- */

static const gt_lang_cell *tree(const gt_parsed_cell *parsed)
{
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    return gt_parsed_cell_tree(parsed);
}

/* An argument that is read twice is an equation, once; a name or a number needs none. */
Test(lang_definitions, arguments_are_computed_once)
{
    gt_parsed_cell *parsed =
        parse("def f(u, v) = u * u + v\n", " z = f(h, x + 1)\n h' = f(h + x, f(2, tanh(x))) * f(x * 2, z)\n");
    const gt_lang_cell *cell = tree(parsed);
    static const char *const names[] = {"z", "f_u", "f_u_2", "h'"};
    cr_assert_eq(cell->equation_count, 4);
    for (uint32_t i = 0; i < 4; i++)
        cr_expect_str_eq(cell->equations[i].name, names[i]);
    gt_parsed_cell_free(parsed);
}

/* The names are those of a text that is read again, so that a backward block may have them. */
Test(lang_definitions, backward_blocks_know_the_arguments)
{
    gt_parsed_cell *parsed = parse("", " h' = silu(h + x)\nbackward\n s = sigmoid(silu_u)\n"
                                       " dsilu_u = dh' * (s + silu_u * s * (1 - s))\n dh = dsilu_u\n dx = dsilu_u\n");
    cr_expect_eq(tree(parsed)->backward_count, 4);
    gt_parsed_cell_free(parsed);
}

static void expect_error(const char *before, const char *equations, const char *expected)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = parse(before, equations);
    cr_expect_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT);
    cr_expect_not_null(strstr(error.message, expected), "%s", error.message);
    gt_parsed_cell_free(parsed);
}

Test(lang_definitions, mistakes)
{
    expect_error("", " silu_u = h\n h' = silu(h + x) + silu_u\n q = silu_u\n silu_u_2 = q\n",
                 "silu_u_2 is assigned twice");
    expect_error("", " h' = silu(h @ x)\n", "cell:4:12: matmul: h is (n, m) but x is (n, m)");
    expect_error("", " h' = h + norm(x.T)\n", "add: h is (n, m) but");
    expect_error("", " h' = mod(h)\n", "mod takes 2 arguments, not 1");
    expect_error("", " h' = elu()\n", "elu takes 1 or more arguments, not 0");
    expect_error("", " h' = slu(h)\n", "did you mean silu?");
    expect_error("def f(u) = u\n", " h' = f(h", "this bracket is never closed");
    expect_error("def f(u) u\n", " h' = h + x\n", "expected = and the formula of the function, not 'u'");
}

/* Each doubles the one above it: a limit ends it, soon. */
Test(lang_definitions, formulas_that_explode)
{
    char text[2048];
    size_t used = (size_t)snprintf(text, sizeof text, "def f0(u) = u + 1\n");
    for (int i = 1; i < 40; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "def f%d(u) = f%d(1) + f%d(2)\n", i, i - 1, i - 1);
    expect_error(text, " h' = f39(h) + x\n", "the functions of this text make more than 20000 operations");
}
