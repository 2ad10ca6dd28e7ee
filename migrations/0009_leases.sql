-- A claim writes its lease and nothing that an index holds: a job keeps its place while it is worked, and most
-- claims stay on the page of their row, which has room for them.
alter table jobs set (fillfactor = 60);
