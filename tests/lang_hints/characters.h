/* Characters of a typesetter, of a phone, of other alphabets. A table: one line for each; see ../test_lang_hints.c. */
/* clang-format off */
OWN("  h\xE2\x80\x99 = tanh(W @ z + b)", 6, 4, "\xE2\x80\x99 (U+2019) is a typographic apostrophe",
     "write the prime of the keyboard, as in h'")
OWN("  h\xE2\x80\xB2 = tanh(W @ z + b)", 6, 4, "\xE2\x80\xB2 (U+2032) is a typographic prime",
     "write the prime of the keyboard, as in h'")
OWN("  h\xE2\x80\x98 = tanh(W @ z + b)", 6, 4, "\xE2\x80\x98 (U+2018) is a quotation mark",
     "write the prime of the keyboard, as in h'")
LINE("  q = h \xE2\x88\x92 b", 6, 9, "\xE2\x88\x92 (U+2212) is a typographic minus",
     "write -")
LINE("  q = h \xC3\x97 b", 6, 9, "\xC3\x97 (U+00D7) is a multiplication sign",
     "write * element by element, and @ for the product of matrices")
LINE("  q = h \xC2\xB7 b", 6, 9, "\xC2\xB7 (U+00B7) is a multiplication dot",
     "write * element by element, and @ for the product of matrices")
LINE("  q = h \xE2\x8A\x99 b", 6, 9, "\xE2\x8A\x99 (U+2299) is the product element by element",
     "write *")
LINE("  q = h \xE2\x88\x98 b", 6, 9, "\xE2\x88\x98 (U+2218) is the product element by element",
     "write *")
LINE("  q = h \xE2\x80\x93 b", 6, 9, "\xE2\x80\x93 (U+2013) is a dash",
     "write -")
LINE("  q = h \xE2\x80\x94 b", 6, 9, "\xE2\x80\x94 (U+2014) is a dash",
     "write -")
LINE("  q = \xE2\x80\x9Ch\xE2\x80\x9D", 6, 7, "\xE2\x80\x9C (U+201C) is a quotation mark",
     "there are no strings in a cell; a comment begins with #")
LINE("  q = h\xC2\xB2 ", 6, 8, "\xC2\xB2 (U+00B2) is a superscript",
     "a power is written **, as in h**2")
LINE("  q = W\xC2\xB7z", 6, 8, "\xC2\xB7 (U+00B7) is a multiplication dot",
     "write * element by element, and @ for the product of matrices")
LINE("  q = h / \xE2\x88\x9An_a", 6, 11, "\xE2\x88\x9A (U+221A) is a root",
     "write sqrt(u)")
LINE("  q = h \xC3\xB7 2", 6, 9, "\xC3\xB7 (U+00F7) is a division sign",
     "write /")
LINE("  q = h \xE2\x89\xA4 0", 6, 9, "\xE2\x89\xA4 (U+2264) is a comparison",
     "write <=")
LINE("  q = h \xE2\x89\xA5 0", 6, 9, "\xE2\x89\xA5 (U+2265) is a comparison",
     "write >=")
LINE("  q = h \xE2\x89\xA0 0", 6, 9, "\xE2\x89\xA0 (U+2260) is a comparison",
     "write !=")
LINE("  q = h \xE2\x86\x90 2", 6, 9, "\xE2\x86\x90 (U+2190) is an arrow",
     "an equation has one =; to compare, write ==")
LINE("  q \xE2\x86\x90 h", 6, 5, "\xE2\x86\x90 (U+2190) is an arrow",
     "write =")
LINE("  q = \xEF\xBC\x88h\xEF\xBC\x89", 6, 7, "\xEF\xBC\x88 (U+FF08) is a full-width bracket",
     "write (")
LINE("  q = h\xEF\xBC\x8Cx", 6, 8, "\xEF\xBC\x8C (U+FF0C) is a full-width comma",
     "an equation has one value; arrays are joined by concat(u, v)")
LINE("  q\xE2\x80\x8B = h", 6, 4, "an invisible character",
     "delete it and write the line anew")
LINE("  \xCE\xB1 = tanh(h)", 6, 3, "\xCE\xB1: a name has the letters from a to z, digits and _",
     "write alpha")
LINE("  q = \xCE\xB1 * h", 6, 7, "\xCE\xB1: a name has the letters from a to z, digits and _",
     "write alpha")
LINE("  h\xE1\xB5\x97 = h", 6, 3, "h\xE1\xB5\x97: a name has the letters from a to z, digits and _",
     NULL)
LINE("  h\xE2\x82\x81 = h", 6, 3, "h\xE2\x82\x81: a name has the letters from a to z, digits and _",
     "write h_1")
LINE("  \xC4\x89 = h", 6, 3, "\xC4\x89: a name has the letters from a to z, digits and _",
     NULL)
LINE("  \xC3\xA9 = 1", 6, 3, "\xC3\xA9: a name has the letters from a to z, digits and _",
     NULL)
