-- What the overview counts, each from an index: decisions by day, how long people took for them, failures by age.

create index events_decisions on events (verb, actor_kind, at)
    where verb in ('action.approved', 'action.rejected');
create index actions_decided_by_people on actions (decided_at) include (created_at) where decided_by is not null;
create index attempts_failed on attempts (finished_at) where outcome = 'failed';
