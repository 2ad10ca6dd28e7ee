-- What a review needs besides the action itself: whose it is, what to look at twice, and lists in several orders.

-- queue ----------------------------------------------------------------------

alter table actions
    -- the person's `sort_name`, so that a list of actions is in the order of people without reading them
    add column person text,
    -- what a reviewer should look at twice, known when it was asked for
    add column hints text[] not null default '{}'
        constraint a_hint_is_known check (
            hints <@ '{first,domain,namesake,recreate,admin,leaver,opposite}'::text[]
        );
update actions set person = users.sort_name from users where users.id = actions.user_id;
alter table actions alter column person set not null;

create index actions_by_person on actions (tab, person, id) where tab in ('pending', 'failed');
create index actions_by_kind on actions (tab, kind, created_at, id) where tab in ('pending', 'failed');
create index actions_by_decider on actions (decided_by, created_at, id) where decided_by is not null;
create index actions_hinted on actions using gin (hints) where hints <> '{}';

-- Many actions of one source at once, found after the fact. What was asked for by the source between the two
-- times, both included, is part of it.
create table bursts (
    id bigint primary key generated always as identity,
    source text not null references sources,
    began_at timestamptz not null,
    ended_at timestamptz not null,
    actions bigint not null,
    constraint a_burst_ends_after_it_began check (ended_at >= began_at)
);
create index bursts_of_source on bursts (source, ended_at desc);

-- directory ------------------------------------------------------------------

-- Who looks like somebody else, and who was here before.
create index users_by_local_part on users (lower(split_part(email, '@', 1)))
    where deleted_at is null and email is not null;
create index users_gone on users (lower(user_name)) where deleted_at is not null;

-- apps -----------------------------------------------------------------------

-- The mail domains that are the organisation's own; when there are none, those of its administrators.
alter table apps add column domains text[] not null default '{}';
