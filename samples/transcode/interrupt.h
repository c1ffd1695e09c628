/* Ctrl-C and termination: noticed here, acted upon where the input is read. */
#ifndef TRANSCODE_INTERRUPT_H
#define TRANSCODE_INTERRUPT_H

#include <stdbool.h>

/* From now on the first SIGINT or SIGTERM only sets a flag; the second ends the program at once. SIGPIPE
 * becomes an ordinary write error. */
void interrupt_install(void);

/* Has the user asked to stop? Any thread. */
bool interrupt_asked(void);

/* interrupt_asked as libavformat's callback: makes a read that waits for a pipe or a network return. */
int interrupt_callback(void *unused);

#endif
