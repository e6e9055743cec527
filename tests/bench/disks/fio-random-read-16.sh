COLD=1
prepare() { laid_out; }
work() { run_fio --rw=randread --bs=4k --numjobs=16 --io_size=1m; }
