-- Decisions on many actions at once.

create table runs (
    id uuid primary key,
    verdict text not null constraint a_verdict_is_known check (verdict in ('approve', 'reject')),
    state text not null
        constraint a_run_state_is_known check (state in ('drafted', 'running', 'finished', 'stopped')),
    administrator_id uuid not null references administrators,
    -- the list it was drawn up from, as a query string
    list text not null,
    reason text,
    total int not null,
    -- the place of the last item that was worked
    reached int not null default 0,
    decided int not null default 0,
    skipped int not null default 0,
    created_at timestamptz not null,
    started_at timestamptz,
    ended_at timestamptz,
    -- why it stopped
    says text,
    constraint a_run_decides_something check (total > 0),
    constraint what_was_worked_was_decided_or_skipped check (decided + skipped = reached and reached <= total),
    constraint only_a_draft_has_not_started check ((started_at is null) = (state = 'drafted')),
    constraint a_run_ends_when_it_is_over check ((ended_at is null) = (state in ('drafted', 'running'))),
    constraint whoever_rejects_many_says_why check (verdict = 'approve' or state = 'drafted' or reason is not null)
);
create index runs_under_way on runs (created_at) where state in ('drafted', 'running');

-- What was counted when it was drawn up: these actions with these contents, and no others.
create table run_items (
    run_id uuid not null references runs on delete cascade,
    place int not null,
    action_id uuid not null references actions,
    digest bytea not null,
    outcome text constraint an_item_is_decided_or_skipped check (outcome in ('decided', 'skipped')),
    says text,
    primary key (run_id, place),
    constraint what_is_skipped_says_why check ((outcome is not distinct from 'skipped') = (says is not null))
);
create index run_items_skipped on run_items (run_id, place) where outcome = 'skipped';
