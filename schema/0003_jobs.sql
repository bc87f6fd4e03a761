-- Jobs and the paid calls that they make. The clock is the server's: leases end by now().

create table job (
    job uuid primary key,
    tenant uuid not null,
    project uuid not null,
    branch uuid not null,
    batch uuid,
    request bytea not null,
    state text not null default 'ready' check (state in ('ready', 'done')),
    lease_until timestamptz,
    fence bigint not null default 0,
    tries integer not null default 0,
    run_after timestamptz not null default now(),
    created_at timestamptz not null default now()
);
create index job_ready on job (run_after) where state = 'ready';

create table call (
    call uuid primary key,
    job uuid not null references job,
    provider text not null,
    model text not null,
    estimated_cost numeric(10, 4) not null,
    state text not null default 'started' check (state in ('started', 'done', 'failed', 'unknown')),
    started_at timestamptz not null default now()
);
create index call_job on call (job);
create index call_open on call (started_at) where state = 'started';

-- Consumers of the log other than the read models: the relay to the bus, the jobs.
create table consumer (
    consumer text primary key,
    epoch integer not null,
    position bigint not null
);
