-- Read models: documents by model, scope (the branch, project or workspace) and key.
-- `shadow` rows belong to a rebuild that has not been swapped in yet.

create table document (
    model text not null,
    scope uuid not null,
    key text not null,
    shadow boolean not null default false,
    body bytea not null,
    primary key (model, scope, key, shadow)
);

-- How far each read model has come: in the log, and in each scope that it holds.
create table checkpoint (
    model text not null,
    shadow boolean not null default false,
    position bigint not null,
    parked text,
    primary key (model, shadow)
);

create table progress (
    model text not null,
    scope uuid not null,
    shadow boolean not null default false,
    version bigint not null,
    primary key (model, scope, shadow)
);
