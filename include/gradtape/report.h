/*
 * gradtape/report.h: what a check of derivatives found.
 *
 * A report is a list of findings behind one verdict. A finding says what was
 * compared with what, where they disagree, and how: the array, the equation it
 * stands in, the time step, the worst entry with both values, and whether the
 * disagreement is everywhere or in a part. What was not compared at all, or could
 * not be seen at the numbers at hand, is said in remarks: a verdict of "right" is
 * as much as a user takes it for only if the report is complete.
 */
#ifndef GRADTAPE_REPORT_H
#define GRADTAPE_REPORT_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gt_verdict {
    GT_RIGHT = 0,
    GT_WRONG,      /* they differ by more than all known errors explain */
    GT_UNDECIDABLE /* the errors are too large to tell: no test at all */
} gt_verdict;

GT_API const char *gt_verdict_name(gt_verdict verdict); /* "right", "wrong", "undecidable" */

/* What was compared. In this order the parts of a check are made. */
typedef enum gt_check_kind {
    GT_CHECK_FORWARD = 0, /* the forward pass: is it finite, and the same rolled and unrolled? */
    GT_CHECK_FORMS,       /* gradients of the tape: rolled against unrolled */
    GT_CHECK_NUMERIC,     /* gradients against numeric derivatives */
    GT_CHECK_RULE,        /* the reverse rule of one op against numeric derivatives */
    GT_CHECK_FORMULA,     /* a handwritten formula in one step, the tape's values upstream */
    GT_CHECK_BACKWARD,    /* the handwritten formulas alone, through the whole sequence */
    GT_CHECK_AGAINST,     /* arrays computed elsewhere against the tape's gradients */
    GT_CHECK_JVP,         /* handwritten Jacobian-vector products against numeric derivatives */
    GT_CHECK_TRANSPOSE,   /* the same against vector-Jacobian products: <w, J v> is <J.T w, v> */
    GT_CHECK_SECOND       /* the gradient of a gradient against numeric derivatives of the gradient */
} gt_check_kind;

GT_API const char *gt_check_kind_name(gt_check_kind kind); /* "numeric", "formula", ... */

/* A place in a text; line 0: none. Lines and columns count from 1, columns in bytes. */
typedef struct gt_text_place {
    const char *file; /* lives as long as the cell that it came from */
    uint32_t line, column;
} gt_text_place;

/* Which entries disagree. */
typedef enum gt_pattern {
    GT_PATTERN_NONE = 0,   /* nothing disagrees, or nothing can be said */
    GT_PATTERN_EVERYWHERE, /* all, or nearly all (the others happen to be small) */
    GT_PATTERN_ROWS,       /* those with first index in [from, to) */
    GT_PATTERN_COLUMNS,    /* those with second index in [from, to) */
    GT_PATTERN_STEPS,      /* those of time steps in [from, to); there everywhere */
    GT_PATTERN_SHAPE,      /* the array does not have the shape that it should */
    GT_PATTERN_SCATTERED   /* some, in no block */
} gt_pattern;

GT_API const char *gt_pattern_name(gt_pattern pattern); /* "everywhere", "rows", ... */

/*
 * The words of findings, remarks and diagnoses are owned by the report that has them, as long as it
 * lives, and none is NULL there.
 */

/* The likely mistake. */
typedef struct gt_diagnosis {
    const char *kind;      /* of the catalogue: "wrong sign"; "": none is claimed */
    const char *text;      /* one sentence: "the sign of da' is wrong" */
    const char *repaired;  /* the formula as it should read: "dWf = df_z @ z.T"; may be "" */
    gt_text_place place;   /* of the part that is wrong, if it is known more closely */
    const char *part;      /* that part as it is written: "s * g"; NULL or "": the whole formula, or it is not known */
    double before, after;  /* largest disagreement relative to the largest entry: as it is, repaired */
    uint32_t alternatives; /* further repairs that fit as well */
    /*
     * Arrays that one mistake explains together have the same number, from 1, the best first; their
     * diagnoses are the same. 0: it is about this finding alone.
     */
    uint32_t explanation;
} gt_diagnosis;

typedef struct gt_finding {
    gt_check_kind kind;
    gt_verdict verdict;         /* GT_RIGHT only with kink set: a kink at which the value is a one-sided slope */
    const char *array;          /* what disagrees: "dWf", "df_z" */
    const char *of;             /* what it is the gradient of: "Wf"; "" if that is not known */
    const char *gate;           /* the equation of the forward pass through which: "f"; may be "" */
    gt_text_place place;        /* of the equation that defines the array */
    const char *formula;        /* that equation as it is written; may be "" */
    const char *text;           /* what else there is to say: a kink, a NaN, which rule; may be "" */
    int64_t step;               /* time step of the worst entry; -1: no step, or the sum over all */
    gt_shape shape;             /* of the array */
    gt_shape expected_shape;    /* which it should have; the same unless pattern is GT_PATTERN_SHAPE */
    int64_t index[GT_MAX_RANK]; /* of the worst entry, from 0 */
    gt_shape sizes;             /* whose product the rows are, the last running fastest; rank 0: they are one size */
    double value, expected;     /* there: what was given, and what it should be */
    double error_bar;           /* of expected */
    double allowed;             /* difference that would have been accepted */
    uint64_t wrong_count, entry_count; /* entries that disagree, entries compared */
    gt_pattern pattern;
    int64_t from, to;
    bool kink;          /* the slopes on both sides of the worst entry differ */
    double left, right; /* the slopes there, if kink is set */
    double jump;        /* what the forward pass changes by at this very point; or 0 */
    gt_diagnosis diagnosis;
    /*
     * The worst entry written out, if that was asked for: of the formula, and of what it should be, which is
     * diagnosis.repaired, or of an array that was computed elsewhere the sum over its time steps. Else "".
     */
    const char *arithmetic, *expected_arithmetic;
    uint32_t point; /* 0: it was found at the point of the report's seed; else at which further one */
} gt_finding;

/* What there is to say beside the findings. */
typedef enum gt_remark_kind {
    GT_REMARK_NOT_VERIFIED = 0, /* a gradient that is not there to be compared */
    GT_REMARK_NOT_SEEN,         /* what these numbers cannot show: a branch that was never taken */
    GT_REMARK_NOT_READ,         /* a local of a backward pass that nothing reads */
    GT_REMARK_CONVENTION        /* a name that stands for something else than it does by rule */
} gt_remark_kind;

GT_API const char *gt_remark_kind_name(gt_remark_kind kind); /* "not verified", "not seen", ... */

typedef struct gt_remark {
    gt_remark_kind kind;
    const char *array;   /* which name it is about: "dh", "da_prev" */
    gt_text_place place; /* of its equation, if there is one */
    const char *text;    /* one sentence, without a full stop */
} gt_remark;

/* How much of each kind was compared. */
typedef struct gt_check_count {
    uint64_t arrays, entries;    /* entries one by one */
    uint64_t projections;        /* random directions, for arrays with too many entries */
    uint64_t wrong, undecidable; /* arrays */
    double largest_excess;       /* largest difference, relative to what is allowed there */
} gt_check_count;

#define GT_CHECK_KINDS 10

/* Zero-initialise it, and free it afterwards. */
typedef struct gt_report {
    gt_verdict verdict;   /* WRONG goes before UNDECIDABLE goes before RIGHT */
    gt_finding *findings; /* the first is the one to mend first */
    uint32_t finding_count;
    gt_check_count counts[GT_CHECK_KINDS]; /* by gt_check_kind */
    size_t capacity;                       /* of findings */
    gt_remark *remarks;                    /* in the order in which they were made */
    uint32_t remark_count;
    size_t remark_capacity;
    /*
     * What was checked computes in this precision: GT_F32 where some gradient was found to. Then
     * mistakes of less than about 2e-5 of the largest entry are not seen.
     */
    gt_dtype precision;
    /* gt_check_cell: the seed of the random point that the report is about, and how many points were tried. */
    uint32_t seed, points;
    struct gt_text_table *words; /* what findings and remarks say; NULL: nothing yet */
    bool speechless;             /* there was no memory for words: nothing is added any more */
} gt_report;

GT_API void gt_report_free(gt_report *report);
/*
 * Words of the report's own, for a diagnosis that is being made (gt_diagnose_function). Without memory "",
 * and then nothing more is added to the report: no finding lacks its words.
 */
GT_API const char *gt_report_write(gt_report *report, const char *format, ...) GT_PRINTF(2, 3);
/* Nothing was left unverified or unseen, as far as the remarks say. */
GT_API bool gt_report_complete(const gt_report *report);
/* Room for a verdict in words. */
#define GT_REPORT_SUMMARY_SIZE 400
/*
 * The verdict in words, cut to fit: "right", or "right, but dh and dx are not verified" and
 * "right, but not everything could be seen" where the report is not complete; "right in single
 * precision" if that is what was compared. Returns text.
 */
GT_API char *gt_report_summary(const gt_report *report, char *text, size_t size);
/* One finding for people, by itself. */
GT_API size_t gt_finding_format(const gt_finding *finding, char *text, size_t size);
/* One remark: "lstm.cell:24:3: remark: nothing reads da_prev, ..." */
GT_API size_t gt_remark_format(const gt_remark *remark, char *text, size_t size);
/*
 * The report for people, its verdict first, as text with a newline after every
 * line, cut to fit `size` bytes. Returns the length of the whole, as snprintf.
 */
GT_API size_t gt_report_format(const gt_report *report, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
