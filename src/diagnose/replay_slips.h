/* The catalogue of mistakes for arrays: slips in the reverse rules of a cell's step. */
#ifndef GT_DIAGNOSE_REPLAY_SLIPS_H
#define GT_DIAGNOSE_REPLAY_SLIPS_H

#include "diagnose/replay.h"

/*
 * Fills in kind, text and after if some slip gives the array; right has its `count` entries. Other
 * than GT_OK only for lack of memory.
 */
gt_status gt_diagnose_replay(const gt_evidence *evidence, const double *right, size_t count,
                             gt_diagnosis *diagnosis);

#endif
