/* Writing to an application's log. */
#ifndef VFA_OBSERVE_LOG_H
#define VFA_OBSERVE_LOG_H

#include <stdbool.h>
#include <vfa/observe.h>

/* Longer lines are cut: a log line is for a person. */
#define VFA__LOG_LINE_MAX 512

/* Would a line of that level be written? Ask before composing an expensive one. */
bool vfa__log_wants(const struct vfa_log *log, enum vfa_log_level level);

/* Composes and writes one line. Never call it with a lock held. */
void vfa__log(const struct vfa_log *log, enum vfa_log_level level, const char *format, ...) VFA_PRINTF(3, 4);

#endif
