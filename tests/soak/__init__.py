"""Many projects, many clients and many faults for some minutes; then, what is left must be right.

`python -m tests.soak [--minutes 10] [--projects 20] [--clients 20] [--seed N]`
"""
