/* What this process holds, by the kernel's count; 0 where there is none. */
#ifndef CONFORM_PROCESS_H
#define CONFORM_PROCESS_H

#include <stddef.h>

size_t process_open_fds(void);

/* Bytes of memory that are there: frames that were written are, untouched ones are not. */
size_t process_resident(void);

size_t process_address_space(void);

#endif
