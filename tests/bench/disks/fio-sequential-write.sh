prepare() { :; }
work() { run_fio --rw=write --bs=1m --end_fsync=1 --fallocate=none; }
