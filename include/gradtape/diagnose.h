/*
 * gradtape/diagnose.h: the likely mistake behind a wrong gradient.
 *
 * A check (gradtape/check.h) says where a gradient is wrong; this says what the
 * mistake may have been. A catalogue of mistakes is tried systematically: each
 * repair is one entry of it in one place, evaluated on random numbers, and it is
 * claimed only if the disagreement is gone with it. docs/verification.md lists
 * the kinds and says how often they are named rightly.
 *
 *     gt_check_options options = {.diagnose = gt_diagnose};
 *     gt_check_cell(gt_parsed_cell_get(parsed), &problem, &options, &report, &error);
 */
#ifndef GRADTAPE_DIAGNOSE_H
#define GRADTAPE_DIAGNOSE_H

#include "gradtape/handwritten.h"
#include "gradtape/lang.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * For gt_check_options.diagnose. Formulas of cells in the cell language are
 * repaired as formulas, and the repaired one is written down; arrays computed
 * elsewhere are compared with what a mistake in the tape's reverse rules would
 * give. Whatever else it is given it leaves undiagnosed. Takes milliseconds to a
 * second for a block.
 */
GT_API gt_diagnose_function gt_diagnose;

/*
 * For gt_check_options.arithmetic. Of formulas of cells in the cell language; of anything else it writes
 * nothing.
 */
GT_API gt_arithmetic_function gt_arithmetic;

/*
 * What is wrong with the backward block of a cell, equation by equation, also
 * where its shapes do not fit, so that it cannot be checked. Fills at most
 * `capacity` diagnoses, whose words `report` owns, in the order in which they were found, and *count; 0 if
 * there is no block or nothing is wrong with it. kind is "" where a place is known
 * and nothing in the catalogue fits. Errors: no memory; GT_ERROR_FORMAT if the
 * text has mistakes elsewhere; a forward pass that is not finite.
 */
GT_API gt_status gt_diagnose_cell(const gt_parsed_cell *parsed, gt_report *report, gt_diagnosis *diagnoses,
                                  uint32_t capacity, uint32_t *count, gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
