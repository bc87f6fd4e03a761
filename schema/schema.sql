-- The sum of the migrations, generated: change a migration, then `make generate`.

CREATE FUNCTION public.append(_tenant uuid[], _command text[], _fingerprint bytea[], _answer bytea[], _before integer[], _after integer[], _w_command integer[], _w_stream uuid[], _w_project uuid[], _w_expected bigint[], _w_ahead integer[], _w_before integer[], _w_parent uuid[], _w_opens boolean[], _e_write integer[], _e_id uuid[], _e_type text[], _e_schema integer[], _e_payload bytea[], _e_envelope bytea[], OUT base bigint, OUT status integer[], OUT first bigint[], OUT last bigint[], OUT actual bigint[], OUT write integer[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.append_walk(_base bigint, _tenant uuid[], _command text[], _before integer[], _events integer, _w_command integer[], _w_stream uuid[], _w_project uuid[], _w_expected bigint[], _w_before integer[], _w_parent uuid[], _w_opens boolean[], _after integer[], OUT status integer[], OUT first bigint[], OUT last bigint[], OUT actual bigint[], OUT write integer[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.lineage(_stream uuid) RETURNS TABLE(stream uuid, after bigint, upto bigint)
    LANGUAGE sql STABLE
    AS $$
    with recursive path as (
        select s.stream, s.parent, s.forked_at, 9223372036854775807 as upto
          from stream s where s.stream = _stream
        union all
        select p.stream, p.parent, p.forked_at, least(path.upto, path.forked_at)
          from path join stream p on p.stream = path.parent
    )
    select stream, forked_at, upto from path where upto > forked_at
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'the log is append-only: % on % is refused', tg_op, tg_table_name;
end $$;

CREATE FUNCTION public.stream_version(_stream uuid) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    select coalesce((select e.version from event e where e.stream = s.stream
                      order by e.version desc limit 1), s.forked_at)
      from stream s where s.stream = _stream
$$;

CREATE TABLE public.call (
    call uuid NOT NULL,
    job uuid NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    estimated_cost numeric(10,4) NOT NULL,
    state text DEFAULT 'started'::text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT call_state_check CHECK ((state = ANY (ARRAY['started'::text, 'done'::text, 'failed'::text, 'unknown'::text])))
);

CREATE TABLE public.checkpoint (
    model text NOT NULL,
    shadow boolean DEFAULT false NOT NULL,
    "position" bigint NOT NULL,
    parked text
);

CREATE TABLE public.command (
    tenant uuid NOT NULL,
    command_id text NOT NULL,
    fingerprint bytea NOT NULL,
    answer bytea NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.consumer (
    consumer text NOT NULL,
    epoch integer NOT NULL,
    "position" bigint NOT NULL
);

CREATE TABLE public.document (
    model text NOT NULL,
    scope uuid NOT NULL,
    key text NOT NULL,
    shadow boolean DEFAULT false NOT NULL,
    body bytea NOT NULL
);

CREATE TABLE public.event (
    "position" bigint NOT NULL,
    event_id uuid NOT NULL,
    tenant uuid NOT NULL,
    project uuid,
    stream uuid NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    schema integer NOT NULL,
    payload bytea NOT NULL,
    envelope bytea NOT NULL,
    hash bytea NOT NULL
);

CREATE VIEW public.event_json AS
 SELECT "position",
    event_id,
    tenant,
    project,
    stream,
    version,
    type,
    schema,
    (convert_from(payload, 'UTF8'::name))::jsonb AS payload,
    (convert_from(envelope, 'UTF8'::name))::jsonb AS envelope,
    encode(hash, 'hex'::text) AS hash
   FROM public.event;

CREATE TABLE public.head (
    one boolean DEFAULT true NOT NULL,
    log_id uuid DEFAULT gen_random_uuid() NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    CONSTRAINT head_one_check CHECK (one)
);

CREATE TABLE public.job (
    job uuid NOT NULL,
    tenant uuid NOT NULL,
    project uuid NOT NULL,
    branch uuid NOT NULL,
    batch uuid,
    request bytea NOT NULL,
    state text DEFAULT 'ready'::text NOT NULL,
    lease_until timestamp with time zone,
    fence bigint DEFAULT 0 NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    run_after timestamp with time zone DEFAULT now() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT job_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'done'::text])))
);

CREATE TABLE public.migration (
    name text NOT NULL,
    digest bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.progress (
    model text NOT NULL,
    scope uuid NOT NULL,
    shadow boolean DEFAULT false NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE public.snapshot (
    stream uuid NOT NULL,
    version bigint NOT NULL,
    format text NOT NULL,
    state bytea NOT NULL
);

CREATE TABLE public.stream (
    stream uuid NOT NULL,
    tenant uuid NOT NULL,
    project uuid,
    parent uuid,
    forked_at bigint NOT NULL
);

ALTER TABLE ONLY public.call
    ADD CONSTRAINT call_pkey PRIMARY KEY (call);

ALTER TABLE ONLY public.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (model, shadow);

ALTER TABLE ONLY public.command
    ADD CONSTRAINT command_pkey PRIMARY KEY (tenant, command_id);

ALTER TABLE ONLY public.consumer
    ADD CONSTRAINT consumer_pkey PRIMARY KEY (consumer);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (model, scope, key, shadow);

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.event
    ADD CONSTRAINT event_stream_version UNIQUE (stream, version);

ALTER TABLE ONLY public.head
    ADD CONSTRAINT head_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (job);

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_pkey PRIMARY KEY (model, scope, shadow);

ALTER TABLE ONLY public.snapshot
    ADD CONSTRAINT snapshot_pkey PRIMARY KEY (stream);

ALTER TABLE ONLY public.stream
    ADD CONSTRAINT stream_pkey PRIMARY KEY (stream);

CREATE INDEX call_job ON public.call USING btree (job);

CREATE INDEX call_open ON public.call USING btree (started_at) WHERE (state = 'started'::text);

CREATE INDEX event_project_position ON public.event USING btree (project, "position");

CREATE INDEX job_ready ON public.job USING btree (run_after) WHERE (state = 'ready'::text);

CREATE TRIGGER event_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.call
    ADD CONSTRAINT call_job_fkey FOREIGN KEY (job) REFERENCES public.job(job);

ALTER TABLE ONLY public.stream
    ADD CONSTRAINT stream_parent_fkey FOREIGN KEY (parent) REFERENCES public.stream(stream);
