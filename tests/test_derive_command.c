/* gradtape derive: its forms, its options, and what it refuses. */
#include "program.h"

TestSuite(derive_command, .init = make_folder, .fini = remove_folder, .timeout = 300);

static void expect_output(program_run run, const char *piece)
{
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, piece), "expected: %s\nbut it said: %s", piece, run.output);
    free_run(run);
}

Test(derive_command, forms)
{
    expect_output(RUN("derive", "lstm"), "\ncell lstm\n");
    expect_output(RUN("derive", "lstm"), "\n  df_z = s_c * c * f * (1 - f)\n");
    expect_output(RUN("derive", "lstm", "--fragment"), "backward\n  dy_z = ");
    expect_output(RUN("derive", "lstm", "--by", "op"), "\n  dWf  = df_1 @ z.T\n");
    expect_output(RUN("derive", "lstm", "--as", "numpy"), "\ndef lstm_backward(da, dc, dy, caches):\n");
    expect_output(RUN("derive", "gru_after", "--as", "torch"), "\nclass GruAfter(torch.autograd.Function):\n");
    expect_output(RUN("derive", "lstm", "--as", "c"), "\nvoid lstm_backward(lstm *s)\n");
    expect_output(RUN("derive", "lstm", "--as", "latex", "--fragment"), "\\derived{(B7)}{\\mathrm{d}f_{z} = ");
    expect_output(RUN("derive", "lstm", "--as", "latex", "--beamer"), "\\documentclass{beamer}");
    expect_output(RUN("derive", "lstm", "--as", "markdown", "--notation", "bar"), "\n\\overline{f_{z}} = ");
    expect_output(RUN("derive", "lstm", "--as", "html", "--notation", "partial"), "<mo>∂</mo>");
    expect_output(RUN("derive", "lstm", "--as", "html", "--blank", "dWf,dc"), "<h2>Solution</h2>");
    expect_output(RUN("derive", "sru"), "\n  # no gradient reaches a\n");
}

static void write_cell(const char *name, const char *text)
{
    write_file(path_of(name), text, strlen(text));
}

/* Where the cell gives the names that a person would take to something else, others are found. */
Test(derive_command, names_that_are_taken)
{
    write_cell("taken.cell", "cell taken\n  input x[n]\n  state a[n]\n  param W[n, n], s[n], f_z[n]\n"
                             "  f = sigmoid(W @ x + f_z * a + s)\n  a' = f * a\n  output y = a' * 2\n");
    expect_output(RUN("derive", path_of("taken.cell")), "\n  s_a  = da' + 2 * dy  # all that reaches a'\n");
    expect_output(RUN("derive", path_of("taken.cell")), "\n  df_1 = s_a * a * f * (1 - f)\n");
}

Test(derive_command, refusals)
{
    write_cell("wrong.cell", "cell wrong\n  input x[n]\n  state a[n]\n  a' = tanh(W @ x)\n");
    expect_failure(RUN("derive", "lsmt"), 2, "did you mean 'lstm'?");
    expect_failure(RUN("derive", path_of("wrong.cell")), 2, "there is no name W");
    expect_failure(RUN("derive", "lstm", "--as", "pascal"), 2, "expects cell, numpy");
    expect_failure(RUN("derive", "lstm", "--blank", "dWf"), 2, "are for documents");
    expect_failure(RUN("derive", "lstm", "--as", "html", "--beamer"), 2, "beamer is a class of LaTeX");
    expect_failure(RUN("derive", "lstm", "--as", "latex", "--blank", "dWx"), 2, "did you mean dWf?");
}
