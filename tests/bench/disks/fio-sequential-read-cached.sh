prepare() { laid_out; }
work() { run_fio --rw=read --bs=1m --io_size=512m; }
