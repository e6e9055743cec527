COLD=1
prepare() { laid_out; }
work() { run_fio --rw=read --bs=1m; }
