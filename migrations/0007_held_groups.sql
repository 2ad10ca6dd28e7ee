-- Changes of people in a held group wait for approval, whatever the check boxes say.
alter table groups add column held boolean not null default false;
