/* Mistakes in words. */
#ifndef GT_DIAGNOSE_DESCRIBE_H
#define GT_DIAGNOSE_DESCRIBE_H

#include "diagnose/mistake.h"
#include "gradtape/report.h"

/* Fills everything but the file of the place. False on no memory. */
bool gt_mistake_describe(gt_question *question, const gt_mistake *mistake, gt_report *report, gt_diagnosis *diagnosis);

#endif
