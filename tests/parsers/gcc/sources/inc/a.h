#ifndef H
#define H
int broken(int a)
{
	return a +;
}
#define SQ(x) ((x)*(y))
#endif
