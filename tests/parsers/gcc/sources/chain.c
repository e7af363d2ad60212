#include "inc/chain.h"
int main(void) { return 0; }
