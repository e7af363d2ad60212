all:
	false
  x: y
bad line
