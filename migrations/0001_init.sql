-- The whole first schema. Forward only; immutable once landed.
-- A state is repeated here as constraints whose names are sentences.

create extension if not exists pg_trgm;

-- access ---------------------------------------------------------------------

create table administrators (
    id uuid primary key,
    email text not null,
    name text not null,
    role text not null
        constraint a_role_is_known check (role in ('owner', 'operator', 'approver', 'auditor')),
    password_hash text not null,
    created_at timestamptz not null,
    disabled_at timestamptz
);
create unique index administrators_email on administrators (lower(email));

create table sessions (
    id_hash bytea primary key,
    administrator_id uuid references administrators,
    data jsonb not null,
    expires_at timestamptz not null
);
create index sessions_administrator on sessions (administrator_id);
create index sessions_expires on sessions (expires_at);

create table setup_links (
    token_hash bytea primary key,
    created_at timestamptz not null
);

-- How often a sign-in failed, by account and by address; the subject is a hash.
create table sign_in_failures (
    subject bytea primary key,
    failures int not null,
    since timestamptz not null
);

create table tokens (
    id uuid primary key,
    name text not null,
    scope text not null constraint a_scope_is_known check (scope in ('scim', 'api')),
    role text constraint a_token_role_is_known check (role in ('owner', 'operator', 'approver', 'auditor')),
    hash bytea not null unique,
    created_by uuid references administrators,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz,
    constraint only_an_api_token_has_a_role check ((scope = 'api') = (role is not null))
);

-- directory ------------------------------------------------------------------

create table sources (
    slug text primary key,
    kind text not null constraint a_source_kind_is_known check (kind in ('console', 'api', 'csv', 'scim')),
    name text not null
);
insert into sources (slug, kind, name)
values ('console', 'console', 'Console'), ('api', 'api', 'API'), ('csv', 'csv', 'CSV import');

create table users (
    id uuid primary key,
    source text not null references sources,
    user_name text not null constraint a_user_name_is_not_empty check (user_name <> ''),
    given_name text,
    family_name text,
    display_name text,
    email text,
    title text,
    department text,
    phone text,
    active boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    sort_name text not null generated always as (
        lower(coalesce(
            display_name,
            nullif(trim(coalesce(given_name, '') || ' ' || coalesce(family_name, '')), ''),
            user_name
        ))
    ) stored,
    search text not null generated always as (
        lower(
            user_name || ' ' || coalesce(email, '') || ' ' || coalesce(display_name, '') || ' '
            || coalesce(given_name, '') || ' ' || coalesce(family_name, '')
        )
    ) stored
);
create unique index users_user_name on users (lower(user_name)) where deleted_at is null;
create index users_by_name on users (sort_name, id) where deleted_at is null;
create index users_search on users using gin (search gin_trgm_ops);

-- apps -----------------------------------------------------------------------

create table apps (
    id uuid primary key,
    slug text not null unique,
    name text not null,
    connector text constraint a_connector_is_known check (connector in ('scim', 'acrobat-sign')),
    base_url text,
    credential bytea,
    -- how accounts are changed and looked up; 'detect' believes what Connect found
    updates text not null default 'detect'
        constraint an_update_style_is_known check (updates in ('detect', 'patch', 'put')),
    lookups text not null default 'detect'
        constraint a_lookup_style_is_known check (lookups in ('detect', 'filter', 'list')),
    deletes text not null default 'delete'
        constraint a_delete_style_is_known check (deletes in ('delete', 'deactivate')),
    -- learnt from the app's answers: it refuses several operations in one PATCH, or PATCH itself
    learnt_updates text
        constraint a_learnt_style_is_known check (learnt_updates in ('one-operation', 'put')),
    capabilities jsonb,
    verified_at timestamptz,
    paused_at timestamptz,
    paused_because text,
    resume_at timestamptz,
    provisioning boolean not null default false,
    approve_create boolean not null default true,
    approve_update boolean not null default true,
    approve_suspend boolean not null default true,
    approve_delete boolean not null default true,
    on_delete text not null default 'suspend'
        constraint what_a_delete_does_is_known check (on_delete in ('delete', 'suspend', 'nothing')),
    on_suspend text not null default 'suspend'
        constraint what_a_suspension_does_is_known check (on_suspend in ('suspend', 'nothing')),
    four_eyes boolean not null default false,
    constraint a_connected_app_is_whole check (
        (connector is null) = (base_url is null) and (connector is null) = (credential is null)
    ),
    constraint only_a_connected_app_is_verified check (verified_at is null or connector is not null),
    constraint only_a_connected_app_provisions check (not provisioning or connector is not null),
    constraint a_pause_has_a_reason check ((paused_at is null) = (paused_because is null))
);
insert into apps (id, slug, name) values ('01900000-0000-7000-8000-000000000001', 'echosign', 'EchoSign');

-- One row for each user an app ever heard of, locked by whatever queues or settles an
-- action of it: that lock is what makes the order of jobs in a lane the order of approval.
create table accounts (
    app_id uuid not null references apps,
    user_id uuid not null references users,
    remote_id text,
    -- as the app last confirmed it
    attributes jsonb not null default '{}',
    -- what was sent and not kept by the app, so that it is not proposed again and again
    unkept jsonb not null default '{}',
    confirmed_at timestamptz,
    primary key (app_id, user_id),
    constraint what_the_app_has_was_confirmed check (remote_id is null or confirmed_at is not null)
);
create index accounts_user on accounts (user_id);
create unique index accounts_remote on accounts (app_id, remote_id) where remote_id is not null;

-- queue ----------------------------------------------------------------------

create table actions (
    id uuid primary key,
    number bigint not null generated always as identity unique,
    app_id uuid not null,
    user_id uuid not null,
    kind text not null
        constraint a_kind_is_known check (kind in ('create', 'update', 'suspend', 'reactivate', 'delete')),
    source text not null references sources,
    changes jsonb not null
        constraint an_action_changes_something check (jsonb_array_length(changes) > 0),
    digest bytea not null constraint a_digest_is_a_sha_256 check (length(digest) = 32),
    -- who asked for it or whom it is about: no second pair of eyes
    barred uuid[] not null default '{}',
    four_eyes boolean not null default false,
    state text not null constraint a_state_is_known check (
        state in ('pending', 'approved', 'sending', 'provisioned', 'failed', 'rejected', 'cancelled', 'withdrawn')
    ),
    decided_at timestamptz,
    decided_by uuid,
    decided_name text,
    decided_digest bytea,
    reason text,
    ended_at timestamptz,
    cause text,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    tab text not null generated always as (
        case
            when state = 'pending' then 'pending'
            when state in ('approved', 'sending') then 'progress'
            when state = 'failed' then 'failed'
            when state = 'provisioned' then 'done'
            else 'rejected'
        end
    ) stored,
    foreign key (app_id, user_id) references accounts,
    constraint a_decision_is_whole check (
        (decided_at is null) = (decided_name is null) and (decided_at is null) = (decided_digest is null)
        and (decided_at is not null or decided_by is null)
    ),
    constraint nothing_goes_out_undecided check (
        decided_at is not null or state in ('pending', 'withdrawn')
    ),
    constraint what_is_pending_has_no_decision check (state <> 'pending' or decided_at is null),
    constraint what_goes_out_is_what_was_approved check (
        state not in ('approved', 'sending', 'provisioned', 'failed') or decided_digest = digest
    ),
    constraint ended_iff_over check (
        (ended_at is not null) = (state in ('provisioned', 'failed', 'rejected', 'cancelled', 'withdrawn'))
    ),
    constraint a_failure_has_a_cause check ((state = 'failed') = (cause is not null)),
    constraint a_rejection_has_a_reason check (state <> 'rejected' or reason is not null),
    constraint only_a_person_rejects check (state <> 'rejected' or decided_by is not null),
    -- Four eyes, in the one place that no bug in the code can go round.
    constraint nobody_approves_their_own check (
        not four_eyes
        or state not in ('approved', 'sending', 'provisioned', 'failed')
        or decided_by is null
        or not (decided_by = any (barred))
    )
);
create index actions_by_tab on actions (tab, created_at, id);
create index actions_by_age on actions (created_at, id);
create index actions_account on actions (user_id, app_id, number);

create table attempts (
    action_id uuid not null references actions,
    number int not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    outcome text constraint an_outcome_is_known check (
        outcome in ('provisioned', 'adopted', 'again', 'failed', 'drifted')
    ),
    says text,
    exchanges jsonb not null default '[]',
    primary key (action_id, number),
    constraint finished_iff_it_has_an_outcome check ((finished_at is null) = (outcome is null))
);

-- A rejected difference, which stays rejected until its source value changes.
create table refusals (
    app_id uuid not null,
    user_id uuid not null,
    kind text not null,
    attribute text not null,
    wanted jsonb not null,
    primary key (app_id, user_id, kind, attribute),
    foreign key (app_id, user_id) references accounts
);

-- jobs -----------------------------------------------------------------------

create table jobs (
    id uuid primary key,
    seq bigint not null generated always as identity unique,
    kind text not null,
    -- jobs of one lane are worked one at a time, in the order of seq
    lane text,
    payload jsonb not null,
    attempts int not null default 0,
    -- how many of those were spent; a postponed try is not
    spent int not null default 0,
    due_at timestamptz not null,
    leased_until timestamptz,
    says text
);
create index jobs_due on jobs (due_at, seq);
create index jobs_lane on jobs (lane, seq) where lane is not null;

-- audit ----------------------------------------------------------------------

-- Insert only. The personal part is apart, so that retention can erase it and
-- leave the chain verifiable: the chain covers its salted digest.
create table events (
    seq bigint not null generated always as identity unique,
    id uuid primary key,
    at timestamptz not null,
    actor_kind text not null
        constraint an_actor_kind_is_known check (actor_kind in ('administrator', 'token', 'rule', 'system')),
    actor_id uuid,
    verb text not null,
    action_id uuid,
    user_id uuid,
    app_id uuid,
    details jsonb,
    salt bytea,
    details_digest bytea not null,
    constraint what_is_erased_is_erased_whole check ((details is null) = (salt is null))
);
create index events_action on events (action_id, seq) where action_id is not null;
create index events_user on events (user_id, seq) where user_id is not null;
create index events_verb on events (verb, seq);

-- The chain: each link covers its event and the link before it. A sealer adds links
-- in the order in which events became visible, so that no writer waits for another.
create table links (
    position bigint primary key,
    event_seq bigint not null unique references events (seq),
    hash bytea not null
);

-- Events that have no link yet; short, so that sealing costs the same at any length of the history.
create table unsealed (
    event_seq bigint primary key references events (seq)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end $$;
create trigger links_are_append_only before update or delete or truncate on links
    for each statement execute function refuse_change();
create trigger events_are_never_deleted before delete or truncate on events
    for each statement execute function refuse_change();
-- An event may only lose its personal part.
create function refuse_all_but_erasure() returns trigger language plpgsql as $$
begin
    if new.details is not null or new.salt is not null
        or (new.seq, new.id, new.at, new.actor_kind, new.actor_id, new.verb, new.action_id, new.user_id,
            new.app_id, new.details_digest)
        is distinct from
        (old.seq, old.id, old.at, old.actor_kind, old.actor_id, old.verb, old.action_id, old.user_id,
            old.app_id, old.details_digest)
    then
        raise exception 'events are append-only';
    end if;
    return new;
end $$;
create trigger events_are_append_only before update on events
    for each row execute function refuse_all_but_erasure();
