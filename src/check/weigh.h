/* Rules of single ops as evidence about what numbers say of all of them together. */
#ifndef GT_CHECK_WEIGH_H
#define GT_CHECK_WEIGH_H

#include "check/forward.h"
#include "problem/problem.h"

/*
 * If some finding from `first` on says that a gradient is wrong, every op is checked by itself.
 * A wrong rule is reported. If all are right, at the very values, then the tape is as good
 * as they are, since one replay serves all ops, and the numbers are in doubt: what was
 * wrong becomes undecidable. At a kink, or where ops are at theirs, it is enough that no rule is wrong: where
 * several kinks meet, a derivative may lie beyond the slopes on both sides.
 */
gt_status gt_weigh_findings(gt_forward *forward, uint32_t first, const gt_check_options *options, gt_report *report,
                            gt_error *error);

/*
 * Where all findings from `first` on agree but for rounding errors (`rough` of them), and the
 * rule of every op is right at the very values, then both together show that the tape is
 * right: the findings are dropped, and a remark tells of them.
 */
gt_status gt_weigh_rough(gt_forward *forward, uint32_t first, uint32_t rough, const gt_check_options *options,
                         gt_report *report, gt_error *error);

/* Where findings say that the forward pass jumps: at which comparison, if one is an equality. */
gt_status gt_weigh_jumps(gt_forward *forward, uint32_t first, gt_report *report, gt_error *error);

/*
 * From finding `first` on: a jump with an input that the cell says to draw from 0 and 1 is what a mask does. It is no
 * finding, but a remark that numbers do not show this gradient.
 */
gt_status gt_weigh_masks(const gt_cell_problem *data, uint32_t first, gt_report *report, gt_error *error);

#endif
