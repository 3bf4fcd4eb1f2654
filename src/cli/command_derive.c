/* gradtape derive: the backward pass of a cell, written out. */
#include "command/cell_source.h"
#include "command/options.h"
#include "gradtape/derive.h"

#include <stdio.h>

typedef struct settings {
    const char *cell_text;
    int form; /* a place in form_names, in the order of gt_derive_form */
    int grain;
    bool fragment;
} settings;

static const char *const form_names[] = {"cell", "numpy", "torch", "c", NULL};
static const char *const grain_names[] = {"equation", "op", NULL};

static const char description[] =
    "Derives the backward pass of one time step of a cell, as a person would write it: reverse accumulation "
    "over the equations, with a name for what is read twice, derivatives in terms of values that are known "
    "already, transposes, sums over examples where a bias was stretched, and slices where a concat joined. "
    "Every line is evaluated against the tape before it is printed.\n\n"
    "--as cell is a 'backward' block in the cell language, which 'gradtape check' verifies; numpy: plain functions of "
    "a step and "
    "of a sequence.";

static const char examples[] = "  gradtape derive lstm\n"
                               "  gradtape derive mine.cell --fragment >> mine.cell\n"
                               "  gradtape derive gru --as numpy > gru.py\n";

static int derive(const gt_command *command, const settings *s, const gt_parsed_cell *parsed)
{
    const gt_derive_options options = {
        .form = (gt_derive_form)s->form, .by_op = s->grain == 1, .fragment = s->fragment};
    gt_error error = {0};
    char *text;
    size_t size;
    if (gt_derive(parsed, &options, &text, &size, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    fwrite(text, 1, size, stdout); /* a failure is found and reported when the program ends */
    gt_derive_free(text);
    return GT_EXIT_GOOD;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {0};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell_text),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_CHOICE("as", &s.form, form_names, "what to write"),
        GT_OPTION_CHOICE("by", &s.grain, grain_names,
                         "a line for each equation and what is read twice, or for each op"),
        GT_OPTION_FLAG("fragment", &s.fragment,
                       "without what stands around it: of a cell the block, of NumPy the step alone"),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    gt_cell_source source;
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    if (!gt_cell_source_open(&source, command, s.cell_text))
        return GT_EXIT_USAGE;
    status = derive(command, &s, source.parsed);
    gt_cell_source_free(&source);
    return status;
}

const gt_command gt_command_derive = {
    "derive",
    "writes out the backward pass of a cell",
    run,
};
