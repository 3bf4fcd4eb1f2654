/*
 * Planted mistakes in the backward block of a cell: every slip of the catalogue
 * at every place where a person could make it. This knows nothing of how
 * mistakes are found again; it only shares the names of their kinds.
 */
#ifndef TESTS_SUPPORT_MUTANTS_H
#define TESTS_SUPPORT_MUTANTS_H

#include "diagnose/mistake.h"
#include "lang/ast.h"

typedef struct mutant {
    gt_mistake_kind kind; /* what was planted */
    uint32_t equation;    /* of the backward block */
    uint32_t line;
    const char *name;             /* of the equation */
    char before[512], after[512]; /* the equation */
    const char *text;             /* the whole file with the mistake in it */
    size_t size;
} mutant;

typedef void mutant_visit(void *context, const mutant *m);

/* Calls visit for every mutant of the file's first cell. Returns their number. */
uint32_t each_mutant(const gt_lang_file *file, mutant_visit *visit, void *context);

#endif
