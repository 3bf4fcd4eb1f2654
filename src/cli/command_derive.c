/* gradtape derive: the backward pass of a cell, written out. */
#include "command/cell_source.h"
#include "command/constants.h"
#include "command/options.h"
#include "gradtape/derive.h"

#include <stdio.h>

typedef struct settings {
    const char *cell_text, *set;
    int form; /* a place in form_names, in the order of gt_derive_form */
    int grain, notation;
    bool fragment, beamer;
    const char *blank;
} settings;

static const char *const form_names[] = {"cell", "numpy", "torch", "c", "latex", "markdown", "html", NULL};
static const char *const notation_names[] = {"d", "partial", "bar", NULL};
static const char *const grain_names[] = {"equation", "op", NULL};

static const char description[] =
    "Derives the backward pass of one time step of a cell, as a person would write it: reverse accumulation "
    "over the equations, with a name for what is read twice, derivatives in terms of values that are known "
    "already, transposes, sums over examples where a bias was stretched, and slices where a concat joined. "
    "Every line is evaluated against the tape before it is printed.\n\n"
    "--as cell is a 'backward' block in the cell language, which 'gradtape check' verifies; numpy: plain functions of "
    "a step and "
    "of a sequence; torch: a torch.autograd.Function; c: two C functions that need libm alone; latex, markdown and "
    "html: documents with the shape and the reason beside each line, the recursion through time, and the Jacobian "
    "of one step as a sum over paths.";

static const char examples[] = "  gradtape derive lstm\n"
                               "  gradtape derive mine.cell --fragment >> mine.cell\n"
                               "  gradtape derive gru --as numpy > gru.py\n"
                               "  gradtape derive gru --as latex --blank dWr,da > exercise.tex\n";

static int derive(const gt_command *command, const settings *s, const gt_parsed_cell *parsed)
{
    const gt_derive_options options = {.form = (gt_derive_form)s->form,
                                       .by_op = s->grain == 1,
                                       .fragment = s->fragment,
                                       .notation = (gt_derive_notation)s->notation,
                                       .beamer = s->beamer,
                                       .blank = s->blank};
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
        GT_OPTION_CONSTANTS(&s.set),
        GT_OPTION_CHOICE("as", &s.form, form_names, "what to write"),
        GT_OPTION_CHOICE("by", &s.grain, grain_names,
                         "a line for each equation and what is read twice, or for each op"),
        GT_OPTION_CHOICE("notation", &s.notation, notation_names, "how documents write the gradient of W"),
        GT_OPTION_FLAG("beamer", &s.beamer, "LaTeX as slides, each line an overlay"),
        GT_OPTION_TEXT("blank", "dW,dc", &s.blank, "lines that a document leaves blank, with a solution at its end",
                       .no_default = true),
        GT_OPTION_FLAG("fragment", &s.fragment,
                       "without what stands around it: of a cell the block, of NumPy the step alone"),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    gt_cell_source source = {.set = s.set};
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
