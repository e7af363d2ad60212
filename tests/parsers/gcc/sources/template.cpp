template<class T> T add(T a, T b) { return a.bad() + b; }
int main() { return add(1, 2); }
