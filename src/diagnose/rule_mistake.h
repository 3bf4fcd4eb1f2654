/*
 * Mistakes in the reverse rule of an op. What the rule records is read back as a
 * formula and repaired like a handwritten one; right is what the numeric
 * derivative says.
 */
#ifndef GT_DIAGNOSE_RULE_MISTAKE_H
#define GT_DIAGNOSE_RULE_MISTAKE_H

#include "diagnose/question.h"
#include "gradtape/handwritten.h"

/* Fills in the diagnosis if something fits; evidence->op is not NULL. */
gt_status gt_diagnose_rule(const gt_evidence *evidence, gt_diagnosis *diagnosis);

/*
 * The formula of a node, in terms of the nodes that are names: leaves[i] is the node of the
 * question's name i, 0 for none. NULL if it has an op that formulas do not have, or on no memory.
 */
const gt_expression *gt_rule_formula(gt_question *question, gt_var v, const uint32_t *leaves);

/* The formula of the op itself on operands of the names 0, 1, ...; NULL if formulas do not have it.
 */
const gt_expression *gt_rule_definition(gt_question *question, gt_var v);

#endif
