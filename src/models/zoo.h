/* The texts of the folder cells/, which the build writes down as a table. */
#ifndef GT_MODELS_ZOO_H
#define GT_MODELS_ZOO_H

#include "gradtape/zoo.h"

extern const gt_zoo_entry gt_zoo_entries[];
extern const uint32_t gt_zoo_entry_count;

#endif
