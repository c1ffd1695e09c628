/* vfa-inspect's command line, whose names are those of sample_transcode's: checked in a file of its own. */
#ifndef VFA_TEST_FUZZ_TEXT_INSPECT_H
#define VFA_TEST_FUZZ_TEXT_INSPECT_H

void inspect_check(int argc, char **argv);

#endif
