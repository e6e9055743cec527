{ echo 'create table t (n integer primary key, s text);'
  for i in $(seq 250); do echo "insert into t values ($i, 'text $i');"; done
  echo 'select count(*), sum(n) from t;'; } | sqlite3 rows.db
