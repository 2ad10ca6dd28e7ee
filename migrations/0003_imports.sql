-- Files of people: read, compared with the directory, looked at, applied.

create table imports (
    id uuid primary key,
    name text not null constraint an_import_has_a_name check (name <> ''),
    file_name text not null,
    state text not null
        constraint an_import_state_is_known check (state in ('columns', 'comparing', 'ready', 'applying', 'stopped', 'finished')),
    -- the header of the file, and what each column means: null for nothing
    header jsonb not null,
    meanings jsonb not null,
    -- whether people who are not in the file are suspended
    missing text not null default 'keep'
        constraint what_becomes_of_the_missing_is_known check (missing in ('keep', 'csv', 'everybody')),
    -- lines in the file
    total int not null,
    -- counts the comparisons, so that what is applied is what was looked at
    round int not null default 1,
    -- the place of the last row that was compared, or applied
    reached int not null default 0,
    -- by verdict, and by outcome
    preview jsonb not null default '{}',
    outcome jsonb not null default '{}',
    uploaded_at timestamptz not null,
    uploaded_by text not null,
    applied_at timestamptz,
    -- null with a name: the command line
    applied_by uuid references administrators,
    applied_by_name text,
    finished_at timestamptz,
    -- why it stopped
    says text,
    -- when the rows were erased; the counts stay
    erased_at timestamptz,
    constraint what_is_applied_is_applied_by_somebody check (
        (state in ('applying', 'stopped', 'finished')) = (applied_by_name is not null)
        and (applied_at is null) = (applied_by_name is null)
    ),
    constraint only_what_is_over_has_an_end check ((state in ('stopped', 'finished')) = (finished_at is not null))
);
create index imports_uploaded on imports (uploaded_at desc, id desc);
create index imports_unerased on imports (uploaded_at) where erased_at is null;

create table import_rows (
    import_id uuid not null references imports on delete cascade,
    -- the order of the file; people who are missing from it come after its lines
    place int not null,
    line int,
    cells jsonb,
    -- the user name as it is compared
    key text,
    verdict text constraint a_verdict_is_known check (
        verdict in ('create', 'update', 'suspend', 'reactivate', 'unchanged', 'bad')
    ),
    user_id uuid,
    changes jsonb not null default '[]',
    faults jsonb not null default '[]',
    outcome text constraint an_outcome_is_known check (outcome in ('done', 'already', 'differs', 'failed')),
    -- why it was not done
    says text,
    primary key (import_id, place),
    constraint a_row_is_of_a_line_or_of_a_person check ((line is null) = (cells is null) and (line is not null or user_id is not null)),
    constraint only_what_was_to_be_done_has_an_outcome check (
        outcome is null or verdict in ('create', 'update', 'suspend', 'reactivate')
    )
);
create index import_rows_verdict on import_rows (import_id, verdict, place);
create index import_rows_key on import_rows (import_id, key);
create index import_rows_undone on import_rows (import_id, place) where outcome in ('differs', 'failed');
