/*
 * gradtape/quiz.h: questions on the backward pass of a cell, each with one right answer of four.
 *
 *     gt_quiz *quiz = gt_quiz_new(parsed, &error);
 *     for (uint32_t i = 0; i < gt_quiz_count(quiz); i++)
 *         printf("%s = ?\n", gt_quiz_at(quiz, i)->name);
 *     gt_quiz_free(quiz);
 *
 * The right answers are the lines that gt_derive gives. A wrong one is made of the right one by the
 * catalogue of mistakes that gt_diagnose knows, and has, at random numbers, another value or shape. The
 * same cell has the same questions.
 */
#ifndef GRADTAPE_QUIZ_H
#define GRADTAPE_QUIZ_H

#include "gradtape/lang.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GT_QUIZ_ANSWERS 4

typedef struct gt_quiz_answer {
    const char *formula; /* in the cell language: "df_z @ z.T" */
    const char *why;     /* of a wrong one what is wrong with it, as a diagnosis says it; "" if nothing can be said */
} gt_quiz_answer;

typedef struct gt_quiz_question {
    const char *name;                        /* of the line of the derivation: "dWf" */
    gt_quiz_answer answers[GT_QUIZ_ANSWERS]; /* the first is right */
} gt_quiz_question;

typedef struct gt_quiz gt_quiz;

/*
 * Lines of which fewer than three alterations are known have no question. NULL on an error: those of
 * gt_derive, and no memory.
 */
GT_API gt_quiz *gt_quiz_new(const gt_parsed_cell *parsed, gt_error *error);
GT_API void gt_quiz_free(gt_quiz *quiz); /* NULL is allowed */

GT_API uint32_t gt_quiz_count(const gt_quiz *quiz);
/* Belongs to the quiz, where they stand one behind the other. NULL past the end. */
GT_API const gt_quiz_question *gt_quiz_at(const gt_quiz *quiz, uint32_t i);

#ifdef __cplusplus
}
#endif
#endif
