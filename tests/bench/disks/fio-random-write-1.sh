COLD=1
prepare() { laid_out; }
work() { run_fio --rw=randwrite --bs=4k --io_size=16m --end_fsync=1; }
