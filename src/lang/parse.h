/* From text to a syntax tree. */
#ifndef GT_LANG_PARSE_H
#define GT_LANG_PARSE_H

#include "lang/ast.h"
#include "lang/diagnostics.h"

/*
 * Parses the text, which need not end with a NUL and is copied, as is its name
 * (NULL: "cell"). What is wrong is added to the diagnostics; after errors the tree
 * has what could be understood, and equations may have no value. Meaning is not
 * looked at. NULL on no memory. All memory is taken from the pool.
 */
gt_lang_file *gt_lang_parse(gt_pool *pool, const char *name, const char *text, size_t size,
                            gt_lang_diagnostics *diagnostics);

/* One expression and nothing else, such as a derivative of function_list.h. NULL if it is none, or on no memory. */
const gt_lang_expression *gt_lang_parse_formula(gt_pool *pool, const char *text);
/* The same; *no_memory becomes whether it is for lack of memory that there is none. */
const gt_lang_expression *gt_lang_try_formula(gt_pool *pool, const char *text, bool *no_memory);

#endif
