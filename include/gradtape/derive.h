/*
 * gradtape/derive.h: the backward pass of a cell, as a person would write it.
 *
 *     gt_derive_options options = {.form = GT_DERIVE_CELL, .fragment = true};
 *     char *block;
 *     if (gt_derive(parsed, &options, &block, NULL, &error) == GT_OK)
 *         puts(block); // backward, and a line for each gradient
 *     gt_derive_free(block);
 *
 * The derivation is reverse accumulation over the equations of one step, with names for what is read
 * twice and derivatives in terms of what is known already: f * (1 - f) of a sigmoid. Every line is
 * evaluated against the tape, in f64 at random numbers, before it is returned; one that does not agree
 * is a fault of this library and an error, and nothing is returned.
 */
#ifndef GRADTAPE_DERIVE_H
#define GRADTAPE_DERIVE_H

#include "gradtape/lang.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gt_derive_form {
    GT_DERIVE_CELL = 0, /* the cell with a `backward` block, in the cell language (docs/cells.md) */
    /*
     * Functions on NumPy arrays, for the cell NAME: NAME_cell_forward and NAME_cell_backward of one step,
     * NAME_forward and NAME_backward of a sequence; x is (n_x, m, T), a0 (n_a, m), a bias (n_a, 1).
     */
    GT_DERIVE_NUMPY,
    GT_DERIVE_TORCH, /* a torch.autograd.Function of one step, on tensors of the same shapes */
    /*
     * C11 without any library but libm: NAME_forward and NAME_backward of one step, on a struct of
     * column-major arrays that NAME_place lays out in memory.
     */
    GT_DERIVE_C,
    /* The derivation, with shapes and reasons, in documents that stand alone. */
    GT_DERIVE_LATEX,
    GT_DERIVE_MARKDOWN,
    GT_DERIVE_HTML
} gt_derive_form;

/* How the gradient of W is written in a document. */
typedef enum gt_derive_notation {
    GT_DERIVE_D = 0,   /* dW */
    GT_DERIVE_PARTIAL, /* the partial derivative of L with respect to W */
    GT_DERIVE_BAR      /* W with a bar above */
} gt_derive_notation;

/* Zero-initialised, everything is at its default. */
typedef struct gt_derive_options {
    size_t size; /* of the struct; or 0 */
    gt_derive_form form;
    bool by_op;    /* a line for every operation; else one for every equation, and for what is read twice */
    bool fragment; /* without what stands around it: of a cell the block, of NumPy the step */
    gt_derive_notation notation; /* of documents */
    bool beamer;                 /* LaTeX as slides of the class beamer, each line an overlay */
    /*
     * Of documents: "dWf,dc", lines that are left blank, with a solution at the end; NULL: none.
     */
    const char *blank;
    /*
     * Of HTML: each line says in attributes, for a program, what it is the gradient or the value of
     * (data-of), its own name if that is another (data-name), and what it is in LaTeX and NumPy (data-latex,
     * data-numpy).
     */
    bool tagged;
} gt_derive_options;

/*
 * The backward pass of the cell that was chosen when the text was parsed (a block that it has is not
 * looked at). options may be NULL. *text becomes the caller's, ends with a NUL and is to be freed with
 * gt_derive_free; *size (NULL: not wanted) its bytes without the NUL. Errors: GT_ERROR_ARGUMENT for a
 * text with errors, or a cell whose gradients have no free names; GT_ERROR_SIZE for more than 2,000 equations,
 * or one that is too long; GT_ERROR_VALUE for a line that the tape refutes; no memory.
 */
GT_API gt_status gt_derive(const gt_parsed_cell *parsed, const gt_derive_options *options, char **text, size_t *size,
                           gt_error *error);
GT_API void gt_derive_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
