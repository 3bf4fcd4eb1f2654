/*
 * The printer of formulas, whatever tree they are in and whatever notation they
 * are to be in: with as few parentheses as they need.
 *
 * A tree is seen through a reader, node by node. A chain of operators (a + b - c)
 * may be as long as it likes: a tree that has its links in an array is walked
 * along it, and only what is in parentheses is a level of recursion.
 */
#ifndef GT_FORMULA_PRINT_H
#define GT_FORMULA_PRINT_H

#include "formula/notation.h"

#include <stddef.h>

/* A node as the printer sees it. */
typedef struct gt_formula_node {
    gt_formula_kind kind;
    const char *name;      /* of a name; of a call that of its function */
    uint32_t place;        /* of a name in a tree whose names are places in a list */
    int strength;          /* of a name that is a formula already: how strongly it binds; 0: as a name */
    double number;         /* of a number */
    int axis;              /* of a call: an axis as in gt_formula_function */
    uint32_t count;        /* operands; those of a slice are five, some of them NULL */
    uint32_t axis_count;   /* of a slice: 1 for W[i:j], 2 for W[i:j, k:l] */
    uint32_t chain_length; /* the operators in a row that end here: of a + b - c two; 0 where there is one operand */
} gt_formula_node;

typedef struct gt_formula_reader {
    gt_formula_node (*look)(const void *node);
    const void *(*operand)(const void *node, uint32_t i);
    /* The i-th operator of the chain, the innermost first. */
    const void *(*link)(const void *node, uint32_t i);
} gt_formula_reader;

typedef struct gt_formula_job {
    const gt_formula_reader *reader;
    const gt_notation *notation;
    /* The notation of a call where some are written in another way; NULL: the same. */
    const gt_notation *(*notation_of)(void *naming, const void *node);
    /* A name in this notation; NULL: as it is. What it returns is used before the next call. */
    const char *(*name)(void *naming, const gt_formula_node *node);
    void *naming;
    int digits;         /* of numbers; 0: as many as read back as the same number */
    bool regroups;      /* a + (b + c) is written a + b + c, likewise products */
    const void *marked; /* this node between `before` and `behind`; NULL: none */
    const char *before, *behind;
} gt_formula_job;

/*
 * Writes the formula into text, cut to fit `size` bytes with the NUL (size 0: text may be
 * NULL), and returns the length of the whole, as snprintf.
 */
size_t gt_formula_print(const gt_formula_job *job, const void *formula, char *text, size_t size);

/* A number with at most so many digits, 0: as few as read back as the same; with a point in every locale. */
void gt_formula_print_number(double number, int digits, char text[32]);

#endif
