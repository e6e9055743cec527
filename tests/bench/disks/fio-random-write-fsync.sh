prepare() { laid_out; }
work() { run_fio --rw=randwrite --bs=4k --io_size=2m --fsync=1; }
