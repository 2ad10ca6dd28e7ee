-- What came from one source is listed on every tab, also on those that hold nearly everything: the few of a rare source
-- among a million that are done were looked for among all of them.

drop index actions_by_source;
create index actions_by_source on actions (tab, source, created_at, id) include (kind, user_id);
