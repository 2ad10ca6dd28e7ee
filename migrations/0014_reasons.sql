-- What a reason has to be like, and lists that somebody comes back to.

-- apps -----------------------------------------------------------------------

-- Where a kind has no row, a reason may be given and may be anything.
create table reason_rules (
    app_id uuid not null references apps,
    kind text not null
        constraint a_reason_rule_is_of_a_kind check (kind in ('create', 'update', 'suspend', 'reactivate', 'delete')),
    required boolean not null,
    -- a regular expression that is found in the reason
    pattern text check (pattern <> ''),
    -- what whoever decides is told instead
    says text check (says <> ''),
    primary key (app_id, kind)
);

-- queue ----------------------------------------------------------------------

create table views (
    id uuid primary key,
    administrator_id uuid not null references administrators,
    name text not null,
    -- as the address of the list has it
    query text not null check (length(query) <= 2000),
    shared boolean not null,
    created_at timestamptz not null
);
create unique index views_by_name on views (administrator_id, lower(name));
create index views_shared on views (lower(name)) where shared;
