/* A backward block as a gt_handwritten; its context is the gt_lang_meaning. */
#ifndef GT_LANG_HANDWRITTEN_H
#define GT_LANG_HANDWRITTEN_H

#include "gradtape/handwritten.h"
#include "lang/meaning.h"

/* Made in the pool, as cell->handwritten. False on no memory. */
bool gt_lang_make_handwritten(const gt_lang_meaning *meaning, const gt_lang_file *file, gt_pool *pool, gt_cell *cell);

#endif
