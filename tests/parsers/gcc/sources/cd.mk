all:
	cd sub && gcc -c sub.c
