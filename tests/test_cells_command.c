/* gradtape cells and gradtape new; cells of files in other commands; how mistakes are printed. */
#include "program.h"

#include <unistd.h>

TestSuite(cells_command, .init = make_folder, .fini = remove_folder, .timeout = 300);

static void expect_output(program_run run, const char *piece)
{
    cr_expect_eq(run.status, 0, "%s", run.errors);
    cr_expect_not_null(strstr(run.output, piece), "expected: %s\nbut it said: %s", piece, run.output);
    free_run(run);
}

Test(cells_command, lists_the_zoo)
{
    expect_output(RUN("cells"), "peephole_lstm          131968     264576  LSTM whose gates see the cell");
    expect_output(RUN("cells", "--dims", "n_x=1,n_a=1"), "rnn                         3          7  Vanilla");
    expect_output(RUN("cells", "--show", "mgu"), "\ncell mgu\n");
    expect_failure(RUN("cells", "--show", "mug"), 2, "did you mean 'mgu'?");
    expect_failure(RUN("cells", "--dims", "n_z=3"), 2, "has no dimension 'n_z'; did you mean 'n_x'?");
    expect_failure(RUN("cells", "--dims", "n_x=0"), 2, "n_x is a whole number from 1 to");
    expect_failure(RUN("cells", "--dims", "n_x=1,n_x=2"), 2, "gives n_x twice");
    expect_failure(RUN("cells", "--dims", "n_x"), 2, "expects sizes such as n_a=128, not 'n_x'");
}

#ifdef GT_HAVE_JANSSON
Test(cells_command, lists_the_zoo_in_json)
{
    expect_output(RUN("cells", "--json"), "\"flops_per_step\"");
}
#endif

Test(cells_command, new_writes_a_cell_that_works)
{
    char here[1024];
    cr_assert_not_null(getcwd(here, sizeof here));
    cr_assert_eq(chdir(folder), 0);
    expect_output(RUN("new", "leaky"), "leaky.cell: verify it with 'gradtape check leaky.cell'");
    expect_output(RUN("check", "leaky.cell"), "right: leaky (leaky.cell)");
    expect_failure(RUN("new", "leaky"), 2, "leaky.cell is there already, and is left as it is");
    expect_failure(RUN("new", "a/b"), 2, "a cell's name has letters, digits and _");
    expect_failure(RUN("new", "9bad"), 2, "a cell's name does not begin with a digit, as '9bad' does");
    expect_failure(RUN("new", "state"), 2, "'state' is a word of the cell language");
    expect_output(RUN("new", "mgu"), "note: mgu is also the name of a cell that is built in");
    cr_assert_eq(chdir(here), 0);
}

Test(cells_command, mistakes_are_printed_as_a_compiler_does)
{
    char path[128];
    snprintf(path, sizeof path, "%s/m.cell", folder);
    FILE *file = fopen(path, "w");
    fputs("cell c\n  input x[n_x]\n  state a[n_a]\n  param W[n_a, n_x]\n\tz = tnah(W @ a)\n  a' = a + w @ x\n", file);
    cr_assert_eq(fclose(file), 0);
    program_run run = RUN("graph", path, "-o", "-", "--format", "dot");
    char expected[1024];
    snprintf(expected, sizeof expected,
             "%s:5:6: error: there is no function tnah\n"
             "    5 | \tz = tnah(W @ a)\n"
             "      | \t    ^~~~\n"
             "      = hint: did you mean tanh?\n"
             "%s:6:12: error: there is no name w\n"
             "    6 |   a' = a + w @ x\n"
             "      |            ^\n"
             "      = hint: did you mean W?\n"
             "2 errors\n",
             path, path);
    cr_expect_eq(run.status, 2);
    cr_expect_str_eq(run.errors, expected);
    free_run(run);
}

Test(cells_command, sizes_are_shown_with_their_dimensions)
{
    char path[128];
    snprintf(path, sizeof path, "%s/lstm.cell", folder);
    FILE *file = fopen(path, "w");
    fputs("cell lstm\n input x[n_x]\n state a[n_a]\n param Wf[n_a, n_a + n_x]\n z = concat(x, x, x)\n a' = Wf @ z\n",
          file);
    cr_assert_eq(fclose(file), 0);
    expect_failure(RUN("check", path), 2,
                   "lstm.cell:6:7: error: matmul: Wf is (n_a, n_a+n_x) = (5, 8) but z is (3*n_x, m) = (9, m)\n");
    expect_failure(RUN("graph", path, "--dims", "n_x=4", "-o", "-"), 2,
                   "Wf is (n_a, n_a+n_x) = (5, 9) but z is (3*n_x, m) = (12, m)\n");
    expect_failure(RUN("grad", path, "--in", "a", "--out", "b"), 2, "Wf is (n_a, n_a+n_x) but z is (3*n_x, m)\n");
}

Test(cells_command, names_and_files)
{
    char path[128];
    snprintf(path, sizeof path, "%s/cells.dot", folder);
    expect_output(RUN("graph", "peephole_lstm", "-o", path), "nodes");
    expect_output(RUN("graph", GT_CELLS "/slstm.cell:slstm", "-o", path), "nodes");
    expect_output(RUN("graph", GT_CELLS "/projected_lstm.cell", "--dims", "n_c=9", "-o", path), "nodes");
    expect_failure(RUN("graph", GT_CELLS "/slstm.cell:lstm", "-o", path), 2, "there is no cell lstm in this text");
    expect_failure(RUN("graph", "peepole_lstm", "-o", path), 2, "did you mean 'peephole_lstm'?");
    expect_failure(RUN("graph", "./nothing", "-o", path), 2, "./nothing: No such file or directory");
    expect_failure(RUN("graph", GT_CELLS "/", "-o", path), 2, "is a folder");
    expect_failure(RUN("graph", "strange", "-o", path), 2, "a cell of your own is a file, such as strange.cell");
}

Test(cells_command, a_file_that_is_too_large_for_a_cell)
{
    size_t size = (1 << 20) + 1;
    char *text = malloc(size);
    cr_assert_not_null(text);
    memset(text, ' ', size);
    write_file(path_of("large.cell"), text, size);
    free(text);
    expect_failure(RUN("check", path_of("large.cell")), 2, "is larger than 1048576 bytes: is it a cell?");
}
