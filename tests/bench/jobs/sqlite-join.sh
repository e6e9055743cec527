sqlite3 rows.db "create table a (n integer primary key, m integer); create table b (m integer primary key, s text);
with recursive c(i) as (select 1 union all select i + 1 from c where i < 20000) insert into a select i, i * 7 % 1000 from c;
insert into b select distinct m, 'name ' || m from a;
select count(*), sum(length(s)) from a join b using (m) where n % 3 = 0; create index x on a (m); select count(*) from a where m between 100 and 200; pragma integrity_check;"
