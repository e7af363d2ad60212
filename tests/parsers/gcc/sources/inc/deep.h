int deep(void) { return nodeep; }
