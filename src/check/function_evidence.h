/* What a diagnosis is given of a function: see gt_evidence in gradtape/handwritten.h. */
#ifndef GT_CHECK_FUNCTION_EVIDENCE_H
#define GT_CHECK_FUNCTION_EVIDENCE_H

#include "check/function_check.h"

typedef struct gt_function_evidence {
    const double *given, *expected; /* gradients of all arguments, or a product of the shape of y */
    const double *bars;             /* error bars of expected */
    const double *x;
    double allowed;     /* what rounding may have done */
    uint32_t wrong;     /* which argument */
    double power;       /* as gt_evidence.cotangent_power */
    bool tangent;       /* it is a Jacobian-vector product: given and expected have the shape of y */
    size_t projections; /* given and expected are so many projections of the wrong one alone; 0: none are */
} gt_function_evidence;

/* Asks options->diagnose, if there is one, for the likely mistake behind the finding. */
gt_status gt_function_evidence_diagnose(gt_function_check *check, const gt_function_evidence *evidence,
                                        gt_finding *finding);

#endif
