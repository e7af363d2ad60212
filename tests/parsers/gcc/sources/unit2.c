#include "inc/once.h"
int u2(void) { return once(2); }
