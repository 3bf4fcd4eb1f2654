/* What is written once and stands for several: rounds of equations, and stacks of arrays. */
#ifndef GT_LANG_REPETITION_H
#define GT_LANG_REPETITION_H

#include "lang/parser.h"
#include "lang/record.h"

enum {
    GT_LANG_MOST_EQUATIONS = 4096, /* of a cell with its rounds written out */
    GT_LANG_MOST_STACKED = 64      /* arrays of a stack */
};

/* R[3][n, n]: the arrays R_0, R_1, R_2. */
struct gt_lang_stack {
    const char *name;
    uint32_t count;
};

/* The variable of a loop in this round. */
struct gt_lang_variable {
    const char *name;
    double value;
};

/* A name that is carried from round to round: what it is called now. */
struct gt_lang_carried {
    const char *name, *now;
    uint32_t count; /* times that it was assigned */
    uint32_t line;
};

/* Whether repeat 6: or for j in 0:4: is next. */
bool gt_lang_at_repetition(const gt_lang_parser *p);
/* All of it, its lines by `parse_line` in every round. */
void gt_lang_parse_repetition(gt_lang_parser *p, gt_lang_cell *cell,
                              void (*parse_line)(gt_lang_parser *p, gt_lang_cell *cell));

/* The variable of a loop that is read; NULL: the name is none. */
const gt_lang_variable *gt_lang_find_variable(const gt_lang_parser *p, const char *name);
/* What the name stands for here: itself, or what it is called after the last round that assigned it. */
const char *gt_lang_carried_name(const gt_lang_parser *p, const char *name);
/* The name of an equation that is assigned: a new one in each round. NULL after an error. */
const char *gt_lang_carry(gt_lang_parser *p, const char *name, gt_lang_place place);

/* The stack that a name is of, its prime and the d of a gradient aside; NULL: of none. */
const gt_lang_stack *gt_lang_find_stack(const gt_lang_parser *p, const char *name);
/* Behind the name of a stack: [i], and the name of that array. NULL after an error. */
const char *gt_lang_parse_stacked(gt_lang_parser *p, const gt_lang_stack *stack, const char *name);
/* The names of a stack that is declared. NULL on no memory, which is noted. */
const char *gt_lang_stacked_name(gt_lang_parser *p, const char *name, uint32_t i);
bool gt_lang_add_stack(gt_lang_parser *p, const char *name, uint32_t count);

/* Names that are known numbers while the text is read: constants; variables of loops are numbers already. */
gt_lang_environment gt_lang_known_numbers(const gt_lang_parser *p);
/* A number that is known so: of numbers, constants and variables of loops. */
bool gt_lang_known_number(const gt_lang_parser *p, const gt_lang_expression *e, double *value);
/* The same, whole, from `least` to `most`; otherwise an error about `what`. */
bool gt_lang_parse_whole(gt_lang_parser *p, const char *what, double least, double most, double *value);

#endif
