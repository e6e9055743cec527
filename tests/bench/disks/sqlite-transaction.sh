prepare() {
    { echo 'create table t (n integer primary key, s text); begin;'
      for i in $(seq 20000); do echo "insert into t values ($i, 'text $i');"; done; echo 'commit;'; } > /tmp/statements
}
work() { sqlite3 rows.db < /tmp/statements; }
check() { sqlite3 rows.db 'select count(*), sum(n) from t; pragma integrity_check;'; }
