create table accounts (
    app_id uuid not null,
    user_id uuid not null,
    remote_id text,
    attributes jsonb not null default '{}'::jsonb,
    unkept jsonb not null default '{}'::jsonb,
    confirmed_at timestamp with time zone,
    unheard jsonb not null default '{}'::jsonb,
    constraint accounts_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
    constraint accounts_pkey PRIMARY KEY (app_id, user_id),
    constraint accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
    constraint what_the_app_has_was_confirmed CHECK (((remote_id IS NULL) OR (confirmed_at IS NOT NULL)))
);

create table actions (
    id uuid not null,
    number bigint not null generated always as identity,
    app_id uuid not null,
    user_id uuid not null,
    kind text not null,
    source text not null,
    changes jsonb not null,
    digest bytea not null,
    barred uuid[] not null default '{}'::uuid[],
    four_eyes boolean not null default false,
    state text not null,
    decided_at timestamp with time zone,
    decided_by uuid,
    decided_name text,
    decided_digest bytea,
    reason text,
    ended_at timestamp with time zone,
    cause text,
    created_at timestamp with time zone not null,
    changed_at timestamp with time zone not null,
    tab text not null generated always as (
CASE
    WHEN (state = 'pending'::text) THEN 'pending'::text
    WHEN (state = ANY (ARRAY['approved'::text, 'sending'::text])) THEN 'progress'::text
    WHEN (state = 'failed'::text) THEN 'failed'::text
    WHEN (state = 'provisioned'::text) THEN 'done'::text
    ELSE 'rejected'::text
END) stored,
    candidates jsonb not null default '[]'::jsonb,
    person text not null,
    hints text[] not null default '{}'::text[],
    constraint a_decision_is_whole CHECK ((((decided_at IS NULL) = (decided_name IS NULL)) AND ((decided_at IS NULL) = (decided_digest IS NULL)) AND ((decided_at IS NOT NULL) OR (decided_by IS NULL)))),
    constraint a_digest_is_a_sha_256 CHECK ((length(digest) = 32)),
    constraint a_failure_has_a_cause CHECK (((state = 'failed'::text) = (cause IS NOT NULL))),
    constraint a_hint_is_known CHECK ((hints <@ '{first,domain,namesake,recreate,admin,leaver,opposite}'::text[])),
    constraint a_kind_is_known CHECK ((kind = ANY (ARRAY['create'::text, 'update'::text, 'suspend'::text, 'reactivate'::text, 'delete'::text]))),
    constraint a_rejection_has_a_reason CHECK (((state <> 'rejected'::text) OR (reason IS NOT NULL))),
    constraint a_state_is_known CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'sending'::text, 'provisioned'::text, 'failed'::text, 'rejected'::text, 'cancelled'::text, 'withdrawn'::text]))),
    constraint actions_app_id_user_id_fkey FOREIGN KEY (app_id, user_id) REFERENCES accounts(app_id, user_id),
    constraint actions_number_key UNIQUE (number),
    constraint actions_pkey PRIMARY KEY (id),
    constraint actions_source_fkey FOREIGN KEY (source) REFERENCES sources(slug),
    constraint an_action_changes_something CHECK ((jsonb_array_length(changes) > 0)),
    constraint ended_iff_over CHECK (((ended_at IS NOT NULL) = (state = ANY (ARRAY['provisioned'::text, 'failed'::text, 'rejected'::text, 'cancelled'::text, 'withdrawn'::text])))),
    constraint nobody_approves_their_own CHECK (((NOT four_eyes) OR (state <> ALL (ARRAY['approved'::text, 'sending'::text, 'provisioned'::text, 'failed'::text])) OR (decided_by IS NULL) OR (NOT (decided_by = ANY (barred))))),
    constraint nothing_goes_out_undecided CHECK (((decided_at IS NOT NULL) OR (state = ANY (ARRAY['pending'::text, 'withdrawn'::text])))),
    constraint only_a_person_rejects CHECK (((state <> 'rejected'::text) OR (decided_by IS NOT NULL))),
    constraint what_goes_out_is_what_was_approved CHECK (((state <> ALL (ARRAY['approved'::text, 'sending'::text, 'provisioned'::text, 'failed'::text])) OR (decided_digest = digest))),
    constraint what_is_pending_has_no_decision CHECK (((state <> 'pending'::text) OR (decided_at IS NULL)))
);

create table administrators (
    id uuid not null,
    email text not null,
    name text not null,
    role text not null,
    password_hash text not null,
    created_at timestamp with time zone not null,
    disabled_at timestamp with time zone,
    constraint a_role_is_known CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'approver'::text, 'auditor'::text]))),
    constraint administrators_pkey PRIMARY KEY (id)
);

create table apps (
    id uuid not null,
    slug text not null,
    name text not null,
    connector text,
    base_url text,
    credential bytea,
    updates text not null default 'detect'::text,
    lookups text not null default 'detect'::text,
    deletes text not null default 'delete'::text,
    learnt_updates text,
    capabilities jsonb,
    verified_at timestamp with time zone,
    paused_at timestamp with time zone,
    paused_because text,
    provisioning boolean not null default false,
    approve_create boolean not null default true,
    approve_update boolean not null default true,
    approve_suspend boolean not null default true,
    approve_delete boolean not null default true,
    on_delete text not null default 'suspend'::text,
    on_suspend text not null default 'suspend'::text,
    four_eyes boolean not null default false,
    paused_by text,
    draining_at timestamp with time zone,
    resumed_at timestamp with time zone,
    undo_seconds integer not null default 0,
    send_anyway text[] not null default '{}'::text[],
    domains text[] not null default '{}'::text[],
    constraint a_connected_app_is_whole CHECK ((((connector IS NULL) = (base_url IS NULL)) AND ((connector IS NULL) = (credential IS NULL)))),
    constraint a_connector_is_known CHECK ((connector = ANY (ARRAY['scim'::text, 'acrobat-sign'::text]))),
    constraint a_delete_style_is_known CHECK ((deletes = ANY (ARRAY['delete'::text, 'deactivate'::text]))),
    constraint a_learnt_style_is_known CHECK ((learnt_updates = ANY (ARRAY['one-operation'::text, 'put'::text]))),
    constraint a_lookup_style_is_known CHECK ((lookups = ANY (ARRAY['detect'::text, 'filter'::text, 'list'::text]))),
    constraint a_pause_has_a_reason CHECK ((((paused_at IS NULL) = (paused_because IS NULL)) AND ((paused_at IS NULL) = (paused_by IS NULL)))),
    constraint an_approval_waits_ten_minutes_at_most CHECK (((undo_seconds >= 0) AND (undo_seconds <= 600))),
    constraint an_update_style_is_known CHECK ((updates = ANY (ARRAY['detect'::text, 'patch'::text, 'put'::text]))),
    constraint apps_pkey PRIMARY KEY (id),
    constraint apps_slug_key UNIQUE (slug),
    constraint only_a_connected_app_is_verified CHECK (((verified_at IS NULL) OR (connector IS NOT NULL))),
    constraint only_a_connected_app_provisions CHECK (((NOT provisioning) OR (connector IS NOT NULL))),
    constraint what_a_delete_does_is_known CHECK ((on_delete = ANY (ARRAY['delete'::text, 'suspend'::text, 'nothing'::text]))),
    constraint what_a_suspension_does_is_known CHECK ((on_suspend = ANY (ARRAY['suspend'::text, 'nothing'::text]))),
    constraint what_is_paused_does_not_drain CHECK (((paused_at IS NULL) OR (draining_at IS NULL))),
    constraint what_pauses_is_known CHECK ((paused_by = ANY (ARRAY['person'::text, 'refusal'::text, 'failures'::text])))
);

create table attempts (
    action_id uuid not null,
    number integer not null,
    started_at timestamp with time zone not null,
    finished_at timestamp with time zone,
    outcome text,
    says text,
    exchanges jsonb not null default '[]'::jsonb,
    app_id uuid not null,
    unwell boolean not null default false,
    constraint an_outcome_is_known CHECK ((outcome = ANY (ARRAY['provisioned'::text, 'adopted'::text, 'again'::text, 'failed'::text, 'drifted'::text]))),
    constraint attempts_action_id_fkey FOREIGN KEY (action_id) REFERENCES actions(id),
    constraint attempts_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
    constraint attempts_pkey PRIMARY KEY (action_id, number),
    constraint finished_iff_it_has_an_outcome CHECK (((finished_at IS NULL) = (outcome IS NULL)))
);

create table bursts (
    id bigint not null generated always as identity,
    source text not null,
    began_at timestamp with time zone not null,
    ended_at timestamp with time zone not null,
    actions bigint not null,
    constraint a_burst_ends_after_it_began CHECK ((ended_at >= began_at)),
    constraint bursts_pkey PRIMARY KEY (id),
    constraint bursts_source_fkey FOREIGN KEY (source) REFERENCES sources(slug)
);

create table events (
    seq bigint not null generated always as identity,
    id uuid not null,
    at timestamp with time zone not null,
    actor_kind text not null,
    actor_id uuid,
    verb text not null,
    action_id uuid,
    user_id uuid,
    app_id uuid,
    details jsonb,
    salt bytea,
    details_digest bytea not null,
    constraint an_actor_kind_is_known CHECK ((actor_kind = ANY (ARRAY['administrator'::text, 'token'::text, 'rule'::text, 'system'::text]))),
    constraint events_pkey PRIMARY KEY (id),
    constraint events_seq_key UNIQUE (seq),
    constraint what_is_erased_is_erased_whole CHECK (((details IS NULL) = (salt IS NULL)))
);

create table gates (
    name text not null,
    closed boolean not null default false,
    drains_to bigint,
    opens_at timestamp with time zone,
    rate integer,
    spent_until timestamp with time zone,
    constraint a_rate_lets_something_through CHECK ((rate > 0)),
    constraint gates_pkey PRIMARY KEY (name),
    constraint only_a_closed_gate_drains CHECK ((closed OR (drains_to IS NULL)))
);

create table groups (
    id uuid not null,
    source text not null,
    display_name text not null,
    external_id text,
    resource jsonb not null,
    version bigint not null default 1,
    created_at timestamp with time zone not null,
    updated_at timestamp with time zone not null,
    held boolean not null default false,
    constraint a_group_has_a_name CHECK ((display_name <> ''::text)),
    constraint groups_pkey PRIMARY KEY (id),
    constraint groups_source_fkey FOREIGN KEY (source) REFERENCES sources(slug)
);

create table import_rows (
    import_id uuid not null,
    place integer not null,
    line integer,
    cells jsonb,
    key text,
    verdict text,
    user_id uuid,
    changes jsonb not null default '[]'::jsonb,
    faults jsonb not null default '[]'::jsonb,
    outcome text,
    says text,
    constraint a_row_is_of_a_line_or_of_a_person CHECK ((((line IS NULL) = (cells IS NULL)) AND ((line IS NOT NULL) OR (user_id IS NOT NULL)))),
    constraint a_verdict_is_known CHECK ((verdict = ANY (ARRAY['create'::text, 'update'::text, 'suspend'::text, 'reactivate'::text, 'unchanged'::text, 'bad'::text]))),
    constraint an_outcome_is_known CHECK ((outcome = ANY (ARRAY['done'::text, 'already'::text, 'differs'::text, 'failed'::text]))),
    constraint import_rows_import_id_fkey FOREIGN KEY (import_id) REFERENCES imports(id) ON DELETE CASCADE,
    constraint import_rows_pkey PRIMARY KEY (import_id, place),
    constraint only_what_was_to_be_done_has_an_outcome CHECK (((outcome IS NULL) OR (verdict = ANY (ARRAY['create'::text, 'update'::text, 'suspend'::text, 'reactivate'::text]))))
);

create table imports (
    id uuid not null,
    name text not null,
    file_name text not null,
    state text not null,
    header jsonb not null,
    meanings jsonb not null,
    missing text not null default 'keep'::text,
    total integer not null,
    round integer not null default 1,
    reached integer not null default 0,
    preview jsonb not null default '{}'::jsonb,
    outcome jsonb not null default '{}'::jsonb,
    uploaded_at timestamp with time zone not null,
    uploaded_by text not null,
    applied_at timestamp with time zone,
    applied_by uuid,
    applied_by_name text,
    finished_at timestamp with time zone,
    says text,
    erased_at timestamp with time zone,
    constraint an_import_has_a_name CHECK ((name <> ''::text)),
    constraint an_import_state_is_known CHECK ((state = ANY (ARRAY['columns'::text, 'comparing'::text, 'ready'::text, 'applying'::text, 'stopped'::text, 'finished'::text]))),
    constraint imports_applied_by_fkey FOREIGN KEY (applied_by) REFERENCES administrators(id),
    constraint imports_pkey PRIMARY KEY (id),
    constraint only_what_is_over_has_an_end CHECK (((state = ANY (ARRAY['stopped'::text, 'finished'::text])) = (finished_at IS NOT NULL))),
    constraint what_becomes_of_the_missing_is_known CHECK ((missing = ANY (ARRAY['keep'::text, 'csv'::text, 'everybody'::text]))),
    constraint what_is_applied_is_applied_by_somebody CHECK ((((state = ANY (ARRAY['applying'::text, 'stopped'::text, 'finished'::text])) = (applied_by_name IS NOT NULL)) AND ((applied_at IS NULL) = (applied_by_name IS NULL))))
);

create table jobs (
    seq bigint not null generated always as identity,
    kind text not null,
    lane text,
    payload jsonb not null,
    attempts integer not null default 0,
    spent integer not null default 0,
    due_at timestamp with time zone,
    leased_until timestamp with time zone,
    says text,
    gate text not null,
    head boolean not null,
    constraint jobs_gate_fkey FOREIGN KEY (gate) REFERENCES gates(name),
    constraint jobs_pkey PRIMARY KEY (seq)
);

create table links (
    "position" bigint not null,
    event_seq bigint not null,
    hash bytea not null,
    constraint links_event_seq_fkey FOREIGN KEY (event_seq) REFERENCES events(seq),
    constraint links_event_seq_key UNIQUE (event_seq),
    constraint links_pkey PRIMARY KEY ("position")
);

create table members (
    group_id uuid not null,
    user_id uuid not null,
    constraint members_group_id_fkey FOREIGN KEY (group_id) REFERENCES groups(id) ON DELETE CASCADE,
    constraint members_pkey PRIMARY KEY (group_id, user_id),
    constraint members_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);

create table reason_rules (
    app_id uuid not null,
    kind text not null,
    required boolean not null,
    pattern text,
    says text,
    constraint a_reason_rule_is_of_a_kind CHECK ((kind = ANY (ARRAY['create'::text, 'update'::text, 'suspend'::text, 'reactivate'::text, 'delete'::text]))),
    constraint reason_rules_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
    constraint reason_rules_pattern_check CHECK ((pattern <> ''::text)),
    constraint reason_rules_pkey PRIMARY KEY (app_id, kind),
    constraint reason_rules_says_check CHECK ((says <> ''::text))
);

create table refusals (
    app_id uuid not null,
    user_id uuid not null,
    kind text not null,
    attribute text not null,
    wanted jsonb not null,
    action_id uuid,
    refused_at timestamp with time zone,
    constraint refusals_action_id_fkey FOREIGN KEY (action_id) REFERENCES actions(id),
    constraint refusals_app_id_user_id_fkey FOREIGN KEY (app_id, user_id) REFERENCES accounts(app_id, user_id),
    constraint refusals_pkey PRIMARY KEY (app_id, user_id, kind, attribute)
);

create table requests (
    seq bigint not null generated always as identity,
    source text not null,
    at timestamp with time zone not null,
    method text not null,
    path text not null,
    status smallint not null,
    duration_us integer not null,
    body jsonb,
    says text,
    caused jsonb not null default '[]'::jsonb,
    constraint requests_pkey PRIMARY KEY (seq),
    constraint requests_source_fkey FOREIGN KEY (source) REFERENCES sources(slug)
);

create table run_items (
    run_id uuid not null,
    place integer not null,
    action_id uuid not null,
    digest bytea not null,
    outcome text,
    says text,
    constraint an_item_is_decided_or_skipped CHECK ((outcome = ANY (ARRAY['decided'::text, 'skipped'::text]))),
    constraint run_items_action_id_fkey FOREIGN KEY (action_id) REFERENCES actions(id),
    constraint run_items_pkey PRIMARY KEY (run_id, place),
    constraint run_items_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs(id) ON DELETE CASCADE,
    constraint what_is_skipped_says_why CHECK (((NOT (outcome IS DISTINCT FROM 'skipped'::text)) = (says IS NOT NULL)))
);

create table runs (
    id uuid not null,
    verdict text not null,
    state text not null,
    administrator_id uuid not null,
    list text not null,
    reason text,
    total integer not null,
    reached integer not null default 0,
    decided integer not null default 0,
    skipped integer not null default 0,
    created_at timestamp with time zone not null,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    says text,
    constraint a_run_decides_something CHECK ((total > 0)),
    constraint a_run_ends_when_it_is_over CHECK (((ended_at IS NULL) = (state = ANY (ARRAY['drafted'::text, 'running'::text])))),
    constraint a_run_state_is_known CHECK ((state = ANY (ARRAY['drafted'::text, 'running'::text, 'finished'::text, 'stopped'::text]))),
    constraint a_verdict_is_known CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text]))),
    constraint only_a_draft_has_not_started CHECK (((started_at IS NULL) = (state = 'drafted'::text))),
    constraint runs_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrators(id),
    constraint runs_pkey PRIMARY KEY (id),
    constraint what_was_worked_was_decided_or_skipped CHECK ((((decided + skipped) = reached) AND (reached <= total))),
    constraint whoever_rejects_many_says_why CHECK (((verdict = 'approve'::text) OR (state = 'drafted'::text) OR (reason IS NOT NULL)))
);

create table sessions (
    id_hash bytea not null,
    administrator_id uuid,
    data jsonb not null,
    expires_at timestamp with time zone not null,
    constraint sessions_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrators(id),
    constraint sessions_pkey PRIMARY KEY (id_hash)
);

create table setup_links (
    token_hash bytea not null,
    created_at timestamp with time zone not null,
    constraint setup_links_pkey PRIMARY KEY (token_hash)
);

create table sign_in_failures (
    subject bytea not null,
    failures integer not null,
    since timestamp with time zone not null,
    constraint sign_in_failures_pkey PRIMARY KEY (subject)
);

create table sources (
    slug text not null,
    kind text not null,
    name text not null,
    provider text,
    created_at timestamp with time zone,
    constraint a_provider_is_known CHECK ((provider = ANY (ARRAY['okta'::text, 'entra'::text, 'onelogin'::text, 'authentik'::text, 'keycloak'::text, 'other'::text]))),
    constraint a_source_kind_is_known CHECK ((kind = ANY (ARRAY['console'::text, 'api'::text, 'csv'::text, 'scim'::text]))),
    constraint only_a_scim_source_has_a_provider CHECK (((kind = 'scim'::text) = (provider IS NOT NULL))),
    constraint sources_pkey PRIMARY KEY (slug),
    constraint what_was_added_was_added_some_time CHECK (((kind <> 'scim'::text) OR (created_at IS NOT NULL)))
);

create table tokens (
    id uuid not null,
    name text not null,
    scope text not null,
    role text,
    hash bytea not null,
    created_by uuid,
    created_at timestamp with time zone not null,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    source text,
    expires_at timestamp with time zone,
    constraint a_scope_is_known CHECK ((scope = ANY (ARRAY['scim'::text, 'api'::text]))),
    constraint a_token_role_is_known CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'approver'::text, 'auditor'::text]))),
    constraint only_a_scim_token_is_of_a_source CHECK (((scope = 'scim'::text) = (source IS NOT NULL))),
    constraint only_an_api_token_has_a_role CHECK (((scope = 'api'::text) = (role IS NOT NULL))),
    constraint tokens_created_by_fkey FOREIGN KEY (created_by) REFERENCES administrators(id),
    constraint tokens_hash_key UNIQUE (hash),
    constraint tokens_pkey PRIMARY KEY (id),
    constraint tokens_source_fkey FOREIGN KEY (source) REFERENCES sources(slug)
);

create table unsealed (
    event_seq bigint not null,
    constraint unsealed_event_seq_fkey FOREIGN KEY (event_seq) REFERENCES events(seq),
    constraint unsealed_pkey PRIMARY KEY (event_seq)
);

create table users (
    id uuid not null,
    source text not null,
    user_name text not null,
    given_name text,
    family_name text,
    display_name text,
    email text,
    title text,
    department text,
    phone text,
    active boolean not null,
    created_at timestamp with time zone not null,
    updated_at timestamp with time zone not null,
    deleted_at timestamp with time zone,
    sort_name text not null generated always as (lower(COALESCE(display_name, NULLIF(TRIM(BOTH FROM ((COALESCE(given_name, ''::text) || ' '::text) || COALESCE(family_name, ''::text))), ''::text), user_name))) stored,
    search text not null generated always as (lower(((((((((user_name || ' '::text) || COALESCE(email, ''::text)) || ' '::text) || COALESCE(display_name, ''::text)) || ' '::text) || COALESCE(given_name, ''::text)) || ' '::text) || COALESCE(family_name, ''::text)))) stored,
    resource jsonb not null default '{}'::jsonb,
    external_id text,
    external_source text,
    version bigint not null default 1,
    constraint a_user_name_is_not_empty CHECK ((user_name <> ''::text)),
    constraint an_external_id_is_of_a_source CHECK (((external_id IS NULL) = (external_source IS NULL))),
    constraint users_external_source_fkey FOREIGN KEY (external_source) REFERENCES sources(slug),
    constraint users_pkey PRIMARY KEY (id),
    constraint users_source_fkey FOREIGN KEY (source) REFERENCES sources(slug)
);

create table views (
    id uuid not null,
    administrator_id uuid not null,
    name text not null,
    query text not null,
    shared boolean not null,
    created_at timestamp with time zone not null,
    constraint views_administrator_id_fkey FOREIGN KEY (administrator_id) REFERENCES administrators(id),
    constraint views_pkey PRIMARY KEY (id),
    constraint views_query_check CHECK ((length(query) <= 2000))
);

CREATE UNIQUE INDEX accounts_remote ON public.accounts USING btree (app_id, remote_id) WHERE (remote_id IS NOT NULL);

CREATE INDEX accounts_user ON public.accounts USING btree (user_id);

CREATE INDEX actions_account ON public.actions USING btree (user_id, app_id, number);

CREATE INDEX actions_by_age ON public.actions USING btree (created_at, id);

CREATE INDEX actions_by_decider ON public.actions USING btree (decided_by, created_at, id) WHERE (decided_by IS NOT NULL);

CREATE INDEX actions_by_kind ON public.actions USING btree (tab, kind, created_at, id) INCLUDE (source, user_id) WHERE (tab = ANY (ARRAY['pending'::text, 'failed'::text]));

CREATE INDEX actions_by_person ON public.actions USING btree (tab, person, id) WHERE (tab = ANY (ARRAY['pending'::text, 'failed'::text]));

CREATE INDEX actions_by_source ON public.actions USING btree (tab, source, created_at, id) INCLUDE (kind, user_id);

CREATE INDEX actions_by_tab ON public.actions USING btree (tab, created_at, id);

CREATE INDEX actions_decided_by_people ON public.actions USING btree (decided_at) INCLUDE (created_at) WHERE (decided_by IS NOT NULL);

CREATE INDEX actions_hinted ON public.actions USING gin (hints) WHERE (hints <> '{}'::text[]);

CREATE UNIQUE INDEX administrators_email ON public.administrators USING btree (lower(email));

CREATE INDEX attempts_failed ON public.attempts USING btree (finished_at) WHERE (outcome = 'failed'::text);

CREATE INDEX attempts_of_app ON public.attempts USING btree (app_id, finished_at DESC) WHERE (finished_at IS NOT NULL);

CREATE INDEX bursts_of_source ON public.bursts USING btree (source, ended_at DESC);

CREATE INDEX events_action ON public.events USING btree (action_id, seq) WHERE (action_id IS NOT NULL);

CREATE INDEX events_decisions ON public.events USING btree (verb, actor_kind, at) WHERE (verb = ANY (ARRAY['action.approved'::text, 'action.rejected'::text]));

CREATE INDEX events_user ON public.events USING btree (user_id, seq) WHERE (user_id IS NOT NULL);

CREATE INDEX events_verb ON public.events USING btree (verb, seq);

CREATE UNIQUE INDEX groups_display_name ON public.groups USING btree (source, lower(display_name));

CREATE UNIQUE INDEX groups_external_id ON public.groups USING btree (source, external_id) WHERE (external_id IS NOT NULL);

CREATE INDEX import_rows_key ON public.import_rows USING btree (import_id, key);

CREATE INDEX import_rows_undone ON public.import_rows USING btree (import_id, place) WHERE (outcome = ANY (ARRAY['differs'::text, 'failed'::text]));

CREATE INDEX import_rows_verdict ON public.import_rows USING btree (import_id, verdict, place);

CREATE INDEX imports_unerased ON public.imports USING btree (uploaded_at) WHERE (erased_at IS NULL);

CREATE INDEX imports_uploaded ON public.imports USING btree (uploaded_at DESC, id DESC);

CREATE INDEX jobs_lane ON public.jobs USING btree (lane, seq) WHERE (lane IS NOT NULL);

CREATE INDEX jobs_ready ON public.jobs USING btree (gate, due_at, seq) WHERE head;

CREATE INDEX members_user ON public.members USING btree (user_id);

CREATE UNIQUE INDEX one_job_of_a_lane_is_first ON public.jobs USING btree (lane) WHERE (head AND (lane IS NOT NULL));

CREATE INDEX requests_refused ON public.requests USING btree (source, at DESC, seq DESC) WHERE (status >= 400);

CREATE INDEX requests_source ON public.requests USING btree (source, at DESC, seq DESC);

CREATE INDEX run_items_skipped ON public.run_items USING btree (run_id, place) WHERE (outcome = 'skipped'::text);

CREATE INDEX runs_under_way ON public.runs USING btree (created_at) WHERE (state = ANY (ARRAY['drafted'::text, 'running'::text]));

CREATE INDEX sessions_administrator ON public.sessions USING btree (administrator_id);

CREATE INDEX sessions_expires ON public.sessions USING btree (expires_at);

CREATE INDEX tokens_source ON public.tokens USING btree (source) WHERE (source IS NOT NULL);

CREATE INDEX users_by_local_part ON public.users USING btree (lower(split_part(email, '@'::text, 1))) WHERE ((deleted_at IS NULL) AND (email IS NOT NULL));

CREATE INDEX users_by_name ON public.users USING btree (sort_name, id) WHERE (deleted_at IS NULL);

CREATE INDEX users_email ON public.users USING btree (lower(email)) WHERE (deleted_at IS NULL);

CREATE INDEX users_emails ON public.users USING gin (((lower((jsonb_path_query_array(resource, '$."emails"[*]."value"'::jsonpath))::text))::jsonb)) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX users_external_id ON public.users USING btree (external_source, external_id) WHERE ((external_id IS NOT NULL) AND (deleted_at IS NULL));

CREATE INDEX users_gone ON public.users USING btree (lower(user_name)) WHERE (deleted_at IS NOT NULL);

CREATE INDEX users_search ON public.users USING gin (search gin_trgm_ops);

CREATE UNIQUE INDEX users_user_name ON public.users USING btree (lower(user_name)) WHERE (deleted_at IS NULL);

CREATE UNIQUE INDEX views_by_name ON public.views USING btree (administrator_id, lower(name));

CREATE INDEX views_shared ON public.views USING btree (lower(name)) WHERE shared;

CREATE OR REPLACE FUNCTION public.refuse_all_but_erasure()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
    raise exception '% is append-only', tg_table_name;
end $function$
;

CREATE TRIGGER events_are_append_only BEFORE UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION refuse_all_but_erasure();

CREATE TRIGGER events_are_never_deleted BEFORE DELETE OR TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER links_are_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.links FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
