COLD=1
prepare() { laid_out; }
work() { run_fio --rw=randread --bs=4k --io_size=16m; }
