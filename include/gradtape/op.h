/*
 * gradtape/op.h: the descriptor of an operation.
 *
 * Everything about an op stands in one descriptor: its shape rule, its kernels,
 * its reverse rule, and what tests, pictures and documentation need to know.
 * The rest of the library reads descriptors and never names an op. An op of
 * your own is a descriptor of your own, recorded with gt_apply.
 *
 * Example, x -> x * x with its derivative:
 *
 *     static void square_f64(const gt_elementwise_f64 *k) {
 *         for (size_t i = 0; i < k->count; i++) {
 *             double x = k->inputs[0][i * k->strides[0]];
 *             k->output[i] = x * x;
 *         }
 *     }
 *     static gt_var square_reverse(gt_reverse *r, uint32_t slot) {
 *         gt_var x = gt_reverse_input(r, 0);
 *         return gt_mul(gt_reverse_cotangent(r), gt_add(x, x));
 *     }
 *     static const gt_op square = {.name = "square", .arity = 1, .op_class = GT_CLASS_ELEMENTWISE,
 *         .shape = gt_shape_rule_elementwise, .run_f64 = square_f64, .reverse = square_reverse};
 *
 *     gt_var y = gt_apply(&square, &x, 1, NULL, 0);
 */
#ifndef GRADTAPE_OP_H
#define GRADTAPE_OP_H

#include "gradtape/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How an op treats its operands: what a planner may assume of it. */
typedef enum gt_op_class {
    GT_CLASS_LEAF = 0,        /* no inputs: supplied from outside, or a constant */
    GT_CLASS_ELEMENTWISE,     /* entry by entry, with broadcasting */
    GT_CLASS_COLUMN_PARALLEL, /* each column (all entries along axis 0) by itself */
    GT_CLASS_MATRIX_PRODUCT,
    GT_CLASS_REDUCTION, /* sums over axes */
    GT_CLASS_VIEW,      /* moves or selects entries, computes nothing */
    GT_CLASS_TUPLE,     /* several results, each read by a node of class GT_CLASS_PART */
    GT_CLASS_PART,      /* one result of a tuple: input 0 is the tuple */
    GT_CLASS_SCAN,      /* a tuple that runs a body tape */
    GT_CLASS_OTHER      /* depends on where an entry stands, so only as it is recorded, but for what `axes` says */
} gt_op_class;

/* ---- shape rules --------------------------------------------------------------------------- */

/* What a shape rule is given, and what it answers. */
typedef struct gt_shape_query {
    const gt_op *op;
    gt_tape *tape;
    const gt_var *inputs; /* valid, all usable on `tape` */
    uint32_t input_count;
    const int64_t *attributes;
    uint32_t attribute_count;
    gt_dtype dtype; /* out: preset to the type of input 0, or the tape's own for a leaf */
    gt_shape shape; /* out */
} gt_shape_query;

/*
 * Sets query->shape (and dtype if it differs from the preset) and returns true,
 * or reports with gt_shape_fail and returns false.
 */
typedef bool gt_shape_rule(gt_shape_query *query);

/* Reports "OP: message" on the tape, with the operands' names and shapes after it. Returns false. */
GT_API bool gt_shape_fail(const gt_shape_query *query, gt_status status, const char *format, ...) GT_PRINTF(3, 4);
/* The common rule of element-by-element ops: one real type, shapes broadcast together. */
GT_API bool gt_shape_rule_elementwise(gt_shape_query *query);
/* The result has the shape and type of input 0. */
GT_API bool gt_shape_rule_same(gt_shape_query *query);

/* ---- kernels ------------------------------------------------------------------------------- */

/*
 * One run of an element-by-element kernel: output[i] for i < count from
 * inputs[k][i * strides[k]], where a stride is 0 (the operand is stretched) or 1.
 * The output may be the same memory as an input of stride 1.
 */
typedef struct gt_elementwise_f64 {
    size_t count;
    const double *const *inputs;
    const size_t *strides;
    double *output;
    const int64_t *attributes;
} gt_elementwise_f64;

typedef struct gt_elementwise_f32 {
    size_t count;
    const float *const *inputs;
    const size_t *strides;
    float *output;
    const int64_t *attributes;
} gt_elementwise_f32;

typedef void gt_elementwise_f64_kernel(const gt_elementwise_f64 *run);
typedef void gt_elementwise_f32_kernel(const gt_elementwise_f32 *run);

/*
 * One run of any other op. Arrays are contiguous and column-major. A tuple has
 * one output per node that reads it, in any order, with that node's attributes
 * in part_attributes; every other op has exactly one output.
 */
typedef struct gt_kernel {
    const gt_array *inputs;
    uint32_t input_count;
    const gt_array *outputs;
    uint32_t output_count;
    const int64_t *const *part_attributes;
    const int64_t *attributes;
    uint32_t attribute_count;
    gt_error *error; /* what to say when the result is not GT_OK */
} gt_kernel;

/* ---- reverse rules ------------------------------------------------------------------------- */

/* The place of one reverse rule: a forward node, its adjoint, and where to record. */
typedef struct gt_reverse gt_reverse;

GT_API gt_tape *gt_reverse_tape(gt_reverse *r);
/* The forward node's inputs and its own value, as vars of gt_reverse_tape. */
GT_API gt_var gt_reverse_input(gt_reverse *r, uint32_t slot);
GT_API gt_var gt_reverse_output(gt_reverse *r);
/* The adjoint of the forward node; it has the node's shape. */
GT_API gt_var gt_reverse_cotangent(gt_reverse *r);
GT_API uint32_t gt_reverse_input_count(const gt_reverse *r);
GT_API gt_shape gt_reverse_input_shape(const gt_reverse *r, uint32_t slot);
GT_API int64_t gt_reverse_attribute(const gt_reverse *r, uint32_t place);

/*
 * The contribution of the forward node's adjoint to the adjoint of input
 * `slot`, recorded on gt_reverse_tape; GT_NONE for none. It may have the shape
 * of the output where that is the input's shape broadcast: the replay sums.
 */
typedef gt_var gt_reverse_rule(gt_reverse *r, uint32_t slot);

/* ---- what a test, a picture and a manual need ---------------------------------------------- */

/* Where the op is smooth: what a gradient test draws its inputs from. */
typedef struct gt_domain {
    double low, high; /* both 0: from -2 to 2 */
    double apart;     /* entries keep this distance from 0, and from each other across operands */
} gt_domain;

/*
 * A function that is put together of pieces, such as relu: on which of them an entry lies, so that
 * a check can tell what its numbers have shown.
 */
typedef struct gt_pieces {
    const char *const *names;                /* "its operand is above 0", ..., NULL */
    int32_t (*find)(const double *operands); /* a place in names; -1 where two pieces meet */
} gt_pieces;

/* What it costs to compute an entry again in place of reading it from memory. */
typedef enum gt_op_cost {
    GT_COST_UNKNOWN = 0, /* more than that: it is never computed again */
    GT_COST_ARITHMETIC,  /* less than a read from memory: an instruction or two */
    GT_COST_FUNCTION     /* about as much as one: tanh, exp */
} gt_op_cost;

/*
 * How an op that is not element by element goes through the axes of its operands, so that a
 * plan can give it all time steps at once, or a part of the examples.
 */
typedef enum gt_op_axes {
    GT_AXES_UNKNOWN = 0, /* all that is known is the class */
    GT_AXES_ALONG,       /* works along the axis in attribute 0; all others are independent: concat, slice, cumsum */
    GT_AXES_ORDERED,     /* keeps the entries in their order: reshape */
    GT_AXES_STRETCHED,   /* stretches axes of size 1: broadcast */
    GT_AXES_LOOKED_UP,   /* needs the whole first operand for each entry of the second: gather */
    GT_AXES_REDUCED      /* the axes of the bits in its first attribute become 1: sum */
} gt_op_axes;

/*
 * How an op is written with its ONNX operator. Arrays have their axes in reverse order there, which is
 * the same memory, row-major: the first axis here is the last one there.
 */
typedef enum gt_onnx_form {
    GT_ONNX_PLAIN = 0, /* the operator of the operands, and nothing else */
    GT_ONNX_TRUTH,     /* a truth value, cast to 1 or 0 */
    GT_ONNX_UNTRUTH,   /* the opposite of one */
    GT_ONNX_CHOICE,    /* the first operand is cast to a truth value */
    GT_ONNX_POWER,     /* attribute 0 is a second operand */
    GT_ONNX_GELU,      /* written with several operators */
    GT_ONNX_NUMBER,    /* one number in the shape of the attributes */
    GT_ONNX_PRODUCT,   /* operands in reverse order, transposed as attributes 0 and 1 say */
    GT_ONNX_TRANSPOSE, /* of a matrix */
    GT_ONNX_TABLE,     /* along axis 0 there */
    GT_ONNX_ONE_HOT,   /* attribute 0 is the number of classes */
    GT_ONNX_COLUMNS,   /* along the last axis there */
    GT_ONNX_AXIS,      /* along the axis in attribute 0 */
    GT_ONNX_REDUCTION, /* over the axes of the bits in attribute 0 */
    GT_ONNX_SO_FAR,    /* along the axis in attribute 0, from its end on if attribute 1 is not 0 */
    GT_ONNX_INTERVAL,  /* attributes are axis, start and stop */
    GT_ONNX_PART,      /* of a tuple: an interval of its operand */
    GT_ONNX_PADDING,   /* attributes are axis, before and behind */
    GT_ONNX_SHAPE,     /* the shape is a second operand */
    GT_ONNX_LOOP,      /* a scan */
    GT_ONNX_GIVEN,     /* an input of the graph */
    GT_ONNX_WITHIN,    /* written by the op that it reads, or by those that read it */
    GT_ONNX_NONE       /* not at all */
} gt_onnx_form;

/* Writes a few characters about the attributes of v, cut to fit `size` bytes: "p = 2". */
typedef void gt_op_detail(gt_var v, char *text, size_t size);

/*
 * The op as instructions on the lanes of a vector, recorded in the library's own form; returns the
 * value made of the values `inputs`. For the library's own ops.
 */
typedef struct gt_lanes gt_lanes;
typedef uint32_t gt_lane_rule(gt_lanes *lanes, const uint32_t *inputs);

#define GT_MAX_ATTRIBUTES 8
#define GT_VARIADIC (-1)

struct gt_op {
    const char *name;          /* as in the cell language and in messages: "tanh" */
    const char *label;         /* in pictures, UTF-8: "σ"; NULL: the name */
    gt_op_detail *detail;      /* what v's attributes say, in pictures; NULL: nothing */
    const char *latex;         /* with #1, #2 for the operands: "\\tanh(#1)"; NULL: none */
    const char *onnx;          /* the ONNX operator with this meaning; NULL: none */
    gt_onnx_form onnx_form;    /* how it is written with it */
    const char *documentation; /* one or two sentences for the reference manual */
    int32_t arity;             /* number of inputs; GT_VARIADIC: one or more */
    gt_op_class op_class;
    gt_domain domain[3];     /* of the first three inputs */
    const gt_pieces *pieces; /* of an element-by-element op; NULL: it is of one piece */
    gt_op_cost cost;
    uint32_t linear; /* bit k: linear in input k alone, the others being fixed: both of mul, the first of div */
    gt_op_axes axes;
    gt_shape_rule *shape;
    /* GT_CLASS_ELEMENTWISE has both run functions; run_f32 may be NULL in an op of your own. */
    void (*run_f64)(const gt_elementwise_f64 *run);
    void (*run_f32)(const gt_elementwise_f32 *run);
    /* Every other class that computes has this. */
    gt_status (*evaluate)(const gt_kernel *kernel);
    /*
     * The same for planned programs: within a stated error of the above, vectorised for the
     * processor at hand. NULL: the above is used. docs/performance-history.md states the errors; ops of
     * arithmetic and comparison give the same bits.
     */
    void (*fast_f64)(const gt_elementwise_f64 *run);
    void (*fast_f32)(const gt_elementwise_f32 *run);
    gt_status (*fast_evaluate)(const gt_kernel *kernel);
    /* The fast kernels for the processor at hand, asked for once by every plan; NULL: those above. */
    gt_elementwise_f64_kernel *(*choose_f64)(void);
    gt_elementwise_f32_kernel *(*choose_f32)(void);
    /* For runs that a plan compiles to one loop; NULL: a run with this op is not compiled. */
    gt_lane_rule *lanes;
    /* NULL: no gradient flows (comparisons, integer results). */
    gt_reverse_rule *reverse;
};

/*
 * Records op on the tape of its inputs. Attributes are whole numbers whose
 * meaning the op defines; gt_pack_double carries a real number. Both lists are
 * copied; the descriptor must live as long as the tape.
 */
GT_API gt_var gt_apply(const gt_op *op, const gt_var *inputs, uint32_t input_count, const int64_t *attributes,
                       uint32_t attribute_count);
/* The same for an op without inputs. */
GT_API gt_var gt_apply_leaf(gt_tape *tape, const gt_op *op, const int64_t *attributes, uint32_t attribute_count);

/* A real number in an attribute and back, bit for bit. */
GT_API int64_t gt_pack_double(double value);
GT_API double gt_unpack_double(int64_t attribute);

/* ---- the list of ops ----------------------------------------------------------------------- */

GT_API uint32_t gt_op_count(void);
GT_API const gt_op *gt_op_at(uint32_t i);         /* NULL past the end */
GT_API const gt_op *gt_op_find(const char *name); /* NULL if there is none */

#ifdef __cplusplus
}
#endif
#endif
