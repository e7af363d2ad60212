static inline int once(int a) { int twice; return a; }
