#include "inc/a.h"
#include <stdio.h>
int main(void)
{
	const char *s = "héllo漢"; int q = undefd + s;
	int unused;
	printf("%d", "x");
	return SQ(2) + foo(1, 2);
}
