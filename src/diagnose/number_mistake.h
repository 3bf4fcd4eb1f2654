/* Mistakes behind gradients of functions and ops of which there are numbers alone. */
#ifndef GT_DIAGNOSE_NUMBER_MISTAKE_H
#define GT_DIAGNOSE_NUMBER_MISTAKE_H

#include "gradtape/handwritten.h"

/* Fills in the diagnosis if something fits; evidence->arguments is not NULL. */
gt_status gt_diagnose_numbers(const gt_evidence *evidence, gt_diagnosis *diagnosis);

#endif
