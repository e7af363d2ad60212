all: nothing.c
