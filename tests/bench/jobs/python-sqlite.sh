python3 -c '
import sqlite3
base = sqlite3.connect("rows.db")
base.execute("create table rows (number integer primary key, text)")
for part in range(20):
    base.executemany("insert into rows values (?, ?)", [(part * 200 + i, "text %d" % i) for i in range(200)])
    base.commit()
print(base.execute("select count(*), sum(number) from rows").fetchone())'
