/*
 * The syntax tree of a file in the cell language (docs/cells.md).
 *
 * A file has cells; a cell has declarations, equations and perhaps a backward
 * block of further equations; an equation has a tree of expressions. All of it
 * lives in one pool and is never changed after parsing: to change an expression,
 * copy it (lang/copy.h).
 *
 * A tree is at most GT_LANG_MAX_DEPTH deep, so that it may be walked by recursion.
 * What stands to the left of an operator is no level of its own: a sum may have as
 * many terms as it likes. So nothing recurs into the left operand; gt_lang_operand
 * gives the operands of all operators of a chain one after the other.
 *
 * Names are kept as they are written, with the prime: the next value of c is
 * "c'", the gradient that reaches it from outside is "dc'".
 */
#ifndef GT_LANG_AST_H
#define GT_LANG_AST_H

#include "base/pool.h"
#include "gradtape/parameters.h"

#define GT_LANG_MAX_DEPTH 256    /* of an expression */
#define GT_LANG_MAX_NAME 48      /* letters of a name, without its prime */
#define GT_LANG_MAX_AXES 3       /* sizes of an array, without its columns where these are examples */
#define GT_LANG_MAX_SIZE 1048576 /* bytes of a text */

/* A piece of the text, within one line or beginning in it. Lines and columns count from 1, columns in bytes. */
typedef struct gt_lang_place {
    uint32_t offset, length; /* bytes, from the beginning of the text */
    uint32_t line, column;
    bool again;         /* in a round after the first: what is wrong there is told of already */
    const char *within; /* for messages: what is not written there, "in silu, of line 3"; NULL: it is written there */
} gt_lang_place;

/* ---- expressions --------------------------------------------------------------------------- */

typedef enum gt_lang_kind {
    GT_LANG_NUMBER,    /* number */
    GT_LANG_NAME,      /* name: a variable, a constant or a dimension */
    GT_LANG_NEGATE,    /* - arguments[0] */
    GT_LANG_BINARY,    /* arguments[0] operation arguments[1] */
    GT_LANG_TRANSPOSE, /* arguments[0].T */
    GT_LANG_SLICE,     /* arguments[0][bounds[0]:bounds[1], bounds[2]:bounds[3]] */
    GT_LANG_CALL,      /* function(arguments..., axis=axis) */
    GT_LANG_DRAW       /* draw(arguments...): in initial values alone */
} gt_lang_kind;

/* In the order of Python's precedence, weakest first. */
typedef enum gt_lang_operation {
    GT_LANG_LESS,
    GT_LANG_LESS_EQUAL,
    GT_LANG_GREATER,
    GT_LANG_GREATER_EQUAL,
    GT_LANG_EQUAL,
    GT_LANG_NOT_EQUAL,
    GT_LANG_ADD,
    GT_LANG_SUBTRACT,
    GT_LANG_MULTIPLY,
    GT_LANG_DIVIDE,
    GT_LANG_MATMUL,
    GT_LANG_POWER /* the exponent is a constant expression */
} gt_lang_operation;

typedef enum gt_lang_function {
#define GT_LANG_FUNCTION(CONSTANT, ...) GT_LANG_##CONSTANT,
#include "lang/function_list.h"
#undef GT_LANG_FUNCTION
    GT_LANG_FUNCTION_COUNT
} gt_lang_function;

/* What is random in an initial value. */
typedef enum gt_lang_draw {
    GT_LANG_DRAW_NORMAL,    /* its deviation */
    GT_LANG_DRAW_UNIFORM,   /* the lower limit and the upper one */
    GT_LANG_DRAW_BERNOULLI, /* how probable 1 is; 0 otherwise */
    GT_LANG_DRAW_COUNT
} gt_lang_draw;

#define GT_LANG_ALL_AXES (-1) /* sum(u): the sum of all entries */

typedef struct gt_lang_expression gt_lang_expression;
struct gt_lang_expression {
    gt_lang_kind kind;
    gt_lang_operation operation;    /* GT_LANG_BINARY */
    gt_lang_function function;      /* GT_LANG_CALL */
    gt_lang_draw draw;              /* GT_LANG_DRAW */
    uint32_t site;                  /* GT_LANG_DRAW: its number in the initial value */
    int axis;                       /* of sum and mean: 0 to GT_LANG_MAX_AXES, or GT_LANG_ALL_AXES */
    bool axis_from_end;             /* it was written so: axis=-1 */
    bool implied;                   /* GT_LANG_CALL: nobody wrote it, the stop_gradient around t */
    bool eps;                       /* of layernorm: it must be a number */
    double number;                  /* GT_LANG_NUMBER, finite and not negative */
    const char *name;               /* GT_LANG_NAME */
    gt_lang_expression **arguments; /* operands; the operand of a slice */
    uint32_t argument_count;
    uint32_t axis_count;           /* GT_LANG_SLICE: 1 for W[i:j], 2 for W[i:j, k:l] */
    gt_lang_expression *bounds[4]; /* of a slice: sizes, NULL where left out */
    /*
     * GT_LANG_BINARY: the operators of the chain that ends here, the innermost first:
     * a + b - c is {a + b, a + b - c}. The longer chains of a tree share the memory.
     */
    gt_lang_expression **chain;
    uint32_t chain_length;
    uint32_t depth;               /* 1 for a leaf */
    gt_lang_place place;          /* the whole expression, without parentheses around it */
    gt_lang_place operator_place; /* of the operator, of .T, of the function's name, of the [ */
};

/* The operands of a node, those of a chain from its first to its last, as if it were one operator of many. */
static inline uint32_t gt_lang_operand_count(const gt_lang_expression *e)
{
    return e->kind == GT_LANG_BINARY ? e->chain_length + 1 : e->argument_count;
}

static inline const gt_lang_expression *gt_lang_operand(const gt_lang_expression *e, uint32_t i)
{
    if (e->kind != GT_LANG_BINARY)
        return e->arguments[i];
    return i == 0 ? e->chain[0]->arguments[0] : e->chain[i - 1]->arguments[1];
}

/* Without what nobody wrote around it. */
static inline const gt_lang_expression *gt_lang_as_written(const gt_lang_expression *e)
{
    return e->implied ? e->arguments[0] : e;
}

/* ---- cells --------------------------------------------------------------------------------- */

typedef enum gt_lang_role { GT_LANG_INPUT, GT_LANG_STATE, GT_LANG_PARAMETER } gt_lang_role;

typedef struct gt_lang_declaration {
    gt_lang_role role;
    const char *name;
    gt_lang_expression *rows;    /* a size; NULL only after an error in the declaration */
    gt_lang_expression *columns; /* a size, or NULL for a vector */
    /* What rows is the product of: S[n_k, n_v] has rows n_k * n_v, as has W[n_k, n_v, n_x]. */
    gt_lang_expression *axes[GT_LANG_MAX_AXES];
    uint32_t axis_count;         /* 1: rows alone */
    gt_initializer initializer;  /* as it is said, or what stands for nothing said; a formula is not made yet */
    gt_lang_expression *initial; /* as it is written; NULL of glorot and orthogonal */
    bool initialized;            /* it is said */
    const char *begins_with;     /* of a state: its initial value, `initial`, as text, which is computed of parameters
                                    and constants; NULL: a number is */
    bool implied;                /* by prev, by t or by a draw: the text has no such declaration */
    bool drawn;                  /* in training, by its initializer: an input anew at each step, a state once */
    const gt_lang_expression *like; /* of a drawn input: whose shape it has; its sizes are found with that */
    gt_lang_place place;            /* the name */
    gt_lang_place initializer_place;
} gt_lang_declaration;

typedef enum gt_lang_target {
    GT_LANG_LOCAL, /* name = ... */
    GT_LANG_NEXT,  /* a' = ... */
    GT_LANG_OUTPUT /* output y = ..., hidden y = ..., loss y = ... */
} gt_lang_target;

typedef struct gt_lang_equation {
    gt_lang_target target;
    bool hidden;               /* of GT_LANG_OUTPUT: hidden y = ..., what a layer hands on */
    bool loss;                 /* of GT_LANG_OUTPUT: loss y = ..., which training adds to the task's loss */
    bool implied;              /* by prev, t or a drawn state: the text has no such equation; its place is theirs */
    const char *name;          /* with its prime, for GT_LANG_NEXT: "c'" */
    gt_lang_expression *value; /* NULL only after an error in the equation */
    bool constant;             /* const name = ...: a number, or, with sizes, an array */
    bool read;                 /* of a constant: while the text was read, as a number of rounds */
    bool known;                /* of a constant: `number` is its value, whatever the dimensions are worth */
    double number;
    bool has_row, has_column;           /* the value of an array has the index of its rows, of its columns */
    bool widened;                       /* 0 * (i + j) is added to what is written, for its sizes */
    gt_lang_expression *rows, *columns; /* of a constant array; NULL of a number; columns NULL for one size */
    gt_lang_place name_place;
    gt_lang_place place; /* from the name to the end of the value */
} gt_lang_equation;

typedef struct gt_lang_cell {
    const char *name;
    const char *documentation;         /* the comment above the cell, its lines joined; "" if there is none */
    gt_lang_declaration *declarations; /* in the order of the text */
    gt_lang_equation *equations;       /* forward */
    gt_lang_equation *backward;        /* all GT_LANG_LOCAL */
    uint32_t declaration_count, equation_count, backward_count;
    bool has_backward;
    bool incomplete;              /* a statement was not understood at all */
    gt_lang_place place;          /* the name */
    uint32_t equations_start;     /* the offset of the first statement that is no declaration; 0: there is none */
    gt_lang_place backward_place; /* the word "backward" */
} gt_lang_cell;

typedef struct gt_lang_file {
    const char *name; /* for messages: "lstm.cell" */
    const char *text; /* size bytes and a NUL */
    size_t size;
    gt_lang_cell *cells;
    uint32_t cell_count;
    const gt_lang_place *definitions; /* the statements def f(u) = ..., which all cells below them know */
    uint32_t definition_count;
    gt_pool *pool; /* of the file and all below it; new expressions may be made in it, or in another */
} gt_lang_file;

#endif
