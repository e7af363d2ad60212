#include "inc/once.h"
int u1(void) { return once(1); }
