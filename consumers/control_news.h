/* SPDX-License-Identifier: MIT */
/* News within the body of a control record. For control.c only. */
#ifndef CONSUMERS_CONTROL_NEWS_H
#define CONSUMERS_CONTROL_NEWS_H

#include "common/buf.h"
#include "common/json.h"
#include "common/news.h"

bool control_read_news(const struct json *body, struct news *ret_news);

/* Begins the object; more members may follow. */
void control_add_news(struct buf *buf, const struct news *news);

#endif
