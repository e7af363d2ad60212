std = "luajit"
globals = { "vim" }
max_line_length = 100
files["lua/buildd/types.lua"].max_line_length = false
