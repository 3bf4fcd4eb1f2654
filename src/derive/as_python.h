/* What the forms in Python have in common: notations, equations, helpers. */
#ifndef GT_DERIVE_AS_PYTHON_H
#define GT_DERIVE_AS_PYTHON_H

#include "derive/forms.h"
#include "derive/names.h"

/* A function that the module brings along if the formulas call it. */
typedef struct gt_python_helper {
    gt_lang_function function;
    const char *text;
} gt_python_helper;

typedef struct gt_python {
    gt_derivation *d;
    gt_text *text;
    gt_derive_naming naming;
    const gt_notation *notation;
    const gt_notation *number_notation; /* of equations that are numbers alone; NULL: the same */
} gt_python;

void gt_python_put(const gt_python *p, const gt_lang_expression *e);
const char *gt_python_name(const gt_python *p, const char *name);
/* Of both together, as "d" and "step": a gradient has its name from what it is of, not from what that is called here.
 */
const char *gt_python_joined(const gt_python *p, const char *before, const char *name);
/* The first name of a role; each cell has an input and a state. */
const char *gt_python_first(const gt_python *p, gt_lang_role role);
/* "a, c" of the names of one role, with something before and behind each name. */
void gt_python_put_names(const gt_python *p, gt_lang_role role, const char *before, const char *behind);
/* "a_next, c_next, y": what a step gives; before each name "d" or nothing. */
void gt_python_put_results(const gt_python *p, const char *before);

/* A line for each array that is given, with its shape; steps: ", T" for sequences, or "". */
void gt_python_put_shapes(const gt_python *p, const char *indentation, const char *steps);

void gt_python_put_helpers(const gt_python *p, const gt_python_helper *helpers, uint32_t count);
/* The dimensions that are read: "n_a = a.shape[0]". forward: by the forward pass, else by the lines. */
void gt_python_put_dimensions(const gt_python *p, bool forward, const char *indentation);
void gt_python_put_forward(const gt_python *p, const char *indentation);
/* Gradients of what nothing depends on: zeros that a function makes of the array. */
void gt_python_put_unreached(const gt_python *p, const char *indentation, const char *function);
void gt_python_put_backward(const gt_python *p, const char *indentation);

/* "dWf = df_z @ z.T" in NumPy. */
void gt_numpy_put_line(gt_derivation *d, const char *name, const gt_lang_expression *value, gt_text *text);

/* Calls visit for each forward name that the lines read: what a step must remember. */
typedef void gt_python_visit(const gt_python *p, const char *name, uint32_t place);
uint32_t gt_python_each_remembered(const gt_python *p, gt_python_visit *visit);

#endif
