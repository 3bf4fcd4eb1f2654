/* Names of a derivation in programs: what a prime becomes, and what is taken. */
#ifndef GT_DERIVE_NAMES_H
#define GT_DERIVE_NAMES_H

#include "derive/derivation.h"

/* The naming of a program. */
typedef struct gt_derive_naming {
    gt_derivation *d;
    const char *const *reserved; /* words that no name may be; a NULL behind the last */
} gt_derive_naming;

/* a' is a_next; a name that is taken gets a _ behind it. */
const char *gt_derive_code_name(const gt_derive_naming *naming, const char *name);
/* Whether the forward pass, or the lines of the derivation, read a name. */
bool gt_derive_forward_reads(const gt_derivation *d, const char *name);
bool gt_derive_lines_read(const gt_derivation *d, const char *name);
/* Whether either calls a function. */
bool gt_derive_calls(const gt_derivation *d, gt_lang_function function);
bool gt_derive_compares(const gt_derivation *d);

#endif
