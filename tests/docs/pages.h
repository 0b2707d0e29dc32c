/* SPDX-License-Identifier: MIT */
/* Pages of the manual that are made from tables: each adds its whole page, in Markdown. */
#ifndef TESTS_DOCS_PAGES_H
#define TESTS_DOCS_PAGES_H

#include "common/buf.h"

void page_customer(struct buf *out);
void page_decisions(struct buf *out);
void page_conditions(struct buf *out);
void page_dead_letters(struct buf *out);

#endif
