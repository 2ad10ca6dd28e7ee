-- Requests are forgotten in the order they were written in, and read by source: an index by time alone
-- only tempts the planner to walk past the requests of every other source.
drop index requests_at;
