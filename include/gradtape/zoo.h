/*
 * gradtape/zoo.h: cells from the literature, as texts in the cell language.
 *
 *     const gt_zoo_entry *mgu = gt_zoo_find("mgu");
 *     gt_parsed_cell *parsed = gt_cell_parse(mgu->text, strlen(mgu->text), NULL);
 *
 * Each says in its first comment which paper it is from.
 */
#ifndef GRADTAPE_ZOO_H
#define GRADTAPE_ZOO_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gt_zoo_entry {
    const char *name; /* of the cell in the text */
    const char *text;
} gt_zoo_entry;

/* In alphabetical order. */
GT_API uint32_t gt_zoo_count(void);
GT_API const gt_zoo_entry *gt_zoo_at(uint32_t i);         /* NULL past the end */
GT_API const gt_zoo_entry *gt_zoo_find(const char *name); /* NULL if there is none */

#ifdef __cplusplus
}
#endif
#endif
