-- How actions flow to their app: by gate, by lane, at a pace; and what a person needs to decide on what came back.

-- jobs -----------------------------------------------------------------------

-- What jobs stand behind. An app has one, so that nothing is looked at that could not be sent anyway.
create table gates (
    name text primary key,
    -- nothing behind it is claimed, but for jobs up to `drains_to`
    closed boolean not null default false,
    drains_to bigint,
    -- nothing is claimed before then
    opens_at timestamptz,
    -- requests a minute
    rate int constraint a_rate_lets_something_through check (rate > 0),
    -- by when the requests made so far would have been made at exactly that rate
    spent_until timestamptz,
    constraint only_a_closed_gate_drains check (closed or drains_to is null)
);
insert into gates (name) values ('');
insert into gates (name, closed, opens_at)
select 'app_' || replace(id::text, '-', ''), paused_at is not null or not provisioning, resume_at
from apps;
alter table apps drop column resume_at;

alter table jobs
    drop constraint jobs_pkey,
    drop constraint jobs_seq_key,
    drop column id,
    add primary key (seq),
    add column gate text not null default '' references gates,
    -- whether it is the first of its lane; nothing else is ever claimed
    add column head boolean not null default true,
    -- null: not by itself, somebody has to decide first
    alter column due_at drop not null;
update jobs
set gate = case when kind = 'send' then split_part(lane, '/', 1) else '' end,
    head = not exists (
        select 1 from jobs earlier where earlier.lane = jobs.lane and earlier.seq < jobs.seq
    ),
    due_at = greatest(due_at, leased_until);
alter table jobs alter column gate drop default, alter column head drop default;
drop index jobs_due;
create index jobs_ready on jobs (gate, due_at, seq) where head;
-- Order, in the one place that no bug in the code can go round.
create unique index one_job_of_a_lane_is_first on jobs (lane) where head and lane is not null;

-- apps -----------------------------------------------------------------------

alter table apps
    -- who or what stopped sending: a person; what the app refused; too many failures, which a probe may end
    add column paused_by text
        constraint what_pauses_is_known check (paused_by in ('person', 'refusal', 'failures')),
    -- stops once what was approved by then is sent
    add column draining_at timestamptz,
    -- what failed before does not count against it
    add column resumed_at timestamptz,
    -- how long an approval by a person can be undone before it is sent, in seconds
    add column undo_seconds int not null default 0
        constraint an_approval_waits_ten_minutes_at_most check (undo_seconds between 0 and 600),
    -- attributes whose change in the app does not bring an action back for review
    add column send_anyway text[] not null default '{}';
update apps set paused_by = 'refusal' where paused_at is not null;
alter table apps
    drop constraint a_pause_has_a_reason,
    add constraint a_pause_has_a_reason check (
        (paused_at is null) = (paused_because is null) and (paused_at is null) = (paused_by is null)
    ),
    add constraint what_is_paused_does_not_drain check (paused_at is null or draining_at is null);

-- queue ----------------------------------------------------------------------

-- Accounts in the app that may be meant by a create: somebody chooses one, or none.
alter table actions add column candidates jsonb not null default '[]';

-- The window that tells an app that fails from a request that does.
alter table attempts
    add column app_id uuid references apps,
    -- whether the app failed by its own fault
    add column unwell boolean not null default false;
update attempts set app_id = actions.app_id from actions where actions.id = attempts.action_id;
alter table attempts alter column app_id set not null;
create index attempts_of_app on attempts (app_id, finished_at desc) where finished_at is not null;

alter table refusals
    add column action_id uuid references actions,
    add column refused_at timestamptz;
