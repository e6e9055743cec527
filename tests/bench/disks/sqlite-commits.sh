# Each insert is a transaction, with its fsyncs.
prepare() {
    { echo 'create table t (n integer primary key, s text);'
      for i in $(seq 200); do echo "insert into t values ($i, 'text $i');"; done; } > /tmp/statements
}
work() { sqlite3 rows.db < /tmp/statements; }
check() { sqlite3 rows.db 'select count(*), sum(n) from t; pragma integrity_check;'; }
