-- What a change that was given up may have left in an account, of which nobody heard how it ended: attribute →
-- value, until the app next tells.

alter table accounts add column unheard jsonb not null default '{}';
