/*
 * Planted mistakes in the reverse rules of the ops: the nodes that a rule records
 * are recorded again with one of them changed.
 */
#ifndef TESTS_SUPPORT_RULE_MUTANTS_H
#define TESTS_SUPPORT_RULE_MUTANTS_H

#include "diagnose/mistake.h"
#include "gradtape.h"

#define RULE_OPERANDS 2

typedef struct rule_mutant {
    gt_mistake_kind kind;
    const gt_op *op; /* a copy of the original with another rule; valid during the visit */
    const gt_op *original;
    gt_shape shapes[RULE_OPERANDS];
    uint32_t input_count;
    int64_t attributes[2];
    uint32_t attribute_count;
    uint32_t slot; /* whose contribution is changed */
    uint32_t node; /* which of the rule's nodes, counted from 0 */
    const char *change;
} rule_mutant;

typedef void rule_mutant_visit(void *context, const rule_mutant *m);

/* Calls visit for every mutant of every rule. Returns their number. */
uint32_t each_rule_mutant(rule_mutant_visit *visit, void *context);
/* The same for rules as they are (kind is GT_MISTAKE_NONE). */
uint32_t each_right_rule(rule_mutant_visit *visit, void *context);

#endif
