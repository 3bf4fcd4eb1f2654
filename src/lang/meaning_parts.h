/* The parts of lang/meaning.h that know of each other. */
#ifndef GT_LANG_MEANING_PARTS_H
#define GT_LANG_MEANING_PARTS_H

#include "lang/meaning.h"

/* Adds a symbol; NULL on no memory, which is noted. */
gt_lang_symbol *gt_lang_define(gt_lang_checker *checker, gt_lang_symbol symbol);
/* The three texts as one, in the pool; NULL on no memory, which is noted. */
char *gt_lang_joined(gt_lang_checker *checker, const char *before, const char *name, const char *after);

/* The shape that sizes give; columns may be NULL. What is wrong with them is reported. */
gt_lang_shape gt_lang_declared_sizes(gt_lang_checker *checker, const gt_lang_expression *rows,
                                     const gt_lang_expression *columns);
/* The shape of a constant. */
gt_lang_shape gt_lang_check_constant(gt_lang_checker *checker, const gt_lang_equation *constant);

/* Of a slice of an array of this shape. */
gt_lang_shape gt_lang_check_slice(gt_lang_checker *checker, const gt_lang_expression *slice, gt_lang_shape shape);

/* h_t, h_prev, hnew, h0: the letters before the longest ending that tells a time; 0 if there is none. */
size_t gt_lang_without_time(const char *name);
/* The symbol whose name is the first letters of `name`, with `behind` behind them; NULL if there is none. */
const gt_lang_symbol *gt_lang_symbol_of(const gt_lang_checker *checker, const char *name, size_t letters,
                                        const char *behind);

/* Makes symbols of what equations assign, before they are looked at. False on no memory. */
bool gt_lang_announce_all(gt_lang_checker *checker, const gt_lang_equation *equations, uint32_t count,
                          gt_lang_symbol_kind kind);
/* The backward block, if there is one. False on no memory. */
bool gt_lang_check_backward(gt_lang_checker *checker);

/* Dimensions, inputs, states and parameters. False on no memory. */
bool gt_lang_check_declarations(gt_lang_checker *checker);
/* Which equations the states depend on and which the outputs. False on no memory. */
bool gt_lang_find_dependencies(gt_lang_meaning *meaning);

#endif
