/* gradtape new: a file to begin a cell with. */
#include "command/options.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char description[] =
    "Writes NAME.cell, a cell that works, with comments that say what may be changed. A file that is there "
    "already is never overwritten.";

static const char examples[] = "  gradtape new leaky\n"
                               "  gradtape check leaky.cell\n";

/* NAME stands for the cell's name. */
static const char template[] =
    "# NAME: a recurrent unit with one gate. Say here what it is and where it comes from.\n"
    "cell NAME\n"
    "  # What comes in at each step, and what is carried to the next. Both have a column for each\n"
    "  # of the m examples: x is (n_x, m). Any name in a size is a dimension, given by the data or\n"
    "  # by --dims n_a=128. The first state is what the next layer reads.\n"
    "  input x[n_x]\n"
    "  state a[n_a]                        # begins with 0; a[n_a] = 1 begins with 1\n"
    "\n"
    "  # What is learnt. A matrix begins as ~ glorot, a vector as 0, unless it is said:\n"
    "  # ~ orthogonal, ~ normal(0.01), ~ uniform(-0.1, 0.1), = 1.\n"
    "  param Wf[n_a, n_a + n_x], bf[n_a] = 1\n"
    "  param Wg[n_a, n_a + n_x], bg[n_a]\n"
    "\n"
    "  # Equations as NumPy has them, without its np.: + - * / ** element by element, @ the matrix\n"
    "  # product, .T, slices W[:, :n_a], and concat tanh sigmoid softmax relu softplus gelu exp log sqrt\n"
    "  # abs sin cos maximum minimum sum mean cumsum layernorm outer reshape\n"
    "  # arange floor stop_gradient where; silu elu leaky_relu hardsigmoid logsigmoid sign round mod\n"
    "  # norm rmsnorm straight dropout. Your own stand above their use: def swish(u, b) = u * sigmoid(b * u).\n"
    "  # a is the old state, and a' the new one.\n"
    "  z  = concat(a, x)\n"
    "  f  = sigmoid(Wf @ z + bf)\n"
    "  g  = tanh(Wg @ z + bg)\n"
    "  a' = f * a + (1 - f) * g\n"
    "\n"
    "# A backward pass by hand is not needed: gradients come from the equations. If you write one,\n"
    "# 'gradtape check' says whether it is right, and if not, where and why. da' is what reaches a'\n"
    "# from outside; dN is the gradient with respect to N.\n"
    "backward\n"
    "  df_z = da' * (a - g) * f * (1 - f)\n"
    "  dg_z = da' * (1 - f) * (1 - g**2)\n"
    "  dWf  = df_z @ z.T\n"
    "  dWg  = dg_z @ z.T\n"
    "  dbf  = sum(df_z, axis=1)\n"
    "  dbg  = sum(dg_z, axis=1)\n"
    "  da   = da' * f + Wf[:, :n_a].T @ df_z + Wg[:, :n_a].T @ dg_z\n"
    "  dx   = Wf[:, n_a:].T @ df_z + Wg[:, n_a:].T @ dg_z\n";

static bool check_name(const gt_command *command, const char *name, int *status)
{
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    static const char *const words[] = {"cell", "input", "state", "param", "output", "backward"};
    *status = GT_EXIT_GOOD;
    if (name[0] == '\0' || name[strspn(name, all)] != '\0' || strlen(name) > 48)
        *status = gt_command_fail(command, "a cell's name has letters, digits and _, at most 48, not '%s'", name);
    else if (name[0] >= '0' && name[0] <= '9')
        *status = gt_command_fail(command, "a cell's name does not begin with a digit, as '%s' does", name);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0)
            *status = gt_command_fail(command, "'%s' is a word of the cell language; choose another name", name);
    return *status == GT_EXIT_GOOD;
}

/* The name of a cell that is there already still means that cell. */
static void tell_shadow(const char *name)
{
    if (gt_zoo_find(name) != NULL)
        printf(
            "note: %s is also the name of a cell that is built in, which is what '%s' alone means; yours is %s.cell\n",
            name, name, name);
}

static void write_template(FILE *file, const char *name)
{
    for (const char *c = template; *c != '\0';) {
        bool here = strncmp(c, "NAME", 4) == 0;
        if (here)
            fputs(name, file);
        else
            fputc(*c, file);
        c += here ? 4 : 1;
    }
}

static int write_file(const gt_command *command, const char *path, const char *name)
{
    FILE *file = fopen(path, "wx"); /* only if there is none */
    if (file == NULL && errno == EEXIST)
        return gt_command_fail(command, "%s is there already, and is left as it is", path);
    if (file == NULL)
        return gt_command_fail(command, "%s: %s", path, strerror(errno));
    write_template(file, name);
    bool good = ferror(file) == 0;
    if (fclose(file) != 0 || !good) {
        int reason = errno;
        unlink(path);
        return gt_command_fail(command, "%s cannot be written: %s", path, strerror(reason));
    }
    printf("%s: verify it with 'gradtape check %s', draw it with 'gradtape graph %s -o %s.svg'\n", path, path, path,
           name);
    tell_shadow(name);
    return GT_EXIT_GOOD;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    const char *name = NULL;
    const gt_option operands[] = {
        GT_OPERAND_TEXT("NAME", &name, "the name of the cell; the file is NAME.cell"),
        GT_OPTION_END,
    };
    const gt_option options[] = {GT_OPTION_END};
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    char path[80];
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    if (!check_name(command, name, &status))
        return status;
    gt_utf8_format(path, sizeof path, "%s.cell", name);
    return write_file(command, path, name);
}

const gt_command gt_command_new = {
    "new",
    "writes a file to begin a cell with",
    run,
};
