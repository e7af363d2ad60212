std = "luajit"
globals = { "vim" }
max_line_length = 100
files["**/types.lua"].max_line_length = false
files["**/types/*.lua"].max_line_length = false
