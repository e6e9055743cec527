{ echo 'create table t (n integer primary key, s text); begin;'
  for i in $(seq 3000); do echo "insert into t values ($i, 'text $i');"; done
  echo 'commit; select count(*), sum(n) from t;'; } | sqlite3 rows.db
