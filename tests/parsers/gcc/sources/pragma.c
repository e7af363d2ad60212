#pragma message "note to all"
int a;
#warning "look here"
#error "stop here"
