/* The table of rules.h. */
#include "rules.h"

#define ENTRY(id, section, level, scope, sentence) {#id, #section, sentence, level, scope, rule_##id},

const struct conform_rule conform_rules[] = {CONFORM_RULES(ENTRY)};
const size_t conform_rule_count = sizeof conform_rules / sizeof *conform_rules;
