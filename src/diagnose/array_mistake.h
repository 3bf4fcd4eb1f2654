/* Mistakes behind arrays that were computed elsewhere, of which no formula is known. */
#ifndef GT_DIAGNOSE_ARRAY_MISTAKE_H
#define GT_DIAGNOSE_ARRAY_MISTAKE_H

#include "gradtape/handwritten.h"

/* Fills in the diagnosis if something fits; evidence->equation is -1. */
gt_status gt_diagnose_array(const gt_evidence *evidence, gt_diagnosis *diagnosis);

#endif
