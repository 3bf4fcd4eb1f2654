/*
 * A cell by what a person writes for it: the name of a cell of the zoo, a file in the cell
 * language, FILE:NAME for a cell that is not the first of its file, or "-" for a text on stdin.
 */
#ifndef GT_COMMAND_CELL_SOURCE_H
#define GT_COMMAND_CELL_SOURCE_H

#include "command/command.h"

typedef struct gt_cell_source {
    const gt_cell *cell;
    gt_parsed_cell *parsed;      /* owned */
    const char *set;             /* given before it is found: constants of the cell, as --set has them; NULL: none */
    struct gt_cell_stack *stack; /* owned; of layers alone, see command/cell_stack.h */
} gt_cell_source;

/*
 * Finds the cell. Diagnostics of a file, warnings too, are printed on stderr with
 * the lines they are about. False: reported; the command ends with GT_EXIT_USAGE.
 */
bool gt_cell_source_open(gt_cell_source *source, const gt_command *command, const char *text);
/* The same with the sizes that --dims gives, or NULL, in messages: "Wf is (n_a, n_a+n_x) = (5, 8)". */
bool gt_cell_source_open_sized(gt_cell_source *source, const gt_command *command, const char *text, const char *dims);

/*
 * The same without printing: errors go to *error. `text` is a name or a file as
 * above. Diagnostics are in source->parsed.
 */
bool gt_cell_source_find(gt_cell_source *source, const char *text, gt_error *error);

/* The same with the sizes that --dims gives, as above. */
bool gt_cell_source_find_sized(gt_cell_source *source, const char *text, const char *dims, gt_error *error);

/* A text that is at hand: NAME.cell in messages. */
bool gt_cell_source_parse(gt_cell_source *source, const char *name, const char *text, gt_error *error);

/*
 * The file that a person means by `text`, to be freed with free(); NULL if it is the
 * name of a cell. False on no memory.
 */
bool gt_cell_source_path(const char *text, char **path);

/* Frees what was parsed; after all use of the cell. */
void gt_cell_source_free(gt_cell_source *source);

/* Prints diagnostics on stderr as a compiler does: place, message, line, caret, hint. */
void gt_cell_source_print(const gt_parsed_cell *parsed);
/* Without hints, which say what would be right. */
void gt_cell_source_print_without_hints(const gt_parsed_cell *parsed);

/* For the help of a command's operand CELL. */
#define GT_CELL_SOURCE_HELP                                                                                            \
    "a cell: a name ('gradtape cells' lists them), or FILE.cell, or FILE.cell:NAME, or - for stdin"

#endif
