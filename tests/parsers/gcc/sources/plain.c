int f(int x){
    return x +* 3;
}
int g(void) { char *p = 5; if (p = 0) return 1; }
