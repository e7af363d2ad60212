#include "nothere.h"
int a;
