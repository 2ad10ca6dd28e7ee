-- Identity providers look people up by any of their addresses, in any case.
create index users_emails on users
    using gin ((lower(jsonb_path_query_array(resource, '$.emails[*].value')::text)::jsonb))
    where deleted_at is null;
