-- Identity providers push people and groups over SCIM: each is a source with tokens of its own.

-- sources --------------------------------------------------------------------

alter table sources
    add column provider text constraint a_provider_is_known check (
        provider in ('okta', 'entra', 'onelogin', 'authentik', 'keycloak', 'other')
    ),
    add column created_at timestamptz;

-- A token of scope scim stood alone until now: it becomes the token of a source of its name.
insert into sources (slug, kind, name, provider, created_at)
select slug, 'scim', min(name), 'other', min(created_at)
from (
    select name, created_at,
        case
            when plain in ('', 'console', 'api', 'csv') then trim(both '-' from 'scim-' || plain)
            else plain
        end as slug
    from (
        select name, created_at, trim(both '-' from regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g')) as plain
        from tokens
        where scope = 'scim'
    ) as named
) as slugged
group by slug;

alter table sources
    add constraint only_a_scim_source_has_a_provider check ((kind = 'scim') = (provider is not null)),
    add constraint what_was_added_was_added_some_time check (kind <> 'scim' or created_at is not null);

-- access ---------------------------------------------------------------------

alter table tokens
    add column source text references sources,
    -- a rotated token is still good for a while
    add column expires_at timestamptz;

update tokens set source = sources.slug
from sources
where tokens.scope = 'scim' and sources.kind = 'scim'
    and sources.slug in (
        trim(both '-' from regexp_replace(lower(tokens.name), '[^a-z0-9]+', '-', 'g')),
        trim(both '-' from 'scim-' || trim(both '-' from regexp_replace(lower(tokens.name), '[^a-z0-9]+', '-', 'g')))
    );

alter table tokens
    add constraint only_a_scim_token_is_of_a_source check ((scope = 'scim') = (source is not null));
create index tokens_source on tokens (source) where source is not null;

-- directory ------------------------------------------------------------------

alter table users
    -- all that was told of them, as SCIM says it; what has a column of its own is the same in both
    add column resource jsonb not null default '{}',
    -- the id that a source knows them by; it is that source's alone
    add column external_id text,
    add column external_source text references sources,
    add column version bigint not null default 1,
    add constraint an_external_id_is_of_a_source check ((external_id is null) = (external_source is null));

update users set resource = jsonb_strip_nulls(jsonb_build_object(
    'schemas', jsonb_build_array('urn:ietf:params:scim:schemas:core:2.0:User')
        || case when department is null then '[]'::jsonb
           else '["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]'::jsonb end,
    'userName', user_name,
    'name', case when coalesce(given_name, family_name) is not null
        then jsonb_build_object('givenName', given_name, 'familyName', family_name) end,
    'displayName', display_name,
    'title', title,
    'active', active,
    'emails', case when email is not null
        then jsonb_build_array(jsonb_build_object('type', 'work', 'value', email)) end,
    'phoneNumbers', case when phone is not null
        then jsonb_build_array(jsonb_build_object('type', 'work', 'value', phone)) end,
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', case when department is not null
        then jsonb_build_object('department', department) end
));

create unique index users_external_id on users (external_source, external_id)
    where external_id is not null and deleted_at is null;
create index users_email on users (lower(email)) where deleted_at is null;

create table groups (
    id uuid primary key,
    -- groups are of the source that pushed them, and of no other
    source text not null references sources,
    display_name text not null constraint a_group_has_a_name check (display_name <> ''),
    external_id text,
    -- all that was told of it but for its members
    resource jsonb not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index groups_display_name on groups (source, lower(display_name));
create unique index groups_external_id on groups (source, external_id) where external_id is not null;

create table members (
    group_id uuid not null references groups on delete cascade,
    user_id uuid not null references users,
    primary key (group_id, user_id)
);
create index members_user on members (user_id);

-- what sources asked -----------------------------------------------------------

create table requests (
    seq bigint primary key generated always as identity,
    source text not null references sources,
    at timestamptz not null,
    method text not null,
    -- path and query, with what a filter looks for left out
    path text not null,
    status smallint not null,
    duration_us int not null,
    -- its shape: names and words of the standard; what may be personal is left out
    body jsonb,
    -- the detail of a refusal, as it was answered
    says text,
    -- actions requested, folded or withdrawn
    caused jsonb not null default '[]'
);
create index requests_source on requests (source, at desc, seq desc);
create index requests_refused on requests (source, at desc, seq desc) where status >= 400;
create index requests_at on requests (at);
