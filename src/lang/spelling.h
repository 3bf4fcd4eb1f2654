/* Characters and operators that are not of the language, and what people mean by them. */
#ifndef GT_LANG_SPELLING_H
#define GT_LANG_SPELLING_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gt_lang_spelling {
    const char *written;
    const char *meant;   /* the symbol, the prime or the blank that it stands for; NULL: nothing can be made of it */
    const char *problem; /* of a character outside of ASCII: what it is */
    const char *hint;
} gt_lang_spelling;

/*
 * The longest one that `text`, of `size` bytes, begins with; NULL if there is none. A
 * letter of another alphabet is none: it is part of a name.
 */
const gt_lang_spelling *gt_lang_spelling_find(const char *text, size_t size);

/* The letter of ASCII, or the name, that is usually written for a letter; NULL if there is none. */
const char *gt_lang_letter_name(const char *text, size_t size);

/* The bytes of the character at the beginning of text, 1 for what is no UTF-8; its number in *code. */
size_t gt_lang_character(const char *text, size_t size, unsigned *code);

/* A blank in any alphabet, the no-break space among them. */
bool gt_lang_is_blank(unsigned code);
/* What takes no room, or changes the direction of the text. */
bool gt_lang_is_invisible(unsigned code);

#endif
