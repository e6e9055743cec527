prepare() { laid_out; }
work() { run_fio --rw=randread --bs=4k --io_size=256m; }
