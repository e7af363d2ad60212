void nosuch(void); int main(void){ nosuch(); return 0; }
