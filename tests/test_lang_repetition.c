/* Rounds of equations, and stacks of arrays: what is written once and stands for several. */
#include "gradtape.h"
#include "lang/parsed.h"
#include "lang/print.h"
#include "lang/repetition.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static gt_parsed_cell *parse(const char *declarations, const char *equations)
{
    static char text[1 << 16];
    int size = snprintf(text, sizeof text, "cell c\n  input x[n]\n  state h[n]\n%s%s", declarations, equations);
    cr_assert_lt(size, (int)sizeof text);
    return gt_cell_parse(text, (size_t)size, NULL);
}

/* All equations, as they are understood, with a ; behind each. */
static void expect_equations(const char *declarations, const char *equations, const char *expected)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = parse(declarations, equations);
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    const gt_lang_cell *cell = gt_parsed_cell_tree(parsed);
    char found[4096];
    size_t used = 0;
    for (uint32_t i = 0; i < cell->equation_count; i++) {
        used += (size_t)snprintf(found + used, sizeof found - used, "%s = ", cell->equations[i].name);
        used += gt_lang_print(cell->equations[i].value, found + used, sizeof found - used);
        used += (size_t)snprintf(found + used, sizeof found - used, "; ");
    }
    cr_expect_str_eq(found, expected);
    gt_parsed_cell_free(parsed);
}

Test(lang_repetition, names_are_carried)
{
    expect_equations("", "  s = h\n  repeat 3:\n    s = tanh(s)\n  h' = s + x\n",
                     "s = h; s_1 = tanh(s); s_2 = tanh(s_1); s_3 = tanh(s_2); h' = s_3 + x; ");
    expect_equations("", "  repeat 2:\n    u = h + x\n    v = u * 2\n  h' = u + v\n",
                     "u_1 = h + x; v_1 = u_1 * 2; u_2 = h + x; v_2 = u_2 * 2; h' = u_2 + v_2; ");
    /* a name of the cell is passed over; the lines may be empty, or comments */
    expect_equations("", "  s = h\n  s_1 = x\n  repeat 2 :\n\n      # here\n    s = s + s_1\n\n  h' = s\n",
                     "s = h; s_1 = x; s_2 = s + s_1; s_3 = s_2 + s_1; h' = s_3; ");
    /* several repetitions of a name, and what is assigned twice in a round */
    expect_equations("",
                     "  s = h\n  repeat 2:\n    s = s + 1\n    s = s * 2\n  repeat 1:\n    s = s / 3\n  h' = s + x\n",
                     "s = h; s_1 = s + 1; s_2 = s_1 * 2; s_3 = s_2 + 1; s_4 = s_3 * 2; s_5 = s_4 / 3; h' = s_5 + x; ");
}

Test(lang_repetition, loops_have_a_variable)
{
    expect_equations("", "  s = h\n  for j in -1:2:\n    s = s + j\n  h' = s + x\n",
                     "s = h; s_1 = s + -1; s_2 = s_1 + 0; s_3 = s_2 + 1; h' = s_3 + x; ");
    expect_equations(
        "", "  s = x\n  for i in 0:2:\n    for j in i:2:\n      s = s + h[i:i + 1] * j\n  h' = s\n",
        "s = x; s_1 = s + h[0:0 + 1] * 0; s_2 = s_1 + h[0:0 + 1] * 1; s_3 = s_2 + h[1:1 + 1] * 1; h' = s_3; ");
    expect_equations("  const k = 2\n", "  s = x\n  repeat k * 2 - 3:\n    s = s + h\n  h' = s\n",
                     "k = 2; s = x; s_1 = s + h; h' = s_1; ");
    expect_equations("", "  s = x\n  repeat 2:\n    s = silu(s + h)\n  h' = s\n",
                     "s = x; silu_u = s + h; s_1 = silu_u * sigmoid(silu_u); silu_u_2 = s_1 + h; "
                     "s_2 = silu_u_2 * sigmoid(silu_u_2); h' = s_2; ");
}

Test(lang_repetition, stacks)
{
    expect_equations("  param R[2][n, n], b[2][n] = 1\n",
                     "  s = h\n  for i in 0:2:\n    s = R[i] @ s + b[-1]\n  h' = R[0].T @ s + R[1][:, 0:1] + x\n",
                     "s = h; s_1 = R_0 @ s + b_1; s_2 = R_1 @ s_1 + b_1; h' = R_0.T @ s_2 + R_1[:, 0:1] + x; ");
    expect_equations("  state g[2][n] = 0.5\n", "  for i in 0:2:\n    g'[i] = g[i] * i + x\n  h' = g'[1] + g'[0]\n",
                     "g_0' = g_0 * 0 + x; g_1' = g_1 * 1 + x; h' = g_1' + g_0'; ");
    gt_parsed_cell *parsed =
        parse("  param R[2][n, n] ~ orthogonal\n", "  h' = R[1] @ (R[0] @ h) + x\nbackward\n  dR[0] = dh' @ h.T\n");
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    cr_assert_not_null(cell);
    cr_expect_eq(cell->parameter_count, 2);
    cr_expect_str_eq(cell->parameters[1].name, "R_1");
    cr_expect_eq(cell->parameters[1].initializer.kind, GT_INITIALIZE_ORTHOGONAL);
    cr_expect_str_eq(gt_parsed_cell_tree(parsed)->backward[0].name, "dR_0");
    gt_parsed_cell_free(parsed);
}

/* A number of rounds that is set, and one that a state begins with. */
Test(lang_repetition, constants_are_known)
{
    static const char text[] =
        "cell c\n input x[n]\n const d = 3, a = d / 2\n state h[n] = a\n param R[d][n, n]\n s = h\n"
        " for i in 0:d:\n  s = R[i] @ s\n h' = s + x\n";
    for (int d = 1; d <= 4; d++) {
        gt_parsed_cell *parsed =
            gt_cell_parse(text, strlen(text),
                          &(gt_cell_parse_options){.constants = &(gt_constant_value){"d", d}, .constant_count = 1});
        size_t count;
        gt_parsed_cell_diagnostics(parsed, &count);
        cr_assert(gt_parsed_cell_get(parsed) != NULL && count == 0);
        cr_expect_eq(gt_parsed_cell_get(parsed)->parameter_count, (uint32_t)d);
        cr_expect_eq(gt_parsed_cell_get(parsed)->states[0].initializer.a, d / 2.0);
        gt_parsed_cell_free(parsed);
    }
}

/* ---- mistakes ------------------------------------------------------------------------------ */

static void expect_error(const char *declarations, const char *equations, const char *expected)
{
    gt_error error = {0};
    size_t count;
    gt_parsed_cell *parsed = parse(declarations, equations);
    cr_expect_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT, "%s", equations);
    cr_expect_str_eq(error.message, expected);
    gt_parsed_cell_diagnostics(parsed, &count);
    cr_expect_eq(count, 1, "%zu messages of %s", count, equations);
    gt_parsed_cell_free(parsed);
}

/* What is wrong with a line is told once, wherever it stands among the lines of a round. */
Test(lang_repetition, warnings_are_told_once)
{
    gt_parsed_cell *parsed = parse("", "  repeat 3:\n    u = h\n    w = h\n  h' = h + x\n");
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    cr_assert_eq(count, 2);
    cr_expect_str_eq(list[0].message, "u_1 is never used");
    cr_expect_str_eq(list[1].message, "w_1 is never used");
    gt_parsed_cell_free(parsed);
}

#define NUMBERS "; it is made of numbers, constants that are numbers, and the variables of loops"

Test(lang_repetition, mistakes)
{
    expect_error("", "  s = h\n  repeat n:\n    s = s + x\n  h' = s\n",
                 "cell:5:10: the number of rounds is a whole number" NUMBERS);
    expect_error("", "  s = h\n  repeat 0:\n    s = s + x\n  h' = s\n",
                 "cell:5:10: the number of rounds is from 1 to 4096, not 0");
    expect_error(
        "", "  s = h\n  repeat 2\n    s = s + x\n  h' = s\n",
        "cell:5:11: expected : and the lines that are repeated, further to the right, not the end of the line");
    expect_error("", "  s = h + x\n  repeat 2:\n  h' = s\n",
                 "cell:5:3: there is nothing that is repeated; what is repeated stands in the lines below, further to "
                 "the right");
    expect_error("", "  s = h\n  for i in range(4):\n    s = s + x\n  h' = s\n",
                 "cell:5:12: the numbers of a loop are written with a colon; write for i in 0:4:");
    expect_error("", "  s = h\n  for i in 2:2:\n    s = s + x\n  h' = s\n",
                 "cell:5:14: the number at which a loop ends is from 3 to 4098, not 2");
    expect_error("", "  s = h\n  for s in 0:2:\n    s = s + x\n  h' = s\n",
                 "cell:5:7: s cannot be the variable of a loop: it is something else; choose another name");
    expect_error("", "  s = h\n  for i in 0:2:\n    i = s + x\n  h' = s\n",
                 "cell:6:5: i is the variable of the loop; give the value another name");
    expect_error("", "  repeat 2:\n    h' = h + x\n",
                 "cell:5:5: a next value is assigned once, and not in rounds; carry a value, s = ..., and write h' = s "
                 "below the repetition");
    expect_error("", "  s = h\n  repeat 2:\n    s = s + x\n    output y = s\n  h' = s\n",
                 "cell:7:5: in rounds there are equations alone, and this is there once; move it below the repetition");
    expect_error("", "  s = h\n  repeat 2:\n    param W[n]\n    s = s + x\n  h' = s\n",
                 "cell:6:5: in rounds there are equations alone, and this is there once; move it above the repetition");
    expect_error("", "  repeat 2:\n    s = h + x\n  s = h\n  h' = s\n",
                 "cell:6:3: s is assigned in the rounds of line 5 already; give one of them another name");
    expect_error("", "  s = h\n  repeat 2:\n    s = s @ x\n  h' = s\n",
                 "cell:6:9: matmul: s is (n, m) but x is (n, m); element by element it is s * x");
    expect_error("  param R[n][n, n]\n", "  h' = R[0] @ h + x\n",
                 "cell:4:9: the number of arrays of a stack is a whole number from 1 to 64; write R[3][n_a, n_a] for "
                 "three, and R[0], R[1], R[2] for each");
    expect_error(
        "  param R[2][n, n]\n", "  h' = R @ h + x + R[1] @ h + R[0] @ h\n",
        "cell:5:8: R is a stack of 2 arrays, and one of them is meant; write R[0], or R[i] in a loop: for i in "
        "0:2:");
    expect_error("  param R[2][n, n]\n", "  h' = R[2] @ h + x + R[1] @ h + R[0] @ h\n",
                 "cell:5:10: the index of a stack is from -2 to 1, not 2");
    expect_error("", "  s = h\n  repeat 4096:\n    repeat 4096:\n      s = s + x\n  h' = s\n",
                 "cell:6:5: the rounds make more than 4096 equations");
    expect_error(
        "", "  h' = h + x\nbackward\n  repeat 2:\n    dh = dh'\n",
        "cell:6:3: a backward block is written out, without rounds; the names of the rounds are s_1, s_2, ...; "
        "'gradtape derive' writes the block");
}
