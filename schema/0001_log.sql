-- The event log: one table, one append function, one lock held to commit.

create table head (
    one boolean primary key default true check (one),
    log_id uuid not null default gen_random_uuid(),
    epoch integer not null default 1
);
insert into head default values;

-- Written once: how far a stream has come is seen from its events.
create table stream (
    stream uuid primary key,
    tenant uuid not null,
    project uuid,
    parent uuid references stream,
    forked_at bigint not null
);

create table event (
    position bigint primary key,
    event_id uuid not null,
    tenant uuid not null,
    project uuid,
    stream uuid not null,
    version bigint not null,
    type text not null,
    schema integer not null,
    payload bytea not null,
    envelope bytea not null,
    hash bytea not null,
    constraint event_stream_version unique (stream, version)
);
create index event_project_position on event (project, position);

create table command (
    tenant uuid not null,
    command_id text not null,
    fingerprint bytea not null,
    answer bytea not null,
    first_position bigint not null,
    last_position bigint not null,
    recorded_at timestamptz not null default now(),
    primary key (tenant, command_id)
);

create table snapshot (
    stream uuid primary key,
    version bigint not null,
    format text not null,
    state bytea not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name;
end $$;
create trigger event_is_append_only before update or delete or truncate on event
    for each statement execute function refuse_change();

-- The version of a stream: its last event's, else its fork. Null where there is no such stream.
create function stream_version(_stream uuid) returns bigint language sql stable as $$
    select coalesce((select e.version from event e where e.stream = s.stream
                      order by e.version desc limit 1), s.forked_at)
      from stream s where s.stream = _stream
$$;

-- Appends a batch of commands in one transaction that does nothing else (S1-S3).
--
-- Per command `status` answers 0 appended, 1 known already, 2 conflict; `first` and `last` are
-- the positions of its events, `actual` the version that a conflict met (-1: no such stream) and
-- `write` which of the batch's writes met it.
-- A command that is known or in conflict fails alone. The writes of one command happen all or
-- none. Positions are dense because the lock is held until the commit is visible.
-- `_after` is the number of the command in the batch upon which one was decided, 0 for none: it
-- comes to be only if that one does. `_before` counts the batch's events before a command's or a
-- write's own, `_w_ahead` those of them that go to the same stream. Where every command fits, which
-- is nearly always, `status` is null and `base` is the position before the batch. Columns that say
-- nothing (`_after`, `_w_ahead`, `_w_parent`, `_w_opens`) come empty.
create function append(
    _tenant uuid[], _command text[], _fingerprint bytea[], _answer bytea[], _before integer[],
    _after integer[],
    _w_command integer[], _w_stream uuid[], _w_project uuid[], _w_expected bigint[],
    _w_ahead integer[], _w_before integer[], _w_parent uuid[], _w_opens boolean[],
    _e_write integer[], _e_id uuid[], _e_type text[], _e_schema integer[], _e_payload bytea[],
    _e_envelope bytea[],
    out base bigint, out status integer[], out first bigint[], out last bigint[],
    out actual bigint[], out write integer[]
) language plpgsql as $$
declare
    link bytea;
    at bigint;
    fits boolean := cardinality(_w_opens) = 0;
    digests bytea[];
    hashes bytea[] := '{}';
begin
    perform pg_advisory_xact_lock(7235741866125);
    select coalesce(h.position, 0), coalesce(h.hash, sha256('')), fits
           and not exists (
                   select from unnest(_tenant, _command) as i(tenant, command_id)
                     join command using (tenant, command_id))
           and not exists (
                   select from unnest(_w_stream, _w_expected, _w_ahead)
                            as w(stream, expected, ahead)
                    where coalesce(
                              (select e.version from event e where e.stream = w.stream
                                order by e.version desc limit 1),
                              (select s.forked_at from stream s where s.stream = w.stream))
                          + coalesce(w.ahead, 0) = w.expected is not true)
      into base, link, fits
      from (select) one
      left join (select position, hash from event order by position desc limit 1) h on true;
    if not fits then
        select r.status, r.first, r.last, r.actual, r.write
          into status, first, last, actual, write
          from append_walk(base, _tenant, _command, _before, cardinality(_e_id), _w_command,
                           _w_stream, _w_project, _w_expected, _w_before, _w_parent,
                           _w_opens, _after) r;
    end if;

    -- What the chain covers of a row besides its place and its predecessor. (Written out here:
    -- a function of its own would not be inlined, and costs more than all the rest.)
    select array_agg(sha256(
               uuid_send(e.id) || uuid_send(_tenant[_w_command[e.w]])
               || uuid_send(coalesce(_w_project[e.w], '00000000-0000-0000-0000-000000000000'))
               || uuid_send(_w_stream[e.w])
               || int8send(_w_expected[e.w] + e.ord - _w_before[e.w]) || int4send(e.schema)
               || int4send(octet_length(e.type)) || convert_to(e.type, 'UTF8')
               || int4send(octet_length(e.payload)) || e.payload || e.envelope))
      into digests
      from unnest(_e_write, _e_id, _e_type, _e_schema, _e_payload, _e_envelope)
           with ordinality as e(w, id, type, schema, payload, envelope, ord);
    at := base;
    for n in 1..coalesce(cardinality(digests), 0) loop
        if fits or status[_w_command[_e_write[n]]] = 0 then
            at := at + 1;
            link := sha256(link || int8send(at) || digests[n]);
        end if;
        hashes := hashes || link;
    end loop;

    insert into event
    select case when fits then base + e.ord
                else first[_w_command[e.w]] + e.ord - 1 - _before[_w_command[e.w]] end,
           e.id, _tenant[_w_command[e.w]], _w_project[e.w], _w_stream[e.w],
           _w_expected[e.w] + e.ord - _w_before[e.w], e.type, e.schema, e.payload, e.envelope,
           hashes[e.ord]
      from unnest(_e_write, _e_id, _e_type, _e_schema, _e_payload, _e_envelope)
           with ordinality as e(w, id, type, schema, payload, envelope, ord)
     where fits or status[_w_command[e.w]] = 0;

    insert into command (tenant, command_id, fingerprint, answer, first_position, last_position)
    select c.tenant, c.id, c.fingerprint, c.answer,
           case when fits then base + c.before + 1 else first[c.ord] end,
           case when fits then base + coalesce(_before[c.ord + 1], cardinality(_e_id))
                else last[c.ord] end
      from unnest(_tenant, _command, _fingerprint, _answer, _before)
           with ordinality as c(tenant, id, fingerprint, answer, before, ord)
     where fits or status[c.ord] = 0;
    perform pg_notify('aiuteur_log', at::text);
end $$;

-- The slow way through a batch: command by command, each seeing what the ones before it did.
create function append_walk(
    _base bigint, _tenant uuid[], _command text[], _before integer[], _events integer,
    _w_command integer[], _w_stream uuid[], _w_project uuid[], _w_expected bigint[],
    _w_before integer[], _w_parent uuid[], _w_opens boolean[], _after integer[],
    out status integer[], out first bigint[], out last bigint[], out actual bigint[],
    out write integer[]
) language plpgsql as $$
declare
    n constant integer := cardinality(_command);
    m constant integer := cardinality(_w_command);
    streams uuid[];
    versions bigint[];
    at bigint := _base;
    met bigint;
    fork_head bigint;
    own integer;
    j integer := 1;
    k integer := 1;
    i integer;
begin
    first := array_fill(0::bigint, array[n]);
    last := array_fill(0::bigint, array[n]);
    actual := array_fill(0::bigint, array[n]);
    write := array_fill(0, array[n]);
    select array_agg((k.command_id is not null)::integer order by i.ord) into status
      from unnest(_tenant, _command) with ordinality as i(tenant, command_id, ord)
      left join command k using (tenant, command_id);
    select coalesce(array_agg(s.stream), '{}'), coalesce(array_agg(stream_version(s.stream)), '{}')
      into streams, versions
      from stream s where s.stream = any (_w_stream || _w_parent);

    for c in 1..n loop
        -- It was decided as if that one had come to be; the version alone would not tell.
        if status[c] = 0 and coalesce(_after[c], 0) > 0 and status[_after[c]] <> 0 then
            status[c] := 2;
            actual[c] := -1;
            write[c] := j;
        end if;
        while j <= m and _w_command[j] = c loop
            i := array_position(streams, _w_stream[j]);
            met := coalesce(versions[i], -1);
            if not coalesce(_w_opens[j], false) then
                if met <> _w_expected[j] and status[c] = 0 then
                    status[c] := 2;
                    actual[c] := met;
                    write[c] := j;
                end if;
            else
                fork_head := 0;
                if _w_parent[j] is not null then
                    fork_head := coalesce(versions[array_position(streams, _w_parent[j])], -1);
                end if;
                if (i is not null or _w_expected[j] > fork_head) and status[c] = 0 then
                    status[c] := 2;
                    actual[c] := met;
                    write[c] := j;
                end if;
            end if;
            j := j + 1;
        end loop;
        first[c] := at + 1;
        while k <= m and _w_command[k] = c loop
            if status[c] = 0 then
                if coalesce(_w_opens[k], false) then
                    insert into stream values
                        (_w_stream[k], _tenant[c], _w_project[k], _w_parent[k], _w_expected[k]);
                    streams := streams || _w_stream[k];
                    versions := versions || _w_expected[k];
                end if;
                i := array_position(streams, _w_stream[k]);
                own := coalesce(_w_before[k + 1], _events) - _w_before[k];
                versions[i] := versions[i] + own;
                at := at + own;
            end if;
            k := k + 1;
        end loop;
        last[c] := at;
    end loop;
end $$;

-- The segments of a stream's history: itself and its ancestors, each cut at the smallest fork
-- on the path. A child's versions go on after its fork, so the segments never overlap.
create function lineage(_stream uuid)
returns table (stream uuid, after bigint, upto bigint) language sql stable as $$
    with recursive path as (
        select s.stream, s.parent, s.forked_at, 9223372036854775807 as upto
          from stream s where s.stream = _stream
        union all
        select p.stream, p.parent, p.forked_at, least(path.upto, path.forked_at)
          from path join stream p on p.stream = path.parent
    )
    select stream, forked_at, upto from path where upto > forked_at
$$;

-- For people: the log with its bytes shown as JSON.
create view event_json as
select position, event_id, tenant, project, stream, version, type, schema,
       convert_from(payload, 'UTF8')::jsonb as payload,
       convert_from(envelope, 'UTF8')::jsonb as envelope,
       encode(hash, 'hex') as hash
  from event;
