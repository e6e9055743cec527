prepare() { laid_out; }
work() { run_fio --rw=write --bs=1m --io_size=256m; }
