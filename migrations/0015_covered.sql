-- What waits or failed is counted by kind, source and person too without a look at the table.

drop index actions_by_kind;
create index actions_by_kind on actions (tab, kind, created_at, id) include (source, user_id)
    where tab in ('pending', 'failed');
create index actions_by_source on actions (tab, source, created_at, id) include (kind, user_id)
    where tab in ('pending', 'failed');
