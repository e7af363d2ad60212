"""Faults injected for real: crashes, full disks, engines that hang, rubbish."""
